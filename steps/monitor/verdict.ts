/**
 * The judgement over all that was measured: ok, warn or alert, and why. Unaware of how the measures
 * came about and of files.
 */
import { percent } from '../sdk/markdown.ts';
import { type ClassDrift, type FeatureDrift, type Level, worst } from './drift.ts';

export type Performance = {
  readonly rows: number;
  readonly accuracy: number;
  /** 95 % interval of it. */
  readonly low: number;
  readonly high: number;
  /** What was to be expected, and where that is from. */
  readonly expected: number;
  readonly basis: 'validation' | 'reference';
};

export type Observation = {
  readonly rows: { readonly reference: number; readonly window: number };
  readonly features: readonly FeatureDrift[];
  readonly answers: ClassDrift;
  /** Where both sides have labels. */
  readonly labels: ClassDrift | undefined;
  readonly performance: Performance | undefined;
  /** Rows of the window that the model could not be asked about, for want of a value. */
  readonly unasked: number;
};

export type Rules = {
  readonly minRows: number;
  /** From this share of the features on, their alerts are an alert of the whole. */
  readonly alertShare: number;
  readonly accuracyDrop: number;
};

export type Verdict = {
  readonly verdict: Level;
  readonly retrain: boolean;
  readonly reasons: readonly string[];
};

type Finding = { readonly level: Level; readonly reason: string };

const MOST_NAMED = 5;

export function judge(observation: Observation, rules: Rules): Verdict {
  const findings = [
    ...fewRows(observation, rules),
    ...featureFindings(observation, rules),
    ...classFinding('the model’s answers', observation.answers),
    ...(observation.labels === undefined ? [] : classFinding('the labels', observation.labels)),
    ...performanceFinding(observation, rules),
  ];
  const verdict = worst(findings.map(({ level }) => level));
  return {
    verdict,
    retrain: verdict === 'alert',
    reasons: findings.map(({ level, reason }) => `${level}: ${reason}`),
  };
}

function fewRows({ rows }: Observation, { minRows }: Rules): readonly Finding[] {
  if (rows.window >= minRows) return [];
  const reason = `the window has ${rows.window} rows, and below ${minRows} nothing can be said`;
  return [{ level: 'warn', reason }];
}

function featureFindings({ features }: Observation, { alertShare }: Rules): readonly Finding[] {
  const moved = features.filter(({ level }) => level !== 'ok');
  if (moved.length === 0) return [];
  const alerts = moved.filter(({ level }) => level === 'alert').length;
  const names = moved
    .toSorted((a, b) => b.psi - a.psi)
    .slice(0, MOST_NAMED)
    .map(({ name, psi, ks }) => `\`${name}\` (PSI ${psi.toFixed(2)}, KS ${ks.toFixed(2)})`);
  const more = moved.length > names.length ? ` and ${moved.length - names.length} more` : '';
  return [
    {
      level: alerts > 0 && alerts >= alertShare * features.length ? 'alert' : 'warn',
      reason: `${moved.length} of ${features.length} features have moved: ${names.join(', ')}${more}`,
    },
  ];
}

function classFinding(what: string, { level, psi }: ClassDrift): readonly Finding[] {
  if (level === 'ok') return [];
  return [{ level, reason: `the distribution of ${what} has moved (PSI ${psi.toFixed(2)})` }];
}

/** Sure of a drop: alert. A drop that may be chance: warn. */
function performanceFinding(
  { performance }: Observation,
  { accuracyDrop }: Rules,
): readonly Finding[] {
  if (performance === undefined) return [];
  const { accuracy, low, high, expected, basis, rows } = performance;
  const least = expected - accuracyDrop;
  if (accuracy >= least) return [];
  const from = basis === 'validation' ? 'in validation' : 'on the reference';
  return [
    {
      level: high < least ? 'alert' : 'warn',
      reason: `${percent(accuracy)} of ${rows} labelled rows are answered rightly (95 % interval ${percent(low)} to ${percent(high)}); it was ${percent(expected)} ${from}`,
    },
  ];
}

/**
 * What the monitor found, in words and tables for a person, and as numbers. Unaware of files.
 */
import { markdownPage, markdownTable, markdownText, percent } from '../sdk/markdown.ts';
import { type ClassDrift, type FeatureDrift, TESTS, type Thresholds } from './drift.ts';
import type { Observation, Rules, Verdict } from './verdict.ts';

export type ReportFacts = {
  readonly name: string;
  readonly version: number;
  /** The model's classes. */
  readonly classes: readonly string[];
  readonly observation: Observation;
  readonly verdict: Verdict;
  readonly thresholds: Thresholds;
  readonly rules: Rules;
};

const MOST_FEATURES = 20;

export function monitorReport(facts: ReportFacts): string {
  const { observation, verdict, name, version } = facts;
  const { rows, unasked } = observation;
  return markdownPage([
    `# Monitor: ${verdict.verdict}`,
    `Version ${version} of the deployment ${markdownText(name)}; ${rows.window} rows against ${rows.reference} of the reference. ${verdict.retrain ? '**The model should be trained again.**' : 'No reason to train again.'}`,
    verdict.reasons.length === 0
      ? 'Nothing has moved further than chance and the thresholds allow.'
      : verdict.reasons.map(reason => `- ${reason}`).join('\n'),
    ...(unasked > 0
      ? [`${unasked} rows of the window lack a value, and the model was not asked about them.`]
      : []),
    '## Features',
    featureTable(observation.features),
    '## Answers',
    classTable(observation.answers, facts.classes),
    '## Performance',
    performanceText(observation),
    '## How it is judged',
    method(facts),
  ]);
}

function featureTable(features: readonly FeatureDrift[]): string {
  const rank = ({ level }: FeatureDrift) => ['alert', 'warn', 'ok'].indexOf(level);
  const shown = features
    .toSorted((a, b) => rank(a) - rank(b) || b.psi - a.psi)
    .slice(0, MOST_FEATURES);
  const table = markdownTable(
    [
      'Feature',
      'Level',
      'PSI',
      'p',
      'KS',
      'p',
      'Mean before',
      'Mean now',
      'Missing before',
      'Missing now',
    ],
    shown.map(({ name, level, psi, psiP, ks, ksP, mean, missing }) => [
      name,
      level,
      psi.toFixed(3),
      probability(psiP),
      ks.toFixed(3),
      probability(ksP),
      mean.reference.toPrecision(4),
      mean.window.toPrecision(4),
      percent(missing.reference),
      percent(missing.window),
    ]),
  );
  const rest = features.length - shown.length;
  return rest > 0 ? `${table}\n\n${rest} more moved less.` : table;
}

const classTable = ({ psi, p, shares }: ClassDrift, classes: readonly string[]): string =>
  `PSI ${psi.toFixed(3)} (p ${probability(p)})\n\n${markdownTable(
    ['Class', 'Before', 'Now'],
    classes.map((label, index) => [
      label,
      percent(shares.reference[index] ?? 0),
      percent(shares.window[index] ?? 0),
    ]),
  )}`;

function performanceText({ performance }: Observation): string {
  if (performance === undefined) return 'Not measured: the window has no labels.';
  const { rows, accuracy, low, high, expected, basis } = performance;
  const from = basis === 'validation' ? 'validation' : 'the reference';
  return `${percent(accuracy)} of ${rows} labelled rows are answered rightly (95 % interval ${percent(low)} to ${percent(high)}); expected from ${from}: ${percent(expected)}.`;
}

function method({ thresholds, rules, observation }: ReportFacts): string {
  const { psiWarn, psiAlert, ksWarn, ksAlert, significance, bins } = thresholds;
  const each = significance / (TESTS * Math.max(1, observation.features.length));
  return [
    `- A feature has moved when its population stability index (over at most ${bins} bins of the reference) reaches ${psiWarn} (warn) or ${psiAlert} (alert), or its Kolmogorov–Smirnov statistic ${ksWarn} or ${ksAlert}, **and** chance is ruled out: p below ${probability(each)}, which is ${significance} divided by the number of tests.`,
    `- So is a rising share of missing values: ${percent(thresholds.missingWarn, 0)} (warn), ${percent(thresholds.missingAlert, 0)} (alert).`,
    `- The whole is an alert when ${percent(rules.alertShare, 0)} of the features are, or the answers, the labels or the accuracy.`,
    `- Accuracy alerts when it is surely more than ${percent(rules.accuracyDrop)} below what is expected, and warns when it may be.`,
    '- The confidence of the answers is not judged: a model is surer on the rows it was trained on than on any others, also without drift.',
  ].join('\n');
}

const probability = (p: number): string => (p < 0.001 ? p.toExponential(1) : p.toFixed(3));

/** Flat numbers first; one entry a feature after. */
export function monitorMetrics({
  rows,
  features,
  answers,
  labels,
  performance,
  unasked,
}: Observation) {
  const most = (pick: (drift: FeatureDrift) => number) => Math.max(0, ...features.map(pick));
  return {
    rows: rows.window,
    reference_rows: rows.reference,
    unasked_rows: unasked,
    features: features.length,
    drifted_features: features.filter(({ level }) => level !== 'ok').length,
    max_psi: most(({ psi }) => psi),
    max_ks: most(({ ks }) => ks),
    answers_psi: answers.psi,
    ...(labels !== undefined && { labels_psi: labels.psi }),
    ...(performance !== undefined && {
      accuracy: performance.accuracy,
      accuracy_low: performance.low,
      accuracy_high: performance.high,
      expected_accuracy: performance.expected,
    }),
    per_feature: Object.fromEntries(
      features.map(({ name, level, psi, psiP, ks, ksP, missing }) => [
        name,
        { level, psi, psi_p: psiP, ks, ks_p: ksP, missing: missing.window },
      ]),
    ),
  };
}

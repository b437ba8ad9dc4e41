/**
 * How far a window of data has moved from the reference, feature by feature and for the answers.
 * Every alarm needs both: an effect worth talking about (a threshold) and evidence that it is not
 * chance (a test, divided among the features by Bonferroni). A small window moves a lot by chance,
 * a large one is different beyond doubt in ways that do not matter. Unaware of files.
 */
import { binCounts, classCounts } from './bins.ts';
import { homogeneity, kolmogorovSmirnov, stabilityIndex } from './statistics.ts';

const LEVELS = ['ok', 'warn', 'alert'] as const;
export type Level = (typeof LEVELS)[number];

export type Thresholds = {
  readonly bins: number;
  readonly psiWarn: number;
  readonly psiAlert: number;
  readonly ksWarn: number;
  readonly ksAlert: number;
  readonly missingWarn: number;
  readonly missingAlert: number;
  /** Probability of a false alarm, over all features together. */
  readonly significance: number;
};

/** One feature's values on both sides; NaN where a row has none. */
export type FeatureValues = {
  readonly name: string;
  readonly reference: Float64Array;
  readonly window: Float64Array;
};

export type FeatureDrift = {
  readonly name: string;
  readonly level: Level;
  readonly psi: number;
  /** Probability of the bins' difference by chance. */
  readonly psiP: number;
  readonly ks: number;
  readonly ksP: number;
  /** Share of rows without a value. */
  readonly missing: { readonly reference: number; readonly window: number };
  readonly mean: { readonly reference: number; readonly window: number };
};

/** Tests that are made of every feature: bins, Kolmogorov–Smirnov, gaps. */
export const TESTS = 3;

/** `features`: how many are judged side by side. */
export function featureDrift(
  { name, reference, window }: FeatureValues,
  thresholds: Thresholds,
  features: number,
): FeatureDrift {
  const significance = thresholds.significance / (TESTS * features);
  const before = present(reference);
  const now = present(window);
  const counts = binCounts(before, now, thresholds.bins);
  const psi = stabilityIndex(counts);
  const psiP = homogeneity(counts);
  const { statistic: ks, p: ksP } = kolmogorovSmirnov(before, now);
  const missing = missingRise(reference, window);
  const level = worst([
    psiP < significance ? graded(psi, thresholds.psiWarn, thresholds.psiAlert) : 'ok',
    ksP < significance ? graded(ks, thresholds.ksWarn, thresholds.ksAlert) : 'ok',
    missing.p < significance
      ? graded(missing.window - missing.reference, thresholds.missingWarn, thresholds.missingAlert)
      : 'ok',
  ]);
  return {
    name,
    level,
    psi,
    psiP,
    ks,
    ksP,
    missing: { reference: missing.reference, window: missing.window },
    mean: { reference: meanOf(before), window: meanOf(now) },
  };
}

export type ClassDrift = {
  readonly level: Level;
  readonly psi: number;
  readonly p: number;
  readonly shares: { readonly reference: readonly number[]; readonly window: readonly number[] };
};

/** Drift of a distribution over classes: of the model's answers, or of the labels. */
export function classDrift(
  reference: readonly number[],
  window: readonly number[],
  classes: number,
  thresholds: Thresholds,
): ClassDrift {
  const counts = classCounts(reference, window, classes);
  const psi = stabilityIndex(counts);
  const p = homogeneity(counts);
  return {
    level:
      p < thresholds.significance ? graded(psi, thresholds.psiWarn, thresholds.psiAlert) : 'ok',
    psi,
    p,
    shares: { reference: sharesOf(reference, classes), window: sharesOf(window, classes) },
  };
}

export const worst = (levels: readonly Level[]): Level =>
  LEVELS.findLast(level => levels.includes(level)) ?? 'ok';

const graded = (value: number, warn: number, alert: number): Level =>
  value >= alert ? 'alert' : value >= warn ? 'warn' : 'ok';

function missingRise(reference: Float64Array, window: Float64Array) {
  const gaps = (values: Float64Array) => values.length - present(values).length;
  const [before, now] = [gaps(reference), gaps(window)];
  return {
    reference: before / Math.max(1, reference.length),
    window: now / Math.max(1, window.length),
    p: homogeneity({
      reference: [reference.length - before, before],
      window: [window.length - now, now],
    }),
  };
}

const present = (values: Float64Array): Float64Array =>
  values.filter(value => !Number.isNaN(value));

const meanOf = (values: Float64Array): number =>
  values.length === 0 ? 0 : values.reduce((total, value) => total + value, 0) / values.length;

function sharesOf(indices: readonly number[], classes: number): readonly number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const index of indices) counts[index] = (counts[index] ?? 0) + 1;
  return counts.map(count => count / Math.max(1, indices.length));
}

/**
 * How sure a score is: percentile intervals from resampling the rows with replacement (Efron 1979).
 * Seeded, so the same answers give the same interval. Unaware of what the classes are.
 */
import { headline } from './metrics.ts';
import { randomFrom } from './random.ts';

export type Interval = { readonly low: number; readonly high: number };

export type BootstrapRequest = {
  readonly truth: Int32Array;
  readonly answers: Int32Array;
  readonly classes: number;
  readonly resamples: number;
  readonly seed: number;
  /** Called now and then with the share done. */
  readonly onProgress?: (share: number) => void;
};

/** Two-sided 95 % intervals of accuracy and macro F1. */
export function bootstrapIntervals(request: BootstrapRequest): {
  readonly accuracy: Interval;
  readonly macroF1: Interval;
} {
  const { truth, answers, classes, resamples, seed, onProgress } = request;
  const random = randomFrom(seed);
  const accuracies = new Float64Array(resamples);
  const f1s = new Float64Array(resamples);
  const tally = {
    actual: new Float64Array(classes),
    predicted: new Float64Array(classes),
    right: new Float64Array(classes),
  };
  const increase = (counts: Float64Array, index: number) => {
    counts[index] = (counts[index] ?? 0) + 1;
  };
  for (let round = 0; round < resamples; round += 1) {
    for (const counts of Object.values(tally)) counts.fill(0);
    for (let draw = 0; draw < truth.length; draw += 1) {
      const row = random.below(truth.length);
      const [actual, predicted] = [truth[row] ?? 0, answers[row] ?? 0];
      increase(tally.actual, actual);
      increase(tally.predicted, predicted);
      if (actual === predicted) increase(tally.right, actual);
    }
    const { accuracy, macroF1 } = headline(tally);
    accuracies[round] = accuracy;
    f1s[round] = macroF1;
    if (round % 100 === 99) onProgress?.((round + 1) / resamples);
  }
  return { accuracy: middle95(accuracies), macroF1: middle95(f1s) };
}

const middle95 = (values: Float64Array): Interval => {
  const sorted = values.toSorted();
  return { low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
};

/** Linear between the two nearest of sorted values, as numpy's default; 0 of none. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below] ?? 0;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? low;
  return low + (high - low) * (place - below);
}

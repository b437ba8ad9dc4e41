/**
 * How good a classifier's probabilities are: log loss, Brier score and calibration. Unaware of
 * models and files. A truth of -1 is a class that the model does not know: it gave it nothing.
 */
import { ratio } from './metrics.ts';

/** N × C, row by row. */
export type Probabilities = {
  readonly values: Float32Array;
  readonly count: number;
  readonly classes: number;
};

/** What float32 can tell from 0 beside 1; scikit-learn clips there too. */
const SMALLEST = 2 ** -23;

/** The likeliest class of every row; the first of equals. */
export function answersOf({ values, count, classes }: Probabilities): Int32Array {
  const answers = new Int32Array(count);
  for (let row = 0; row < count; row += 1) {
    let best = 0;
    for (let index = 1; index < classes; index += 1) {
      const here = values[row * classes + index] ?? 0;
      if (here > (values[row * classes + best] ?? 0)) best = index;
    }
    answers[row] = best;
  }
  return answers;
}

/** The mean surprise, in nats, at the truth. */
export function logLoss(probabilities: Probabilities, truth: Int32Array): number {
  let total = 0;
  for (let row = 0; row < probabilities.count; row += 1) {
    const given = probabilityOf(probabilities, row, truth[row] ?? -1);
    total -= Math.log(Math.min(1 - SMALLEST, Math.max(SMALLEST, given)));
  }
  return ratio(total, probabilities.count);
}

/** Brier's score over all classes, 0 … 2: the mean squared distance to the truth. */
export function brierScore(probabilities: Probabilities, truth: Int32Array): number {
  const { values, count, classes } = probabilities;
  let total = 0;
  for (let row = 0; row < count; row += 1) {
    const right = truth[row] ?? -1;
    if (right < 0) total += 1;
    for (let index = 0; index < classes; index += 1) {
      const distance = (values[row * classes + index] ?? 0) - (index === right ? 1 : 0);
      total += distance * distance;
    }
  }
  return ratio(total, count);
}

/** One bin of the reliability diagram: answers given with a confidence in (from, to]. */
export type ReliabilityBin = {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Mean of the answers' probabilities; 0 in an empty bin. */
  readonly confidence: number;
  readonly accuracy: number;
};

/** Answers sorted by their confidence into bins of equal width. */
export function reliability(
  probabilities: Probabilities,
  truth: Int32Array,
  bins: number,
): readonly ReliabilityBin[] {
  const answers = answersOf(probabilities);
  const tallies = Array.from({ length: bins }, () => ({ count: 0, confidence: 0, right: 0 }));
  for (let row = 0; row < probabilities.count; row += 1) {
    const answer = answers[row] ?? 0;
    const confidence = probabilityOf(probabilities, row, answer);
    const place = Math.min(bins - 1, Math.max(0, Math.ceil(confidence * bins) - 1));
    const bin = tallies[place];
    if (bin === undefined) continue;
    bin.count += 1;
    bin.confidence += confidence;
    bin.right += answer === truth[row] ? 1 : 0;
  }
  return tallies.map(({ count, confidence, right }, index) => ({
    from: index / bins,
    to: (index + 1) / bins,
    count,
    confidence: ratio(confidence, count),
    accuracy: ratio(right, count),
  }));
}

/** Expected calibration error: how far confidence and accuracy lie apart, on average. */
export function calibrationError(bins: readonly ReliabilityBin[]): number {
  const rows = bins.reduce((total, { count }) => total + count, 0);
  const apart = bins.reduce(
    (total, { count, confidence, accuracy }) => total + count * Math.abs(confidence - accuracy),
    0,
  );
  return ratio(apart, rows);
}

/** The probability that a row's answer was given with. */
export const probabilityOf = (
  { values, classes }: Probabilities,
  row: number,
  index: number,
): number => (index < 0 ? 0 : (values[row * classes + index] ?? 0));

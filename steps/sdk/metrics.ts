/**
 * How good a classifier's answers are, from class indices alone: confusion, accuracy, precision,
 * recall, F1, as scikit-learn defines them. Unaware of models, files and probabilities; those are
 * in metrics-probability.ts.
 */

type ClassScore = {
  readonly label: string;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Rows that are of this class. */
  readonly support: number;
  /** Rows that were said to be. */
  readonly predicted: number;
};

export type Scores = {
  readonly rows: number;
  readonly accuracy: number;
  readonly macro: Triple;
  readonly micro: Triple;
  readonly perClass: readonly ClassScore[];
};

type Triple = { readonly precision: number; readonly recall: number; readonly f1: number };

/** `cells[truth * classes + answer]`: how often. */
export type Confusion = { readonly classes: number; readonly cells: Float64Array };

/** Indices must lie within `classes`. */
export function confusionOf(truth: Int32Array, answers: Int32Array, classes: number): Confusion {
  const cells = new Float64Array(classes * classes);
  for (let row = 0; row < truth.length; row += 1) {
    const cell = (truth[row] ?? 0) * classes + (answers[row] ?? 0);
    cells[cell] = (cells[cell] ?? 0) + 1;
  }
  return { classes, cells };
}

export const countAt = ({ classes, cells }: Confusion, truth: number, answer: number): number =>
  cells[truth * classes + answer] ?? 0;

/**
 * All scores of a confusion. A ratio without cases is 0. Averages go over the classes that occur,
 * as a truth or as an answer: a class that a small test part happens to lack says nothing.
 */
export function scoresOf(confusion: Confusion, labels: readonly string[]): Scores {
  const tallies = tally(confusion);
  const perClass = labels.map((label, index) => ({ label, ...classScore(tallies, index) }));
  const rows = sum(tallies.actual);
  const right = sum(tallies.right);
  const occurring = perClass.filter(score => score.support + score.predicted > 0);
  const mean = (pick: (score: ClassScore) => number) =>
    ratio(sum(occurring.map(pick)), occurring.length);
  const share = ratio(right, rows);
  return {
    rows,
    accuracy: share,
    macro: {
      precision: mean(score => score.precision),
      recall: mean(score => score.recall),
      f1: mean(score => score.f1),
    },
    // With one answer a row, every wrong answer is one false positive and one false negative.
    micro: { precision: share, recall: share, f1: share },
    perClass,
  };
}

/** Per class: how often it was the truth, the answer, and both. Enough for every score here. */
export type Tally = {
  readonly actual: Float64Array;
  readonly predicted: Float64Array;
  readonly right: Float64Array;
};

function tally(confusion: Confusion): Tally {
  const { classes } = confusion;
  const actual = new Float64Array(classes);
  const predicted = new Float64Array(classes);
  const right = new Float64Array(classes);
  for (let truth = 0; truth < classes; truth += 1) {
    right[truth] = countAt(confusion, truth, truth);
    for (let answer = 0; answer < classes; answer += 1) {
      const count = countAt(confusion, truth, answer);
      actual[truth] = (actual[truth] ?? 0) + count;
      predicted[answer] = (predicted[answer] ?? 0) + count;
    }
  }
  return { actual, predicted, right };
}

function classScore({ actual, predicted, right }: Tally, index: number) {
  const hits = right[index] ?? 0;
  const support = actual[index] ?? 0;
  const said = predicted[index] ?? 0;
  return {
    precision: ratio(hits, said),
    recall: ratio(hits, support),
    f1: ratio(2 * hits, said + support),
    support,
    predicted: said,
  };
}

/** Accuracy and macro F1 of tallies: what the bootstrap repeats a thousand times. */
export function headline({ actual, predicted, right }: Tally): {
  readonly accuracy: number;
  readonly macroF1: number;
} {
  let f1 = 0;
  let occurring = 0;
  for (let index = 0; index < actual.length; index += 1) {
    const mass = (actual[index] ?? 0) + (predicted[index] ?? 0);
    if (mass === 0) continue;
    occurring += 1;
    f1 += (2 * (right[index] ?? 0)) / mass;
  }
  return { accuracy: ratio(sum(right), sum(actual)), macroF1: ratio(f1, occurring) };
}

/** The share of the most frequent truth: what always giving the same answer would reach. */
export function majorityShare(scores: Scores): number {
  return ratio(Math.max(0, ...scores.perClass.map(({ support }) => support)), scores.rows);
}

export const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

const sum = (values: Iterable<number>): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};

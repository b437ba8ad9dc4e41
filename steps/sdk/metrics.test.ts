import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bootstrapIntervals, quantile } from './bootstrap.ts';
import { confusionOf, headline, majorityShare, scoresOf } from './metrics.ts';
import {
  answersOf,
  brierScore,
  calibrationError,
  logLoss,
  type Probabilities,
  reliability,
} from './metrics-probability.ts';

type Average = { readonly precision: number; readonly recall: number; readonly f1: number };
type Reference = {
  readonly classes: number;
  readonly truth: readonly number[];
  readonly probabilities: readonly number[];
  readonly confusion: readonly number[];
  readonly accuracy: number;
  readonly averages: { readonly macro: Average; readonly micro: Average };
  readonly per_class: readonly (Average & { readonly support: number })[];
  readonly log_loss: number;
  readonly brier: number;
  readonly brier_sklearn: number;
  readonly ece_15: number;
};

// Computed by scikit-learn: metrics.py beside it.
const references = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures/metrics.json'), 'utf8'),
) as Readonly<Record<string, Reference>>;

describe.each(Object.entries(references))('against scikit-learn, %s', (_name, reference) => {
  const truth = Int32Array.from(reference.truth);
  const probabilities: Probabilities = {
    values: Float32Array.from(reference.probabilities),
    count: truth.length,
    classes: reference.classes,
  };
  const answers = answersOf(probabilities);
  const confusion = confusionOf(truth, answers, reference.classes);
  const scores = scoresOf(
    confusion,
    Array.from({ length: reference.classes }, (_, index) => String(index)),
  );

  test('the confusion matrix is the same', () => {
    expect([...confusion.cells]).toEqual(reference.confusion);
  });

  test('accuracy and averages are the same', () => {
    expect(scores.accuracy).toBeCloseTo(reference.accuracy, 12);
    for (const average of ['macro', 'micro'] as const) {
      for (const measure of ['precision', 'recall', 'f1'] as const) {
        const ours = scores[average][measure];
        // scikit-learn's macro goes over its labels; `absent` has one that never occurs at all.
        expect(ours).toBeCloseTo(reference.averages[average][measure], 12);
      }
    }
  });

  test('every class has the same scores', () => {
    for (const [index, expected] of reference.per_class.entries()) {
      const { precision, recall, f1, support } = scores.perClass[index] ?? {};
      expect(support).toBe(expected.support);
      expect(precision).toBeCloseTo(expected.precision, 12);
      expect(recall).toBeCloseTo(expected.recall, 12);
      expect(f1).toBeCloseTo(expected.f1, 12);
    }
  });

  test('log loss, Brier score and calibration error are the same', () => {
    expect(logLoss(probabilities, truth)).toBeCloseTo(reference.log_loss, 6);
    expect(brierScore(probabilities, truth)).toBeCloseTo(reference.brier, 10);
    expect(brierScore(probabilities, truth)).toBeCloseTo(reference.brier_sklearn, 6);
    expect(calibrationError(reliability(probabilities, truth, 15))).toBeCloseTo(
      reference.ece_15,
      10,
    );
  });
});

test('a class that the model does not know gets no probability and no mercy', () => {
  const sure: Probabilities = { values: Float32Array.of(1, 0), count: 1, classes: 2 };
  expect(logLoss(sure, Int32Array.of(-1))).toBeCloseTo(23 * Math.LN2, 6);
  expect(brierScore(sure, Int32Array.of(-1))).toBe(2);
});

test('no rows give zeros, not NaN', () => {
  const none: Probabilities = { values: new Float32Array(0), count: 0, classes: 2 };
  const scores = scoresOf(confusionOf(new Int32Array(0), new Int32Array(0), 2), ['a', 'b']);
  expect([scores.accuracy, scores.macro.f1, majorityShare(scores)]).toEqual([0, 0, 0]);
  expect([logLoss(none, new Int32Array(0)), brierScore(none, new Int32Array(0))]).toEqual([0, 0]);
});

test('confidence exactly on an edge falls into the bin below it, and certainty into the last', () => {
  const values = Float32Array.of(0.5, 0.5, 1, 0);
  const bins = reliability({ values, count: 2, classes: 2 }, Int32Array.of(0, 0), 10);
  expect(bins[4]?.count).toBe(1);
  expect(bins[9]?.count).toBe(1);
});

const answered = fc
  .integer({ min: 2, max: 5 })
  .chain(classes =>
    fc.record({
      classes: fc.constant(classes),
      rows: fc.array(fc.tuple(fc.nat(classes - 1), fc.nat(classes - 1)), {
        minLength: 1,
        maxLength: 60,
      }),
    }),
  )
  .map(({ classes, rows }) => ({
    classes,
    truth: Int32Array.from(rows, ([truth]) => truth),
    answers: Int32Array.from(rows, ([, answer]) => answer),
  }));

test('the headline of a tally is what the confusion says', () => {
  fc.assert(
    fc.property(answered, ({ classes, truth, answers }) => {
      const labels = Array.from({ length: classes }, (_, index) => String(index));
      const scores = scoresOf(confusionOf(truth, answers, classes), labels);
      const pick = (key: 'support' | 'predicted') =>
        Float64Array.from(scores.perClass, score => score[key]);
      const right = Float64Array.from(scores.perClass, ({ recall, support }) =>
        Math.round(recall * support),
      );
      const { accuracy, macroF1 } = headline({
        actual: pick('support'),
        predicted: pick('predicted'),
        right,
      });
      expect(accuracy).toBeCloseTo(scores.accuracy, 12);
      expect(macroF1).toBeCloseTo(scores.macro.f1, 12);
    }),
  );
});

test('an interval is the same for the same seed and holds between 0 and 1', () => {
  fc.assert(
    fc.property(answered, fc.nat(1000), (sample, seed) => {
      const request = { ...sample, resamples: 100, seed };
      const first = bootstrapIntervals(request);
      expect(bootstrapIntervals(request)).toEqual(first);
      expect(first.accuracy.low).toBeGreaterThanOrEqual(0);
      expect(first.accuracy.high).toBeLessThanOrEqual(1);
      expect(first.accuracy.low).toBeLessThanOrEqual(first.accuracy.high);
    }),
    { numRuns: 30 },
  );
});

test('the interval of 90 right answers in 100 is as wide as the binomial says', () => {
  const truth = new Int32Array(100);
  const answers = Int32Array.from({ length: 100 }, (_, row) => (row < 90 ? 0 : 1));
  const request = { truth, answers, classes: 2, resamples: 4000, seed: 1 };
  const { low, high } = bootstrapIntervals(request).accuracy;
  // 0.9 ± 1.96 · sqrt(0.9 · 0.1 / 100) = 0.841 … 0.959, in steps of 0.01.
  expect(low).toBeCloseTo(0.84, 1);
  expect(high).toBeCloseTo(0.96, 1);
  expect(high - low).toBeGreaterThan(0.1);
  expect(high - low).toBeLessThan(0.13);
});

test.each([
  [[1, 2, 3, 4], 0.5, 2.5],
  [[1, 2, 3, 4], 0, 1],
  [[1, 2, 3, 4], 1, 4],
  [[5], 0.3, 5],
  [[], 0.3, 0],
])('the quantile of %j at %f is %f', (values, share, expected) => {
  expect(quantile(values, share)).toBe(expected);
});

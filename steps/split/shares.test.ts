import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Share, sharesOf, targetsOf } from './shares.ts';

const THREE = { train: 0.7, validation: 0.15, test: 0.15 };
const shares = (parts: Record<string, unknown>, folds = 0, fold = 0) =>
  sharesOf({ parts, folds, fold });

test('fractions become shares in a fixed order; a part that is not named gets nothing', () => {
  expect(shares({ test: 0.2, train: 0.8 })).toEqual([
    { name: 'train', port: 'train', fraction: 0.8 },
    { name: 'validation', port: 'validation', fraction: 0 },
    { name: 'test', port: 'test', fraction: 0.2 },
  ]);
});

test('one fold validates and the others train; a part can be held out before', () => {
  const folds = shares({ test: 0.2 }, 4, 1);
  expect(folds.map(({ port }) => port)).toEqual(['train', 'validation', 'train', 'train', 'test']);
  expect(folds.map(({ fraction }) => fraction)).toEqual([0.2, 0.2, 0.2, 0.2, 0.2]);
});

test.each([
  [{ train: 0.7, test: 0.2 }, 0, 0, 'add up to 0.9, not to 1'],
  [{ train: 0.7, test: 0.3000001 }, 0, 0, 'add up to 1.0000001, not to 1'],
  [{ train: 0.7, holdout: 0.3 }, 0, 0, '`parts` names `holdout`'],
  [{ train: 1.2, test: -0.2 }, 0, 0, 'the fraction of `train` is 1.2'],
  [{ train: '0.5' }, 0, 0, 'the fraction of `train` is 0.5'],
  [{ train: Number.NaN }, 0, 0, 'the fraction of `train` is NaN'],
  [{}, 0, 0, 'nothing says how to divide'],
  [{}, 1, 0, 'one fold is no division'],
  [{}, 5, 5, 'there is no fold 5 among 5'],
  [{ train: 0.5 }, 5, 0, '`folds` divides it already'],
  [{ test: 1 }, 5, 0, '`test` leaves nothing to fold'],
])('%j with %d folds, fold %d: %s', (parts, folds, fold, message) => {
  expect(() => shares(parts, folds, fold)).toThrow(message);
});

test('decimals that miss 1 in binary are no mistake', () => {
  expect(shares({ train: 0.1 + 0.2, validation: 0.3, test: 0.4 })).toHaveLength(3);
});

test.each([
  [[100], [[70, 15, 15]]],
  [[10], [[7, 2, 1]]],
  [[178], [[124, 27, 27]]],
  [[0], [[0, 0, 0]]],
  // Two strata that tie alike: the second one goes to the part that the first left behind.
  [
    [10, 10],
    [
      [7, 2, 1],
      [7, 1, 2],
    ],
  ],
])('%j rows at 70/15/15 are %j', (strata, counts) => {
  expect(targetsOf(strata, shares(THREE))).toEqual(counts);
});

test('0.29 of 100 is 29', () => {
  expect(targetsOf([100], shares({ train: 0.29, test: 0.71 }))).toEqual([[29, 0, 71]]);
});

const anyShares = fc
  .array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 8 })
  .filter(weights => weights.some(weight => weight > 0))
  .map(weights => {
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return weights.map(
      (weight, index): Share => ({ name: String(index), port: 'train', fraction: weight / sum }),
    );
  });

test('every stratum is dealt out exactly, each count its quota rounded down or up', () => {
  fc.assert(
    fc.property(anyShares, fc.array(fc.nat(1_000), { maxLength: 20 }), (given, strata) => {
      for (const [index, counts] of targetsOf(strata, given).entries()) {
        const size = strata[index] ?? 0;
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(size);
        for (const [share, count] of counts.entries()) {
          const quota = (given[share]?.fraction ?? 0) * size;
          expect(Math.abs(count - quota)).toBeLessThan(1 + 1e-6);
          if (given[share]?.fraction === 0) expect(count).toBe(0);
        }
      }
    }),
  );
});

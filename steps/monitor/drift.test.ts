import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Random, randomFrom } from '../sdk/random.ts';
import { binCounts } from './bins.ts';
import { classDrift, type FeatureDrift, featureDrift, type Thresholds, worst } from './drift.ts';

const THRESHOLDS: Thresholds = {
  bins: 10,
  psiWarn: 0.1,
  psiAlert: 0.25,
  ksWarn: 0.15,
  ksAlert: 0.3,
  missingWarn: 0.05,
  missingAlert: 0.25,
  significance: 0.01,
};

const drawn = (count: number, draw: () => number) => Float64Array.from({ length: count }, draw);

/** Box–Muller. */
const normal = (random: Random) => () =>
  Math.sqrt(-2 * Math.log(1 - random.float())) * Math.cos(2 * Math.PI * random.float());

const compare = (reference: Float64Array, window: Float64Array, features = 1): FeatureDrift =>
  featureDrift({ name: 'x', reference, window }, THRESHOLDS, features);

describe('a window from the same source is quiet', () => {
  const sources: Readonly<Record<string, (random: Random) => () => number>> = {
    normal,
    'few values': random => () => random.below(5),
    'mostly zero': random => () => (random.float() < 0.97 ? 0 : random.below(16)),
    constant: () => () => 3,
  };
  test.each(Object.entries(sources))('%s', (_name, source) => {
    for (const [before, now] of [
      [1000, 200],
      [200, 60],
      [60, 200],
    ] as const) {
      const alarms = Array.from({ length: 100 }, (_, seed) => {
        const draw = source(randomFrom(seed));
        return compare(drawn(before, draw), drawn(now, draw));
      }).filter(({ level }) => level !== 'ok');
      // One in a hundred is what `significance` allows.
      expect(alarms.length).toBeLessThanOrEqual(3);
    }
  });
});

describe('a window from another source is found', () => {
  const random = randomFrom(1);
  const draw = normal(random);
  test.each([
    ['moved by a standard deviation', () => draw() + 1],
    ['three times as wide', () => 3 * draw()],
    ['stuck at one value', () => 0.5],
  ])('%s', (_name, moved) => {
    const { level } = compare(drawn(1000, draw), drawn(200, moved), 64);
    expect(level).not.toBe('ok');
  });

  test('a constant that is one no longer', () => {
    const window = Float64Array.from({ length: 200 }, (_, row) => (row < 60 ? 1 : 0));
    expect(compare(new Float64Array(1000), window, 64)).toMatchObject({ level: 'alert' });
  });

  test('values that begin to be missing', () => {
    const gaps = (share: number) =>
      Float64Array.from({ length: 500 }, (_, row) => (row < 500 * share ? Number.NaN : row % 7));
    expect(compare(gaps(0), gaps(0.02)).level).toBe('ok');
    expect(compare(gaps(0), gaps(0.1)).level).toBe('warn');
    expect(compare(gaps(0), gaps(0.4)).level).toBe('alert');
    expect(compare(gaps(0.4), gaps(0)).level).toBe('ok');
  });
});

test('a difference beyond doubt that is too small to matter is quiet', () => {
  const draw = normal(randomFrom(2));
  const drift = compare(
    drawn(100_000, draw),
    drawn(100_000, () => draw() + 0.05),
  );
  expect(drift.ksP).toBeLessThan(1e-9);
  expect(drift.level).toBe('ok');
});

test('a side without any value is compared without a crash', () => {
  const none = Float64Array.of(Number.NaN, Number.NaN);
  for (const drift of [
    compare(none, none),
    compare(none, Float64Array.of(1)),
    compare(Float64Array.of(1), none),
  ]) {
    for (const value of [drift.psi, drift.psiP, drift.ks, drift.ksP]) {
      expect(Number.isFinite(value)).toBe(true);
    }
  }
});

test('classes drift by their shares', () => {
  const of = (ones: number) => Array.from({ length: 300 }, (_, row) => (row < ones ? 1 : 0));
  expect(classDrift(of(150), of(155), 2, THRESHOLDS).level).toBe('ok');
  expect(classDrift(of(150), of(270), 2, THRESHOLDS).level).toBe('alert');
  expect(classDrift(of(0), of(0), 3, THRESHOLDS).shares.window).toEqual([1, 0, 0]);
});

test('bins lose no row and hold at least ten of them, unless there is one bin', () => {
  const values = fc.array(fc.oneof(fc.integer({ min: 0, max: 4 }), fc.double({ noNaN: true })), {
    maxLength: 80,
  });
  fc.assert(
    fc.property(values, values, fc.integer({ min: 2, max: 12 }), (before, now, bins) => {
      const counts = binCounts(Float64Array.from(before), Float64Array.from(now), bins);
      const sum = (side: readonly number[]) => side.reduce((total, count) => total + count, 0);
      expect([sum(counts.reference), sum(counts.window)]).toEqual([before.length, now.length]);
      expect(counts.reference.length).toBeLessThanOrEqual(bins + 1);
      const hits = counts.reference.map((count, bin) => count + (counts.window[bin] ?? 0));
      if (hits.length > 1) expect(Math.min(...hits)).toBeGreaterThanOrEqual(10);
    }),
  );
});

test('the worst of no levels is ok', () => {
  expect(worst([])).toBe('ok');
  expect(worst(['ok', 'alert', 'warn'])).toBe('alert');
});

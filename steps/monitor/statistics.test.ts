import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  chiSquaredTail,
  homogeneity,
  kolmogorovSmirnov,
  kolmogorovTail,
  stabilityIndex,
  wilsonInterval,
} from './statistics.ts';

type KsCase = {
  readonly reference: readonly number[];
  readonly window: readonly number[];
  readonly statistic: number;
  readonly p: number;
};

// Computed by SciPy: fixtures/drift.py.
const expected = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures/drift.json'), 'utf8'),
) as {
  readonly ks: Readonly<Record<string, KsCase>>;
  readonly chi2: readonly { readonly x: number; readonly df: number; readonly p: number }[];
  readonly homogeneity: readonly {
    readonly reference: readonly number[];
    readonly window: readonly number[];
    readonly p: number;
  }[];
  readonly kolmogorov: readonly { readonly x: number; readonly p: number }[];
  readonly wilson: readonly {
    readonly right: number;
    readonly rows: number;
    readonly low: number;
    readonly high: number;
  }[];
};

describe('against SciPy', () => {
  test.each(Object.entries(expected.ks))('Kolmogorov–Smirnov, %s', (_name, sample) => {
    const { statistic, p } = kolmogorovSmirnov(
      Float64Array.from(sample.reference),
      Float64Array.from(sample.window),
    );
    expect(statistic).toBeCloseTo(sample.statistic, 12);
    expect(p).toBeCloseTo(sample.p, 10);
  });

  test.each(expected.kolmogorov)('Kolmogorov’s tail at $x', ({ x, p }) => {
    expect(Math.abs(kolmogorovTail(x) - p)).toBeLessThan(1e-12);
  });

  test.each(expected.chi2)('the tail of χ² at $x with $df degrees', ({ x, df, p }) => {
    expect(Math.abs(chiSquaredTail(x, df) - p)).toBeLessThan(1e-10 * Math.max(p, 1e-4));
  });

  test.each(expected.homogeneity)('homogeneity of $reference and $window', sample => {
    expect(homogeneity(sample)).toBeCloseTo(sample.p, 10);
  });

  test.each(expected.wilson)('Wilson’s interval of $right in $rows', sample => {
    const { low, high } = wilsonInterval(sample.right, sample.rows);
    expect(low).toBeCloseTo(sample.low, 10);
    expect(high).toBeCloseTo(sample.high, 10);
  });
});

describe('the stability index', () => {
  test('of shares 0.5, 0.5 and 0.25, 0.75 is 0.2747 without smoothing', () => {
    // (0.25 − 0.5) · ln 0.5 + (0.75 − 0.5) · ln 1.5; with a million rows half a row is nothing.
    const counts = { reference: [5e5, 5e5], window: [25e4, 75e4] };
    expect(stabilityIndex(counts)).toBeCloseTo(0.274653, 5);
  });

  const counted = fc.array(fc.tuple(fc.nat(1000), fc.nat(1000)), { minLength: 1, maxLength: 12 });

  test('is never negative, and 0 for equal counts', () => {
    fc.assert(
      fc.property(counted, bins => {
        const reference = bins.map(([before]) => before);
        const window = bins.map(([, now]) => now);
        expect(stabilityIndex({ reference, window })).toBeGreaterThanOrEqual(0);
        expect(stabilityIndex({ reference, window: reference })).toBe(0);
      }),
    );
  });

  test('stays finite where a bin was never hit before', () => {
    expect(stabilityIndex({ reference: [1000, 0], window: [0, 1000] })).toBeLessThan(20);
  });
});

test('Kolmogorov–Smirnov is the same whichever side is called the reference', () => {
  const values = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(values, values, (a, b) => {
      const one = kolmogorovSmirnov(Float64Array.from(a), Float64Array.from(b));
      const other = kolmogorovSmirnov(Float64Array.from(b), Float64Array.from(a));
      expect(other.statistic).toBeCloseTo(one.statistic, 12);
      expect(one.p).toBeGreaterThanOrEqual(0);
      expect(one.p).toBeLessThanOrEqual(1);
    }),
  );
});

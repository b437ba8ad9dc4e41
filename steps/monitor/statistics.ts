/**
 * The statistics that drift is judged by: population stability index, Pearson's χ² test of
 * homogeneity, the two-sample Kolmogorov–Smirnov test, and Wilson's interval. Checked against SciPy
 * (fixtures/drift.py). Unaware of features and thresholds.
 */

/** How often each bin was hit, in the reference and in the window; the same bins in both. */
export type Counts = {
  readonly reference: readonly number[];
  readonly window: readonly number[];
};

/**
 * Σ (w − r) · ln(w / r) over the bins' shares. Half a row is added to every bin of both, so that a
 * bin that only one of them hits counts as much as it is sure, not infinitely.
 */
export function stabilityIndex({ reference, window }: Counts): number {
  const shares = (counts: readonly number[]) => {
    const total = sum(counts) + 0.5 * counts.length;
    return counts.map(count => (count + 0.5) / total);
  };
  const windowShares = shares(window);
  return shares(reference).reduce((total, before, bin) => {
    const now = windowShares[bin] ?? before;
    return total + (now - before) * Math.log(now / before);
  }, 0);
}

/** The probability of counts as different as these, or more, if both are drawn from one source. */
export function homogeneity({ reference, window }: Counts): number {
  const [rows, others] = [sum(window), sum(reference)];
  if (rows === 0 || others === 0) return 1;
  let statistic = 0;
  let bins = 0;
  for (const [bin, before] of reference.entries()) {
    const now = window[bin] ?? 0;
    const pooled = before + now;
    if (pooled === 0) continue;
    bins += 1;
    const expected = (pooled * rows) / (rows + others);
    // Both cells of the 2 × bins table at once: they miss their expectation by the same count.
    statistic += (now - expected) ** 2 * (1 / expected + 1 / (pooled - expected));
  }
  return chiSquaredTail(statistic, bins - 1);
}

/** Largest distance between the two empirical distributions, and how probable it is by chance. */
export function kolmogorovSmirnov(
  reference: Float64Array,
  window: Float64Array,
): { readonly statistic: number; readonly p: number } {
  if (reference.length === 0 || window.length === 0) return { statistic: 0, p: 1 };
  const [before, now] = [reference.toSorted(), window.toSorted()];
  let [i, j, statistic] = [0, 0, 0];
  while (i < before.length && j < now.length) {
    const value = Math.min(before[i] ?? 0, now[j] ?? 0);
    // Past all equals on both sides first: between ties there is no distance.
    while (i < before.length && before[i] === value) i += 1;
    while (j < now.length && now[j] === value) j += 1;
    statistic = Math.max(statistic, Math.abs(i / before.length - j / now.length));
  }
  const effective = (before.length * now.length) / (before.length + now.length);
  return { statistic, p: kolmogorovTail(Math.sqrt(effective) * statistic) };
}

/** Upper tail of Kolmogorov's limiting distribution; conservative where values repeat. */
export function kolmogorovTail(x: number): number {
  if (x < 0.04) return 1;
  if (x < 1.18) {
    // The other series of the same function: it converges where the alternating one does not.
    const base = Math.exp(-(Math.PI ** 2) / (8 * x * x));
    const series = [1, 9, 25, 49, 81].reduce((total, power) => total + base ** power, 0);
    return Math.max(0, 1 - (Math.sqrt(2 * Math.PI) / x) * series);
  }
  const base = Math.exp(-2 * x * x);
  return 2 * (base - base ** 4 + base ** 9 - base ** 16);
}

/** Upper tail of the χ² distribution. */
export function chiSquaredTail(x: number, degrees: number): number {
  if (degrees <= 0 || x <= 0) return 1;
  return upperGamma(degrees / 2, x / 2);
}

/** Wilson's 95 % interval of a share. */
export function wilsonInterval(
  right: number,
  rows: number,
): { readonly low: number; readonly high: number } {
  if (rows === 0) return { low: 0, high: 1 };
  const z = 1.959963984540054;
  const share = right / rows;
  const scale = 1 + (z * z) / rows;
  const middle = (share + (z * z) / (2 * rows)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / rows + (z * z) / (4 * rows * rows));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/** Regularised upper incomplete gamma function: by series below a + 1, by continued fraction above. */
function upperGamma(a: number, x: number): number {
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let [term, total] = [1 / a, 1 / a];
    for (let n = 1; term > total * 1e-17; n += 1) {
      term *= x / (a + n);
      total += term;
    }
    return Math.max(0, 1 - scale * total);
  }
  // Lentz's method; `tiny` stands in for a zero denominator.
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < 1000; n += 1) {
    const step = -n * (n - a);
    b += 2;
    d = 1 / (step * d + b || tiny);
    c = b + step / c || tiny;
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return scale * fraction;
}

/** Lanczos' approximation, g = 7, nine terms. */
function logGamma(a: number): number {
  const [first = 0, ...rest] = LANCZOS;
  const x = a - 1;
  const series = rest.reduce((total, term, index) => total + term / (x + index + 1), first);
  const t = x + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (x + 0.5) * Math.log(t) - t + Math.log(series);
}

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313,
  -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
  1.5056327351493116e-7,
];

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);

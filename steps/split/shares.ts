/**
 * What is asked of a division: which parts there are, and how many rows of each stratum each gets.
 * Unaware of rows.
 */
import { StepError } from '../sdk/step.ts';

export const PORTS = ['train', 'validation', 'test'] as const;
export type Port = (typeof PORTS)[number];

/** A piece that rows are dealt to. Folds that learn share the port `train`. */
export type Share = { readonly name: string; readonly port: Port; readonly fraction: number };

export type DivisionRequest = {
  readonly parts: Readonly<Record<string, unknown>>;
  readonly folds: number;
  readonly fold: number;
};

/** Fractions may miss 1 by what decimals cost in binary, not by a mistake. */
const TOLERANCE = 1e-9;

/** The shares that add up to the whole, in a fixed order. */
export function sharesOf({ parts, folds, fold }: DivisionRequest): readonly Share[] {
  const fractions = new Map(
    Object.entries(parts).map(([name, value]) => [name, fraction(name, value)]),
  );
  if (folds > 0) return foldShares(fractions, folds, fold);
  if (fractions.size === 0) {
    throw new StepError(
      'nothing says how to divide',
      'for example `parts: { train: 0.7, validation: 0.15, test: 0.15 }`, or `folds: 5`',
    );
  }
  const sum = [...fractions.values()].reduce((total, value) => total + value, 0);
  if (Math.abs(sum - 1) > TOLERANCE) {
    throw new StepError(
      `the fractions of \`parts\` add up to ${Number(sum.toPrecision(12))}, not to 1`,
    );
  }
  return PORTS.map(port => ({ name: port, port, fraction: fractions.get(port) ?? 0 }));
}

function foldShares(
  fractions: ReadonlyMap<string, number>,
  folds: number,
  fold: number,
): readonly Share[] {
  if (folds < 2) throw new StepError('one fold is no division', '`folds` is at least 2');
  if (fold >= folds) {
    throw new StepError(`there is no fold ${fold} among ${folds}`, `\`fold\` is 0 to ${folds - 1}`);
  }
  for (const name of fractions.keys()) {
    if (name !== 'test') {
      throw new StepError(
        `\`parts\` gives \`${name}\` a fraction, and \`folds\` divides it already`,
        'with `folds`, `parts` may only hold out `test`',
      );
    }
  }
  const test = fractions.get('test') ?? 0;
  if (test >= 1) throw new StepError('`test` leaves nothing to fold');
  const dealt = Array.from({ length: folds }, (_, index) => ({
    name: `fold ${index}`,
    port: index === fold ? ('validation' as const) : ('train' as const),
    fraction: (1 - test) / folds,
  }));
  return [...dealt, { name: 'test', port: 'test', fraction: test }];
}

function fraction(name: string, value: unknown): number {
  if (!PORTS.some(port => port === name)) {
    throw new StepError(`\`parts\` names \`${name}\``, `the parts are ${PORTS.join(', ')}`);
  }
  if (typeof value !== 'number' || !(value >= 0 && value <= 1)) {
    throw new StepError(`the fraction of \`${name}\` is ${String(value)}`, 'a fraction is 0 to 1');
  }
  return value;
}

/**
 * Rows of each share per stratum, by largest remainder: every count is its quota rounded down or up,
 * and a stratum's counts add up to its size. Among equal remainders the share that is furthest
 * behind over the strata so far goes first, so that small strata do not all round the same way.
 */
export function targetsOf(
  strata: readonly number[],
  shares: readonly Share[],
): readonly (readonly number[])[] {
  const behind = shares.map(() => 0);
  return strata.map(size => {
    const quotas = shares.map(share => quota(share.fraction, size));
    const counts = quotas.map(Math.floor);
    let left = size - counts.reduce((sum, count) => sum + count, 0);
    const order = quotas
      .map((exact, index) => ({ index, remainder: exact - Math.floor(exact) }))
      .filter(({ remainder }) => remainder > 0)
      .sort(
        (a, b) =>
          byRemainder(a, b) || (behind[b.index] ?? 0) - (behind[a.index] ?? 0) || a.index - b.index,
      );
    for (const { index } of order) {
      if (left === 0) break;
      counts[index] = (counts[index] ?? 0) + 1;
      left -= 1;
    }
    for (const [index, exact] of quotas.entries()) {
      behind[index] = (behind[index] ?? 0) + exact - (counts[index] ?? 0);
    }
    return counts;
  });
}

/** 0.29 of 100 is 29, whatever binary fractions make of it. */
function quota(fraction: number, size: number): number {
  const exact = fraction * size;
  const whole = Math.round(exact);
  return Math.abs(exact - whole) <= TOLERANCE * Math.max(1, size) ? whole : exact;
}

const byRemainder = (
  a: { readonly remainder: number },
  b: { readonly remainder: number },
): number => (Math.abs(a.remainder - b.remainder) <= TOLERANCE ? 0 : b.remainder - a.remainder);

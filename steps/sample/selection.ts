/**
 * Which rows a slice has. A row stands at a place between 0 and 1 that its content and the seed
 * decide; the slice has what stands below the fraction, and of each class the first few. Both grow
 * with the fraction, so smaller slices are part of larger ones. A row that is added moves out at
 * most one other, of its own class, that was there as one of the first few alone. Unaware of files
 * and columns.
 */
import { hash } from 'node:crypto';

export type Row = {
  readonly place: number;
  /** One for all where there are no classes. */
  readonly class: string;
};

/** Rows of each class that are kept at least: one for each part that a split may make. */
export const LEAST = 3;

/** Uniform in [0, 1), with 53 bits of SHA-256. */
export function placeOf(content: string, seed: number): number {
  const digest = hash('sha256', `${seed}:${content}`, 'buffer');
  return (digest.readUInt32LE(0) * 2 ** 21 + (digest.readUInt32LE(4) >>> 11)) / 2 ** 53;
}

/** Every row is shown first; memory grows with the number of classes alone. */
export function selection(fraction: number): {
  see(row: Row): void;
  has(row: Row): boolean;
} {
  /** Class → the lowest places in it, ascending. */
  const first = new Map<string, number[]>();
  return {
    see: ({ place, class: name }) => {
      const lowest = first.get(name) ?? [];
      first.set(name, lowest);
      if (lowest.length === LEAST && place >= (lowest.at(-1) ?? 0)) return;
      lowest.push(place);
      lowest.sort((a, b) => a - b);
      lowest.length = Math.min(lowest.length, LEAST);
    },
    has: ({ place, class: name }) => place < fraction || place <= (first.get(name)?.at(-1) ?? -1),
  };
}

/**
 * Counts what the expressions of a pipeline compute: each is bounded, but not how many there are,
 * times the instances they are computed for. Unaware of what is computed.
 */
import type { Json } from '../../schema/canonical-json.ts';

/** Shared by all expressions of a compilation; below zero, nothing more is computed. */
export type Meter = { left: number; readonly limit: number };

export const meter = (limit: number): Meter => ({ left: limit, limit });

/** Characters that are handled in the time that one value takes. */
const CHARACTERS = 16;

const weights = new WeakMap<object, number>();

/** What it takes to go through a value, all that is in it included. */
export function weightOf(value: Json): number {
  if (typeof value === 'string') return Math.floor(value.length / CHARACTERS);
  if (value === null || typeof value !== 'object') return 0;
  const known = weights.get(value);
  if (known !== undefined) return known;
  let weight = 0;
  for (const item of Object.values(value)) weight += 1 + weightOf(item);
  weights.set(value, weight);
  return weight;
}

/**
 * "Did you mean": the known name that a misspelt one was most likely meant to be. Unaware of what
 * the names stand for.
 */
import { byCodeUnit } from '../schema/canonical-json.ts';

/** Longer than any name an author types; what is longer is never compared. */
const MAX_LENGTH = 64;
const MOST_NAMES = 2_000;

/**
 * The nearest of `known`, or undefined when none is near. Letter case does not count, and a swap of
 * two neighbours is one mistake. Of equally near names the first by code unit wins, so that the
 * answer does not depend on the order of `known`.
 */
export function closest(name: string, known: readonly string[]): string | undefined {
  const folded = name.toLowerCase();
  if (folded.length === 0 || folded.length > MAX_LENGTH) return undefined;
  const limit = Math.max(1, Math.floor(folded.length / 3));
  let best: { readonly name: string; readonly distance: number } | undefined;
  // A step's name among a hundred thousand is no longer guessed at.
  for (const candidate of known.length > MOST_NAMES ? known.slice(0, MOST_NAMES) : known) {
    if (candidate === name || Math.abs(candidate.length - folded.length) > limit) continue;
    const distance = editDistance(folded, candidate.toLowerCase(), limit);
    if (distance > limit || isReplacement(folded, distance)) continue;
    const order = best === undefined ? -1 : distance - best.distance;
    if (order < 0 || (order === 0 && best !== undefined && byCodeUnit(candidate, best.name) < 0))
      best = { name: candidate, distance };
  }
  return best?.name;
}

/** `x` is not a misspelt `y`: every letter of it would have to change. */
const isReplacement = (name: string, distance: number): boolean => distance >= name.length;

/**
 * Restricted Damerau-Levenshtein: insert, delete, replace, or swap two neighbours once. Ends early,
 * with any number beyond it, where the distance is above `limit`.
 */
function editDistance(a: string, b: string, limit: number): number {
  let beforePrevious: readonly number[] = [];
  let previous: readonly number[] = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    let least = row;
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const distance = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (beforePrevious[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
      current.push(distance);
      least = Math.min(least, distance);
    }
    // A swap reaches back two rows, and adds one.
    if (least > limit + 1) return least;
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}

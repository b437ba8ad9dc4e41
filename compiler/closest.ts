/**
 * "Did you mean": the known name that a misspelt one was most likely meant to be. Unaware of what
 * the names stand for.
 */
import { byCodeUnit } from '../schema/canonical-json.ts';

/** Longer than any name an author types; what is longer is never compared. */
const MAX_LENGTH = 64;
/** Nobody makes more mistakes in one name. */
const MOST_MISTAKES = 5;
/** A list with more names was made by a program, and so were the misspelt ones. */
const LONG_LIST = 500;
/**
 * Letters that are compared with those of one long list, whatever is asked of it: the first few
 * misspelt names are looked for among a hundred thousand, and hundreds take no longer.
 */
const MOST_LETTERS = 6_000_000;

/**
 * The nearest of `known`, or undefined when none is near. Letter case does not count, and a swap of
 * two neighbours is one mistake. Of equally near names the first by code unit wins, so that the
 * answer does not depend on the order of `known`.
 */
export const closest = (name: string, known: readonly string[]): string | undefined =>
  nearest(name, known)?.name;

/** With whether it is the only one so near: what is one of two is a guess. */
export function nearest(
  name: string,
  known: readonly string[],
): { readonly name: string; readonly alone: boolean } | undefined {
  const folded = name.toLowerCase();
  if (folded.length === 0 || folded.length > MAX_LENGTH) return undefined;
  const limit = Math.min(MOST_MISTAKES, Math.max(1, Math.floor(folded.length / 3)));
  const letters = lettersOf(folded);
  const { names, work } = listOf(known);
  let best: Best | undefined;
  for (const { name: candidate, folded: other, letters: others } of names) {
    // What is further away than the best so far need not be measured.
    const reach = best?.distance ?? limit;
    if (candidate === name || Math.abs(other.length - folded.length) > reach) continue;
    // One mistake makes at most one letter come and one go.
    if (bits(letters ^ others) > 2 * reach) continue;
    if (work.left <= 0) break;
    const distance = editDistance(folded, other, reach, work);
    if (distance > reach || isReplacement(folded, distance)) continue;
    best = better(best, candidate, distance);
  }
  return best;
}

type Best = { readonly name: string; readonly distance: number; readonly alone: boolean };

function better(best: Best | undefined, name: string, distance: number): Best {
  if (best === undefined || distance < best.distance) return { name, distance, alone: true };
  if (name === best.name) return best;
  const first = byCodeUnit(name, best.name) < 0 ? name : best.name;
  return { name: first, distance, alone: false };
}

type Folded = { readonly name: string; readonly folded: string; readonly letters: number };

type Work = { left: number };

type List = { readonly names: readonly Folded[]; readonly work: Work };

const longLists = new WeakMap<readonly string[], List>();

function listOf(known: readonly string[]): List {
  const before = longLists.get(known);
  if (before?.names.length === known.length) return before;
  const names = known.map(name => {
    const folded = name.toLowerCase();
    return { name, folded, letters: lettersOf(folded) };
  });
  const list = { names, work: { left: MOST_LETTERS } };
  if (known.length > LONG_LIST) longLists.set(known, list);
  return list;
}

/** `x` is not a misspelt `y`: every letter of it would have to change. */
const isReplacement = (name: string, distance: number): boolean => distance >= name.length;

/** Which letters there are, a bit each; some share one. */
function lettersOf(name: string): number {
  let letters = 0;
  for (let at = 0; at < name.length; at++) letters |= 1 << (name.charCodeAt(at) & 31);
  return letters;
}

function bits(set: number): number {
  let count = 0;
  for (let left = set; left !== 0; left &= left - 1) count++;
  return count;
}

/**
 * Restricted Damerau-Levenshtein: insert, delete, replace, or swap two neighbours once. Any number
 * above `limit` stands for all of them. What both begin and end with costs nothing, and of the
 * table only the diagonal that may stay within `limit` is filled in.
 */
function editDistance(a: string, b: string, limit: number, work: Work): number {
  let from = 0;
  const shorter = Math.min(a.length, b.length);
  while (from < shorter && a.charCodeAt(from) === b.charCodeAt(from)) from++;
  let back = 0;
  while (back < shorter - from && a.at(-1 - back) === b.at(-1 - back)) back++;
  work.left -= from + back + 1;
  return bandedDistance(
    a.slice(from, a.length - back),
    b.slice(from, b.length - back),
    limit,
    work,
  );
}

/** Three rows of the table, used over and over. */
const ROWS = [0, 1, 2].map(() => new Uint8Array(MAX_LENGTH + MOST_MISTAKES + 1));

function bandedDistance(a: string, b: string, limit: number, work: Work): number {
  const far = limit + 1;
  let [beforePrevious, previous, current] = ROWS as [Uint8Array, Uint8Array, Uint8Array];
  for (let column = 0; column <= b.length; column++) previous[column] = Math.min(column, far);
  // A swap reaches back two rows: the row before has to be too far as well.
  let leastBefore = 0;
  for (let row = 1; row <= a.length; row++) {
    const first = Math.max(1, row - limit);
    const last = Math.min(b.length, row + limit);
    current.fill(far);
    current[0] = Math.min(row, far);
    let least = current[0];
    for (let column = first; column <= last; column++) {
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const distance = Math.min(
        (previous[column] ?? far) + 1,
        (current[column - 1] ?? far) + 1,
        (previous[column - 1] ?? far) + (same ? 0 : 1),
        swapped ? (beforePrevious[column - 2] ?? far) + 1 : far,
        far,
      );
      current[column] = distance;
      least = Math.min(least, distance);
    }
    work.left -= last - first + 1;
    if (least > limit && leastBefore > limit) return far;
    leastBefore = least;
    [beforePrevious, previous, current] = [previous, current, beforePrevious];
  }
  return previous[b.length] ?? far;
}

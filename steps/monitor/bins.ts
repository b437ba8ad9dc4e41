/**
 * Sorts the values of one feature into bins that the reference decides: its own values where they
 * are few, else ranges that hold equal shares of it. Unaware of statistics and of what a bin means.
 */
import { quantile } from '../sdk/bootstrap.ts';
import type { Counts } from './statistics.ts';

/** Fewer hits than this, of both together, say nothing; such a bin joins its neighbour. */
const FEWEST_HITS = 10;

/** Counts both sides in the same bins. Values that only the window has get a bin of their own. */
export function binCounts(reference: Float64Array, window: Float64Array, bins: number): Counts {
  const sorted = reference.toSorted();
  const values = firstDistinct(sorted, bins + 1);
  const place = values.length <= bins ? placeByValue(values) : placeByRange(edgesOf(sorted, bins));
  return mergeRare({
    reference: countInto(reference, place),
    window: countInto(window, place),
  });
}

/** Already counted, by class: nothing left to sort, only rare ones to join. */
export function classCounts(
  reference: readonly number[],
  window: readonly number[],
  classes: number,
): Counts {
  const place = { bins: classes, of: (index: number) => index };
  return mergeRare({ reference: countInto(reference, place), window: countInto(window, place) });
}

type Placing = { readonly bins: number; of(value: number): number };

function placeByValue(values: readonly number[]): Placing {
  const places = new Map(values.map((value, index) => [value, index]));
  return { bins: values.length + 1, of: value => places.get(value) ?? values.length };
}

/** Bin i holds what is above edge i - 1 and not above edge i. */
function placeByRange(edges: readonly number[]): Placing {
  return {
    bins: edges.length + 1,
    of: value => {
      let [low, high] = [0, edges.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((edges[middle] ?? 0) < value) low = middle + 1;
        else high = middle;
      }
      return low;
    },
  };
}

/** Inner quantiles; equal ones once, because a frequent value takes several of them. */
const edgesOf = (sorted: Float64Array, bins: number): readonly number[] => [
  ...new Set(Array.from({ length: bins - 1 }, (_, index) => quantile(sorted, (index + 1) / bins))),
];

function firstDistinct(sorted: Float64Array, most: number): readonly number[] {
  const found: number[] = [];
  for (const value of sorted) {
    if (value === found.at(-1)) continue;
    found.push(value);
    if (found.length === most) break;
  }
  return found;
}

function countInto(values: Iterable<number>, { bins, of }: Placing): readonly number[] {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) {
    const bin = of(value);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}

function mergeRare({ reference, window }: Counts): Counts {
  const merged: { before: number; now: number }[] = [];
  let open = { before: 0, now: 0 };
  for (const [bin, before] of reference.entries()) {
    open = { before: open.before + before, now: open.now + (window[bin] ?? 0) };
    if (open.before + open.now < FEWEST_HITS) continue;
    merged.push(open);
    open = { before: 0, now: 0 };
  }
  const last = merged.at(-1);
  if (last === undefined) merged.push(open);
  else {
    last.before += open.before;
    last.now += open.now;
  }
  return { reference: merged.map(({ before }) => before), window: merged.map(({ now }) => now) };
}

/**
 * Deals units of rows to shares so that each comes as near to its targets as units allow. Only
 * the four basic operations decide, and IEEE 754 fixes them, so every platform deals alike. Unaware of columns.
 */
import { type Random, shuffle } from '../sdk/random.ts';
import { type Share, targetsOf } from './shares.ts';
import type { Rows } from './units.ts';

/**
 * Row → index of its share. Large units first, each to the share that lacks most of what the unit
 * holds; equal ones in random order. Where every unit is one row, the targets are met exactly.
 */
export function deal(rows: Rows, shares: readonly Share[], random: Random): Int32Array {
  const sizes = strataSizes(rows);
  const missing = targetsOf(sizes, shares).map(counts => [...counts]);
  const contents = unitContents(rows);
  const order = shuffle(
    Array.from({ length: rows.unitCount }, (_, unit) => unit),
    random,
  ).sort((a, b) => (contents.size[b] ?? 0) - (contents.size[a] ?? 0));
  const shareOf = new Int32Array(rows.unitCount);
  for (const unit of order) {
    const held = contents.of(unit);
    const share = neediest(held, missing, sizes, shares.length);
    shareOf[unit] = share;
    for (const [stratum, count] of held) {
      const lacks = missing[stratum];
      if (lacks !== undefined) lacks[share] = (lacks[share] ?? 0) - count;
    }
  }
  return rows.units.map(unit => shareOf[unit] ?? 0);
}

type Held = readonly (readonly [stratum: number, rows: number])[];

/**
 * The share that lacks most of it, each stratum counted by its own size. What all shares lack adds
 * up to the rows not yet dealt, so one lacks something: a share of nothing is never chosen.
 */
function neediest(
  held: Held,
  missing: readonly (readonly number[])[],
  sizes: readonly number[],
  shares: number,
): number {
  let best = 0;
  let bestNeed = -Infinity;
  for (let share = 0; share < shares; share += 1) {
    let need = 0;
    for (const [stratum, count] of held) {
      need += (count * (missing[stratum]?.[share] ?? 0)) / (sizes[stratum] ?? 1);
    }
    if (need > bestNeed) {
      best = share;
      bestNeed = need;
    }
  }
  return best;
}

function strataSizes({ strata, strataNames }: Rows): readonly number[] {
  const sizes = strataNames.map(() => 0);
  for (const stratum of strata) sizes[stratum] = (sizes[stratum] ?? 0) + 1;
  return sizes;
}

/** What each unit holds; only units of several rows need more than one number. */
function unitContents({ units, strata, unitCount }: Rows) {
  const size = new Int32Array(unitCount);
  const first = new Int32Array(unitCount);
  const mixed = new Map<number, Map<number, number>>();
  for (const [row, unit] of units.entries()) {
    const stratum = strata[row] ?? 0;
    if (size[unit] === 0) first[unit] = stratum;
    else if (first[unit] !== stratum || mixed.has(unit)) {
      const counts = mixed.get(unit) ?? new Map([[first[unit] ?? 0, size[unit] ?? 0]]);
      counts.set(stratum, (counts.get(stratum) ?? 0) + 1);
      mixed.set(unit, counts);
    }
    size[unit] = (size[unit] ?? 0) + 1;
  }
  const of = (unit: number): Held => {
    const counts = mixed.get(unit);
    return counts === undefined ? [[first[unit] ?? 0, size[unit] ?? 0]] : [...counts];
  };
  return { size, of };
}

/**
 * Which rows have to stay together: those with the same content, and those of the same group, taken
 * together transitively. Unaware of parts and of how rows are dealt.
 */
import { hash } from 'node:crypto';
import type { DatasetMeta } from '../sdk/dataset.ts';
import { columnIndex } from '../sdk/dataset.ts';
import { rowContent } from '../sdk/row-content.ts';

export type Rows = {
  readonly count: number;
  /** Row → unit; units are numbered by their first row. */
  readonly units: Int32Array;
  readonly unitCount: number;
  /** Row → stratum. */
  readonly strata: Int32Array;
  /** Stratum → its value; one nameless stratum without `stratify`. */
  readonly strataNames: readonly string[];
  /** Rows that are identical to one before them. */
  readonly repeated: number;
  /** Different groups; undefined without `group`. */
  readonly groups: number | undefined;
};

/** Reads what matters about every row; the rows themselves are not kept. */
export async function readUnits(
  meta: DatasetMeta,
  rows: AsyncIterable<readonly string[]>,
  by: { readonly stratify: string | undefined; readonly group: string | undefined },
): Promise<Rows> {
  const contentOf = contentKey(meta);
  const group = by.group === undefined ? undefined : columnIndex(meta, by.group);
  const stratify = by.stratify === undefined ? undefined : columnIndex(meta, by.stratify);
  const byContent = new Map<number, number>();
  const byGroup = new Map<string, number>();
  const strataIndex = new Map<string, number>();
  const strata = new Int32Array(meta.rows);
  const leaders = new Int32Array(meta.rows);
  let count = 0;
  for await (const row of rows) {
    leaders[count] = count;
    const content = contentOf(row);
    const twin = byContent.get(content);
    if (twin === undefined) byContent.set(content, count);
    else join(leaders, twin, count);
    if (group !== undefined) {
      // A row without a group belongs to no one: the empty text is not a group.
      const name = row[group] ?? '';
      const first = byGroup.get(name);
      if (first !== undefined) join(leaders, first, count);
      else if (name !== '') byGroup.set(name, count);
    }
    const value = stratify === undefined ? '' : (row[stratify] ?? '');
    const stratum = strataIndex.get(value) ?? strataIndex.size;
    strataIndex.set(value, stratum);
    strata[count] = stratum;
    count += 1;
  }
  const { units, unitCount } = numbered(leaders);
  return {
    count,
    units,
    unitCount,
    strata,
    strataNames: [...strataIndex.keys()],
    repeated: count - byContent.size,
    groups: group === undefined ? undefined : byGroup.size,
  };
}

/**
 * A row's content as 53 bits of SHA-256. Where two different rows meet they stay together without
 * need, which no rule forbids.
 */
export function contentKey(meta: DatasetMeta): (row: readonly string[]) => number {
  const content = rowContent(meta);
  return row => {
    const digest = hash('sha256', content(row), 'buffer');
    return digest.readUInt32LE(0) * 2 ** 21 + (digest.readUInt32LE(4) >>> 11);
  };
}

/** The first row of the unit that a row belongs to, with the path shortened on the way. */
function leaderOf(leaders: Int32Array, row: number): number {
  let at = row;
  for (let next = leaders[at] ?? at; next !== at; next = leaders[at] ?? at) {
    leaders[at] = leaders[next] ?? next;
    at = next;
  }
  return at;
}

function join(leaders: Int32Array, a: number, b: number): void {
  const [x, y] = [leaderOf(leaders, a), leaderOf(leaders, b)];
  leaders[Math.max(x, y)] = Math.min(x, y);
}

function numbered(leaders: Int32Array): { readonly units: Int32Array; readonly unitCount: number } {
  const units = new Int32Array(leaders.length);
  let unitCount = 0;
  for (let row = 0; row < leaders.length; row += 1) {
    const leader = leaderOf(leaders, row);
    // The leader is the unit's first row, so its number is there before it is asked for.
    units[row] = leader === row ? unitCount++ : (units[leader] ?? 0);
  }
  return { units, unitCount };
}

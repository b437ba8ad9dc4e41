/**
 * What the watched paths hold, by content: a file that was only touched, or written again as it was,
 * is no change. Digests come from the store, which knows most of them from its stat cache.
 */
import { lstatSync } from 'node:fs';
import { artifactKey } from '../../schema/trace.ts';
import type { Store } from '../../store/store.ts';
import { isWithin, type WatchSet } from './watch-set.ts';

/** Watched path → what was found there. */
export type Sight = ReadonlyMap<string, string>;

export const ABSENT = 'absent';
/** A file without content: often one that is just being written. */
export const EMPTY = 'empty';

/** Looks again at what the noticed paths belong to; the rest stays as it was seen. */
export async function lookAgain(
  before: Sight,
  noticed: Iterable<string>,
  set: WatchSet,
  store: Store,
): Promise<Sight> {
  const paths = [...noticed];
  // A folder above may have come or gone with all that lies in it.
  const points = set.points.filter(point => paths.some(path => isWithin(point, path)));
  const trees = set.trees.filter(tree =>
    paths.some(path => isWithin(path, tree) || isWithin(tree, path)),
  );
  return new Map([...before, ...(await lookAt([...points, ...trees], set, store))]);
}

/** Watched paths that are not as they were. */
export function differences(before: Sight, after: Sight): readonly string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter(path => before.get(path) !== after.get(path));
}

async function lookAt(
  paths: readonly string[],
  { trees }: WatchSet,
  store: Store,
): Promise<Map<string, string>> {
  const whole = new Set(trees);
  const found = new Map<string, string>();
  for (const path of new Set(paths)) found.set(path, await lookAtOne(path, whole.has(path), store));
  return found;
}

async function lookAtOne(path: string, isWhole: boolean, store: Store): Promise<string> {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return ABSENT;
  if (stat.isFile() && stat.size === 0) return EMPTY;
  if (stat.isDirectory() && !isWhole) return 'folder';
  const digest = await store.digest(path);
  return digest.ok ? artifactKey(digest.value) : digest.error.kind;
}

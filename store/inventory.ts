/**
 * Walks over everything that lies in a store, for those who look after it: collection, verification
 * and figures. Names that no store has written are reported, never touched. Unaware of what is
 * worth keeping.
 */
import { byCodeUnit } from '../schema/canonical-json.ts';
import { type CacheKey, type Digest, parseCacheKey, parseDigest } from '../schema/id.ts';
import type { FileSystem } from './file-system.ts';
import type { Layout } from './layout.ts';

export type StoredBlob = {
  readonly digest: Digest;
  readonly bytes: number;
  /** When it was written, in nanoseconds since 1970. */
  readonly writtenNs: bigint;
};

export type StoredTrace = { readonly key: CacheKey; readonly name: string; readonly path: string };

export type Inventory = {
  /** Sorted by digest. */
  readonly blobs: readonly StoredBlob[];
  /** Sorted by key, then by name. */
  readonly traces: readonly StoredTrace[];
  /** Paths below `blobs/` and `traces/` that belong to no store. */
  readonly strays: readonly string[];
};

export function takeInventory(disk: FileSystem, layout: Layout): Inventory {
  const strays: string[] = [];
  const blobs: StoredBlob[] = [];
  for (const { path, joined } of secondLevel(disk, layout.blobs)) {
    const digest = parseDigest(joined);
    const seen = disk.lstat(path);
    if (digest === undefined || !seen?.isFile()) strays.push(path);
    else blobs.push({ digest, bytes: Number(seen.size), writtenNs: seen.mtimeNs });
  }
  const traces: StoredTrace[] = [];
  for (const { path, joined } of secondLevel(disk, layout.traces)) {
    const key = parseCacheKey(joined);
    if (key === undefined || !disk.lstat(path)?.isDirectory()) strays.push(path);
    else for (const name of sorted(disk, path)) traces.push({ key, name, path: `${path}/${name}` });
  }
  return { blobs, traces, strays };
}

/** `ab/cdef…` as `abcdef…`. */
function* secondLevel(
  disk: FileSystem,
  folder: string,
): Generator<{ readonly path: string; readonly joined: string }> {
  for (const shard of sorted(disk, folder)) {
    const path = `${folder}/${shard}`;
    if (!disk.lstat(path)?.isDirectory()) yield { path, joined: '' };
    else
      for (const name of sorted(disk, path))
        yield { path: `${path}/${name}`, joined: shard + name };
  }
}

const sorted = (disk: FileSystem, folder: string): readonly string[] =>
  disk.lstat(folder) === undefined ? [] : [...disk.readdir(folder)].sort(byCodeUnit);

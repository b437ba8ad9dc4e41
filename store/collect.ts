/**
 * Gives back the room of content that nothing reaches any more: mark from what is to be kept, sweep
 * the rest. It never races a run, because it needs the store for itself. Traces stay: a trace whose
 * bytes are gone still answers for consumers that hit. Unaware of runs, pins and registries.
 */
import { resolve } from 'node:path';
import type { CacheKey, Digest } from '../schema/id.ts';
import type { Artifact } from '../schema/trace.ts';
import type { Depot } from './blobs.ts';
import { readingHere } from './content-pool.ts';
import { DurableNames } from './durable-names.ts';
import { attempt, StoreFault } from './fault.ts';
import { type FileSystem, nodeFileSystem } from './file-system.ts';
import { type StoredBlob, takeInventory } from './inventory.ts';
import { blobPath, isStore, layoutAt } from './layout.ts';
import type { ListingEntry } from './listing.ts';
import { locksFolder, tryLock } from './lock.ts';
import { readListing } from './materialise.ts';
import type { StoreError } from './store.ts';
import { readTraces } from './traces.ts';

export type Kept = {
  /** All results of these keys. */
  readonly keys: Iterable<CacheKey>;
  readonly artifacts: Iterable<Artifact>;
};

export type CollectOptions = {
  /** The `.sluice` folder. */
  readonly root: string;
  /** Asked with the store for ourselves: what a run made that has ended since is among it. */
  readonly keep: () => Kept | Promise<Kept>;
  /**
   * Collect only until the blobs take no more room than this, oldest first. What is kept is kept
   * even if it alone takes more. Undefined collects everything that is not kept.
   */
  readonly maxBytes?: number | undefined;
  /** Says what would go and lets it stay. */
  readonly dryRun: boolean;
  readonly disk?: FileSystem;
};

export type Collection =
  | {
      readonly kind: 'collected';
      readonly removed: Amount;
      readonly remaining: Amount;
      /** Of the remaining: what the roots reach. */
      readonly kept: Amount;
    }
  /** Somebody has the store open: nothing was touched. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'failed'; readonly error: StoreError };

export type Amount = { readonly blobs: number; readonly bytes: number };

export async function collect(options: CollectOptions): Promise<Collection> {
  const { disk = nodeFileSystem } = options;
  const layout = layoutAt(resolve(options.root));
  const found = await attempt(layout.root, () => isStore(disk, layout));
  if (!found.ok) return { kind: 'failed', error: found.error };
  if (!found.value) return { kind: 'failed', error: { kind: 'absent', path: layout.root } };
  const lock = await tryLock(layout.lock, 'exclusive');
  if (!lock.ok) return { kind: 'failed', error: lock.error };
  if (lock.value === undefined) return { kind: 'busy' };
  try {
    const depot: Depot = {
      disk,
      layout,
      content: readingHere(disk),
      names: new DurableNames(disk),
      warn: () => undefined,
    };
    const result = await attempt(layout.root, () => sweep(depot, options));
    return result.ok ? result.value : { kind: 'failed', error: result.error };
  } finally {
    lock.value.release();
  }
}

async function sweep(depot: Depot, options: CollectOptions): Promise<Collection> {
  const { disk, layout } = depot;
  const { blobs } = takeInventory(disk, layout);
  const reached = await mark(depot, await options.keep());
  const kept = blobs.filter(({ digest }) => reached.has(digest));
  const removed = chooseVictims(blobs, reached, options.maxBytes);
  if (!options.dryRun) {
    for (const { digest } of removed) disk.unlink(blobPath(layout, digest));
    removeLeftovers(depot);
  }
  const gone = new Set(removed);
  return {
    kind: 'collected',
    removed: amountOf(removed),
    remaining: amountOf(blobs.filter(blob => !gone.has(blob))),
    kept: amountOf(kept),
  };
}

/** Every blob that an artifact needs, listings included. */
async function mark(depot: Depot, keep: Kept): Promise<ReadonlySet<Digest>> {
  const reached = new Set<Digest>();
  const folders = new Set<Digest>();
  const traced = [...keep.keys].flatMap(key =>
    readTraces(depot, key).flatMap(({ outputs }) => Object.values(outputs)),
  );
  const waiting: Pick<Artifact, 'kind' | 'digest'>[] = [...keep.artifacts, ...traced];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    reached.add(next.digest);
    if (next.kind === 'file' || folders.has(next.digest)) continue;
    folders.add(next.digest);
    await eachEntry(depot, next.digest, entry => {
      if (entry.kind === 'file') reached.add(entry.digest);
      if (entry.kind === 'tree') waiting.push(entry);
    });
  }
  return reached;
}

/**
 * A listing that is gone or damaged reaches nothing: its folder cannot be had any more, and whoever
 * wants it is told then. One that cannot be read just now ends the collection.
 */
async function eachEntry(
  depot: Depot,
  digest: Digest,
  visit: (entry: ListingEntry) => void,
): Promise<void> {
  const read = await attempt(digest, () => {
    for (const entry of readListing(depot, digest)) visit(entry);
  });
  if (read.ok || read.error.kind === 'absent' || read.error.kind === 'corrupt') return;
  throw new StoreFault(read.error);
}

function chooseVictims(
  blobs: readonly StoredBlob[],
  reached: ReadonlySet<Digest>,
  maxBytes: number | undefined,
): readonly StoredBlob[] {
  const loose = blobs.filter(({ digest }) => !reached.has(digest));
  if (maxBytes === undefined) return loose;
  let bytes = amountOf(blobs).bytes;
  const oldestFirst = loose.sort((a, b) =>
    a.writtenNs < b.writtenNs ? -1 : a.writtenNs > b.writtenNs ? 1 : 0,
  );
  return oldestFirst.filter(blob => {
    const isTooMuch = bytes > maxBytes;
    if (isTooMuch) bytes -= blob.bytes;
    return isTooMuch;
  });
}

/** With the store for ourselves, what is half-written or locked belongs to the dead. */
function removeLeftovers({ disk, layout }: Depot): void {
  for (const folder of [layout.temporary, locksFolder(layout.root)]) {
    if (disk.lstat(folder) === undefined) continue;
    for (const name of disk.readdir(folder)) disk.remove(`${folder}/${name}`);
  }
}

const amountOf = (blobs: readonly StoredBlob[]): Amount => ({
  blobs: blobs.length,
  bytes: blobs.reduce((sum, { bytes }) => sum + bytes, 0),
});

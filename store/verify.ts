/**
 * Reads everything in a store and says what is not what it claims to be; with `repair`, moves that
 * aside, so that it is made again when it is next needed. Safe beside running runs: blobs and
 * traces never change. Unaware of what they are for.
 */
import { resolve } from 'node:path';
import type { Digest } from '../schema/id.ts';
import { type Depot, quarantine } from './blobs.ts';
import { ContentPool, readingHere } from './content-pool.ts';
import { DurableNames } from './durable-names.ts';
import { attempt, StoreFault } from './fault.ts';
import { type FileSystem, nodeFileSystem } from './file-system.ts';
import { gate, Sequence } from './gate.ts';
import { type StoredBlob, type StoredTrace, takeInventory } from './inventory.ts';
import { blobPath, isStore, layoutAt, makeFolder, temporaryPath } from './layout.ts';
import { acquireLock } from './lock.ts';
import { pacer } from './pace.ts';
import type { Result } from './store.ts';
import { readTrace } from './traces.ts';

export type VerifyOptions = {
  /** The `.sluice` folder. */
  readonly root: string;
  readonly repair: boolean;
  /** Called now and then with the bytes read so far and those to read. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly disk?: FileSystem;
};

export type Verification = StoreFigures & {
  /** Blobs whose bytes are not what their name says. */
  readonly corrupt: readonly Digest[];
  /** Trace files that answer for nothing: paths. */
  readonly unreadable: readonly string[];
  readonly repaired: boolean;
};

export type StoreFigures = {
  readonly blobs: number;
  readonly bytes: number;
  readonly traces: number;
  /** Things moved aside earlier. */
  readonly quarantined: number;
  /** Paths that belong to no store. */
  readonly strays: readonly string[];
};

/** Counts what is there, without reading it. */
export const storeStatus = (
  root: string,
  disk: FileSystem = nodeFileSystem,
): Promise<Result<StoreFigures>> =>
  underLock(root, disk, async depot => figuresOf(depot, takeInventory(disk, depot.layout)));

export const verify = (options: VerifyOptions): Promise<Result<Verification>> =>
  underLock(options.root, options.disk ?? nodeFileSystem, async depot => {
    const inventory = takeInventory(depot.disk, depot.layout);
    const corrupt = await corruptBlobs(depot, inventory.blobs, options.onProgress);
    const unreadable = unreadableTraces(depot, inventory.traces);
    if (options.repair) {
      makeFolder(depot.disk, depot.layout.quarantine);
      for (const digest of corrupt) quarantine(depot, digest);
      for (const path of unreadable) moveAside(depot, path);
    }
    const figures = figuresOf(depot, inventory);
    return { ...figures, corrupt, unreadable, repaired: options.repair };
  });

/** Others may use the store meanwhile, but nobody collects. */
const underLock = <T>(
  root: string,
  disk: FileSystem,
  work: (depot: Depot) => Promise<T>,
): Promise<Result<T>> => {
  const layout = layoutAt(resolve(root));
  return attempt(layout.root, async () => {
    if (!isStore(disk, layout)) throw new StoreFault({ kind: 'absent', path: layout.root });
    const lock = await acquireLock(layout.lock, 'shared');
    const content = disk === nodeFileSystem ? new ContentPool(disk) : readingHere(disk);
    try {
      return await work({
        disk,
        layout,
        content,
        names: new DurableNames(disk),
        warn: () => undefined,
      });
    } finally {
      await content.close();
      if (lock.ok) lock.value?.release();
    }
  });
};

function figuresOf(
  { disk, layout }: Depot,
  { blobs, traces, strays }: ReturnType<typeof takeInventory>,
): StoreFigures {
  return {
    blobs: blobs.length,
    bytes: blobs.reduce((sum, blob) => sum + blob.bytes, 0),
    traces: traces.length,
    // Missing like any other folder of a store: nothing is in it.
    quarantined: disk.lstat(layout.quarantine) ? disk.readdir(layout.quarantine).length : 0,
    strays,
  };
}

async function corruptBlobs(
  { content, layout }: Depot,
  blobs: readonly StoredBlob[],
  onProgress: VerifyOptions['onProgress'],
): Promise<readonly Digest[]> {
  const total = blobs.reduce((sum, { bytes }) => sum + bytes, 0);
  const pause = pacer();
  const { pass } = gate(content.ahead);
  let done = 0;
  const corrupt: Digest[] = [];
  /** One that cannot even be read is as good as damaged. */
  const damageOf = async ({ digest, bytes }: StoredBlob): Promise<Digest | undefined> => {
    const path = blobPath(layout, digest);
    const found = await attempt(path, () => content.hash(path, { size: BigInt(bytes) }));
    done += bytes;
    onProgress?.(done, total);
    return found.ok && found.value === digest ? undefined : digest;
  };
  const verdicts = new Sequence<Digest | undefined>(damaged => {
    if (damaged !== undefined) corrupt.push(damaged);
  });
  for (const blob of blobs) {
    const verdict = damageOf(blob);
    verdicts.add(verdict);
    await pass(verdict);
    await pause();
  }
  await verdicts.end();
  return corrupt;
}

const unreadableTraces = ({ disk }: Depot, traces: readonly StoredTrace[]): readonly string[] =>
  traces
    .filter(({ path, name, key }) => readTrace(disk, path, name, key) === undefined)
    .map(({ path }) => path);

function moveAside({ disk, layout }: Depot, path: string): void {
  const name = path.slice(path.lastIndexOf('/') + 1);
  disk.rename(path, `${layout.quarantine}/${name}-${temporaryPath(layout).slice(-8)}`);
}

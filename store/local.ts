/**
 * The store in a folder of this machine, `.sluice/`: puts the parts together and turns what goes
 * wrong into values. The parts know nothing of each other's duties; this file does nothing itself.
 */
import { type BigIntStats, existsSync, realpathSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import type { CacheKey, Digest } from '../schema/id.ts';
import type { Artifact, Trace } from '../schema/trace.ts';
import { BlobWriter } from './blob-writer.ts';
import { blobSize, type Depot, readBlob, verifyBlob } from './blobs.ts';
import { digestParts, readSmall, SMALL_BYTES } from './content.ts';
import { ContentPool, type ContentReader, readingHere } from './content-pool.ts';
import { DurableNames } from './durable-names.ts';
import { attempt, StoreFault } from './fault.ts';
import { type FileSystem, nodeFileSystem } from './file-system.ts';
import { handOver, ownerToServe } from './hand-over.ts';
import { blobPath, type Layout, layoutAt, prepare } from './layout.ts';
import { acquireLock, type Lock } from './lock.ts';
import { materialise, readListing } from './materialise.ts';
import { pacer } from './pace.ts';
import { type FolderStats, StatCache } from './stat-cache.ts';
import type { Result, Store, StoreWarning } from './store.ts';
import { distinctResults, readTraces, writeTrace } from './traces.ts';
import { describe, describeEach, type ListingReader, type TreeReader } from './tree.ts';

export type LocalStoreOptions = {
  /** The `.sluice` folder; made when it is not there. */
  readonly root: string;
  /** For tests: lets each system call fail. */
  readonly disk?: FileSystem;
  /** Who reads files; by default threads help where there is much to read. */
  readonly content?: ContentReader;
  /** Milliseconds since 1970, by the clock that stamps files. */
  readonly now?: () => number;
  /** Somebody has the store for himself: said once, before it is waited for. */
  readonly onWait?: () => void;
};

/**
 * Opens the store, or makes one. While it is open it shares the store's lock, so that collection
 * waits; a store that cannot be written is opened for reading.
 */
export async function openLocalStore(options: LocalStoreOptions): Promise<Result<Store>> {
  const { disk = nodeFileSystem, now = Date.now, onWait } = options;
  const layout = layoutAt(resolve(options.root));
  const prepared = await attempt(layout.root, () => prepare(disk, layout));
  const isReadOnly = !prepared.ok && prepared.error.kind === 'denied' && hasFormat(disk, layout);
  if (!prepared.ok && !isReadOnly) return prepared;
  const lock = await acquireLock(layout.lock, 'shared', { ...(onWait && { onWait }) });
  // Who may not even create the lock's file cannot be the one whose blobs are collected meanwhile.
  if (!lock.ok && lock.error.kind !== 'denied') return lock;
  // A disk of a test's own is seen from this thread alone.
  const isReal = disk === nodeFileSystem;
  const content = options.content ?? (isReal ? new ContentPool(disk) : readingHere(disk));
  const parts = { disk, layout, content, names: new DurableNames(disk) };
  return { ok: true, value: localStore(parts, now, lock.ok ? lock.value : undefined) };
}

/** A new one belongs to whoever the folder around it belongs to. */
function serveOwner({ root }: Layout): void {
  if (!existsSync(root)) return; // Removed while it was open.
  const real = realpathSync(root);
  const owner = ownerToServe(real) ?? ownerToServe(dirname(real));
  if (owner !== undefined) handOver(real, owner);
}

const hasFormat = (disk: FileSystem, layout: Layout): boolean =>
  disk.lstat(layout.format) !== undefined;

function localStore(parts: Omit<Depot, 'warn'>, now: () => number, lock: Lock | undefined): Store {
  const { disk, layout, content } = parts;
  let warnings: StoreWarning[] = [];
  const depot: Depot = { ...parts, warn: warning => warnings.push(warning) };
  const cache = new StatCache(layout.statCache, now);

  /** Reads what others may be writing to, with the help of what is known of it. */
  const reading = <T>(path: string, work: (real: string) => Promise<T>): Promise<Result<T>> =>
    attempt(path, async () => {
      await cache.open();
      return steadily(() => work(resolve(path)));
    });

  return {
    digest: path => reading(path, real => describe(disk, real, hashing(depot, cache))),
    digestEach: path => reading(path, real => describeEach(disk, real, hashing(depot, cache))),
    put: async path =>
      blamingStore(
        layout,
        await attempt(path, () => take(depot, resolve(path), writer => storing(depot, writer))),
      ),
    copyIn: async path =>
      blamingStore(
        layout,
        await reading(path, real => take(depot, real, writer => copying(depot, cache, writer))),
      ),
    materialise: (artifact, path, options) =>
      attempt(path, () => materialise(depot, artifact, resolve(path), options)),
    has: artifact => isWhole(depot, artifact),
    locate: artifact => attempt(artifact.digest, () => locate(depot, artifact)),
    read: artifact => attempt(artifact.digest, () => readFile(depot, artifact)),
    findTrace: key => oldestTrace(depot, key),
    findTraces: async key => readTraces(depot, key),
    putTrace: trace => attempt(layout.traces, () => writeTrace(depot, trace)),
    takeWarnings: () => {
      const taken = warnings;
      warnings = [];
      return taken;
    },
    close: async () => {
      await content.close();
      cache.close();
      serveOwner(layout);
      lock?.release();
    },
  };
}

/** A write does not say where it failed; a full disk is that of the store, not of what is stored. */
const blamingStore = <T>({ root }: Layout, result: Result<T>): Result<T> =>
  result.ok || result.error.kind !== 'full'
    ? result
    : { ok: false, error: { kind: 'full', path: root } };

/** How often a file that somebody is just writing is read anew. */
const TRIES = 3;

async function steadily<T>(work: () => Promise<T>): Promise<T> {
  for (let left = TRIES - 1; ; left--) {
    const result = await attempt('', work);
    if (result.ok) return result.value;
    if (result.error.kind !== 'unstable' || left === 0) throw new StoreFault(result.error);
  }
}

/** Files that are being stored: each may hold a batch of descriptors open. */
const STORE_AHEAD = 4;

/** Folders of working directories, and of what had to step aside for an output. */
const PASSING = ['work', 'replaced'];

/** Reads only what the stat cache does not vouch for, and stores nothing. */
const hashing = ({ layout, content }: Depot, cache: StatCache): TreeReader => ({
  ahead: content.ahead,
  enter: (path, count) => {
    // What comes and goes would only fill the cache.
    const stats = PASSING.some(folder => path.startsWith(`${layout.root}${sep}${folder}${sep}`))
      ? undefined
      : cache.folder(path, count);
    return {
      file: (name, file, seen) =>
        stats?.lookup(name, seen) ?? recorded(content.hash(file, seen), name, seen, stats),
      leave: () => stats?.leave(),
    };
  },
  listing: digestParts,
});

/** Stores everything it reads. */
const storing = ({ disk }: Depot, writer: BlobWriter): TreeReader => ({
  ahead: STORE_AHEAD,
  enter: () => ({
    file: (_name, path, seen) => store(disk, writer, path, seen),
    leave: () => undefined,
  }),
  listing: () => storingListing(writer),
});

/** Reads and stores only what is not in the store already. */
const copying = (depot: Depot, cache: StatCache, writer: BlobWriter): TreeReader => ({
  ahead: STORE_AHEAD,
  enter: (path, count) => {
    const stats = cache.folder(path, count);
    return {
      file: (name, file, seen) => {
        const known = stats.lookup(name, seen);
        if (known !== undefined && writer.adopt(known, seen.size)) return known;
        return recorded(store(depot.disk, writer, file, seen), name, seen, stats);
      },
      leave: () => stats.leave(),
    };
  },
  listing: () => storingListing(writer),
});

function storingListing(writer: BlobWriter): ListingReader {
  const parts: Buffer[] = [];
  return { part: bytes => parts.push(bytes), end: () => writer.add(Buffer.concat(parts)) };
}

const store = (
  disk: FileSystem,
  writer: BlobWriter,
  path: string,
  seen: BigIntStats,
): Digest | Promise<Digest> =>
  seen.size <= SMALL_BYTES ? writer.add(readSmall(disk, path, seen)) : writer.addFile(path, seen);

/** Remembers a digest once it is known. */
function recorded(
  digest: Digest | Promise<Digest>,
  name: string,
  seen: BigIntStats,
  stats: FolderStats | undefined,
): Digest | Promise<Digest> {
  if (typeof digest !== 'string') {
    return digest.then(known => recorded(known, name, seen, stats));
  }
  stats?.record(name, seen, digest);
  return digest;
}

async function take(
  depot: Depot,
  path: string,
  readerOf: (writer: BlobWriter) => TreeReader,
): Promise<Artifact> {
  const writer = new BlobWriter(depot);
  try {
    const artifact = await describe(depot.disk, path, readerOf(writer));
    await writer.settle();
    return artifact;
  } finally {
    writer.abandon();
  }
}

/** The largest artifact that may be read into memory. */
const READ_LIMIT = 16 << 20;

function readFile(depot: Depot, artifact: Artifact): Buffer {
  if (artifact.kind === 'file') return readBlob(depot, artifact.digest, READ_LIMIT);
  const message = 'a folder has no bytes of its own';
  throw new StoreFault({ kind: 'unsupported', path: artifact.digest, message });
}

async function locate(depot: Depot, artifact: Artifact): Promise<string | undefined> {
  if (artifact.kind === 'tree' || artifact.executable) return undefined;
  const { digest } = artifact;
  const path = blobPath(depot.layout, digest);
  if (blobSize(depot, digest) === undefined) throw new StoreFault({ kind: 'absent', path });
  if (!(await verifyBlob(depot, digest))) throw new StoreFault({ kind: 'corrupt', digest });
  return path;
}

/** Nothing that is missing or unreadable is an error here: it is not there. */
async function isWhole(depot: Depot, artifact: Artifact): Promise<boolean> {
  const found = await attempt(artifact.digest, () => holds(depot, artifact, pacer()));
  return found.ok && found.value;
}

async function holds(
  depot: Depot,
  part: Pick<Artifact, 'kind' | 'digest' | 'bytes'>,
  pause: () => Promise<void> | undefined,
): Promise<boolean> {
  if (part.kind === 'file') return blobSize(depot, part.digest) === BigInt(part.bytes);
  for (const entry of readListing(depot, part.digest)) {
    if (entry.kind !== 'link' && !(await holds(depot, entry, pause))) return false;
    await pause();
  }
  return true;
}

/** The oldest result wins. One whose bytes are gone stands back, or its step would run for ever. */
async function oldestTrace(
  depot: Depot,
  key: CacheKey,
): Promise<{ readonly trace: Trace; readonly count: number } | undefined> {
  const traces = readTraces(depot, key);
  const [oldest] = traces;
  if (oldest === undefined) return undefined;
  const count = distinctResults(traces);
  if (count === 1) return { trace: oldest, count };
  for (const trace of traces) {
    const whole = await Promise.all(Object.values(trace.outputs).map(out => isWhole(depot, out)));
    if (whole.every(Boolean)) return { trace, count };
  }
  return { trace: oldest, count };
}

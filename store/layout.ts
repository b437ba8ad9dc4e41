/**
 * Where things lie below the store's folder (docs/store-format.md), and how a small file gets there
 * so that it is either whole and durable or not there at all. Unaware of what the files say.
 */
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { CacheKey, Digest } from '../schema/id.ts';
import { lengthFault, writeAll } from './content.ts';
import { errorCode, StoreFault } from './fault.ts';
import type { FileSystem } from './file-system.ts';

export type Layout = {
  readonly root: string;
  readonly format: string;
  readonly blobs: string;
  readonly traces: string;
  /** Corrupt blobs and traces, kept for people to look at. */
  readonly quarantine: string;
  /** Half-written things: on the same file system as everything else, so that a rename is atomic. */
  readonly temporary: string;
  /** Shared by everyone who uses the store, exclusive to collection. */
  readonly lock: string;
  /** A cache: may be deleted at any moment. */
  readonly statCache: string;
};

export const layoutAt = (root: string): Layout => ({
  root,
  format: join(root, 'format'),
  blobs: join(root, 'blobs'),
  traces: join(root, 'traces'),
  quarantine: join(root, 'quarantine'),
  temporary: join(root, 'tmp'),
  lock: join(root, 'store.lock'),
  statCache: join(root, 'stat-cache.db'),
});

export const blobPath = (layout: Layout, digest: Digest): string =>
  `${layout.blobs}/${digest.slice(0, 2)}/${digest.slice(2)}`;

export const tracesFolder = (layout: Layout, key: CacheKey): string =>
  `${layout.traces}/${key.slice(0, 2)}/${key.slice(2)}`;

/** A name in `tmp/` that nobody else uses. */
export const temporaryPath = (layout: Layout): string =>
  `${layout.temporary}/${process.pid}-${randomBytes(8).toString('hex')}`;

/** What the file `format` of a store holds: the version of the whole folder. */
export const STORE_FORMAT = 'sluice-store 1\n';

/** Makes the folders of a store, or checks that those there are of a format we know. */
export async function prepare(disk: FileSystem, layout: Layout): Promise<void> {
  refuseOther(disk, layout.root);
  if (isStore(disk, layout)) return prepareFolders(disk, layout);
  await makeFolders(disk, layout.root);
  await prepareFolders(disk, layout);
  await publish(disk, layout, layout.format, Buffer.from(STORE_FORMAT));
}

/** A store that lies behind a link whose disk is not mounted just now must not be begun elsewhere. */
function refuseOther(disk: FileSystem, root: string): void {
  const isLink = disk.lstat(root)?.isSymbolicLink() === true;
  const seen = disk.stat(root);
  if (seen === undefined ? !isLink : seen.isDirectory()) return;
  const message = isLink ? 'this link leads to no folder' : 'it is not a folder';
  throw new StoreFault({ kind: 'io', path: root, message });
}

/** Is there a store? One of a format we do not know is refused. */
export function isStore(disk: FileSystem, layout: Layout): boolean {
  const found = readFormat(disk, layout);
  if (found === undefined || found === STORE_FORMAT) return found !== undefined;
  throw new StoreFault({ kind: 'unknown-format', path: layout.root, found: found.trim() });
}

async function prepareFolders(disk: FileSystem, layout: Layout): Promise<void> {
  const folders = [layout.temporary, layout.blobs, layout.traces, layout.quarantine];
  const made = folders.filter(folder => makeFolder(disk, folder));
  if (made.length > 0) await syncFolder(disk, layout.root);
}

function readFormat(disk: FileSystem, layout: Layout): string | undefined {
  if (disk.lstat(layout.format) === undefined) return undefined;
  const fd = disk.openToRead(layout.format);
  try {
    const buffer = Buffer.alloc(64);
    return buffer.toString('utf8', 0, disk.readNow(fd, buffer));
  } finally {
    disk.close(fd);
  }
}

/** Writes a small file that becomes visible under its name only once it is whole and on disk. */
export async function publish(
  disk: FileSystem,
  layout: Layout,
  path: string,
  bytes: Uint8Array,
): Promise<void> {
  const aside = temporaryPath(layout);
  const fd = disk.create(aside, 0o444);
  try {
    try {
      writeAll(disk, fd, bytes);
      if (disk.fstat(fd).size !== BigInt(bytes.byteLength)) throw lengthFault(aside);
      await disk.sync(fd);
    } finally {
      disk.close(fd);
    }
    disk.rename(aside, path);
  } catch (error) {
    discard(disk, aside);
    throw error;
  }
  await syncFolder(disk, dirname(path));
}

/** Removes a temporary file on the way out of a failure: a second failure must not hide the first. */
export function discard(disk: FileSystem, path: string): void {
  try {
    disk.unlink(path);
  } catch {
    // Collection empties `tmp/`.
  }
}

/** Makes the names in a folder durable. */
export async function syncFolder(disk: FileSystem, path: string): Promise<void> {
  const fd = disk.openFolder(path);
  try {
    await disk.sync(fd);
  } catch (error) {
    // Some file systems have nothing to sync for a folder and say so.
    if (!['EINVAL', 'ENOTSUP', 'EOPNOTSUPP'].includes(errorCode(error) ?? '')) throw error;
  } finally {
    disk.close(fd);
  }
}

/** False when it was there already. */
export function makeFolder(disk: FileSystem, path: string): boolean {
  if (disk.lstat(path) !== undefined) return false;
  try {
    disk.mkdir(path, 0o755);
    return true;
  } catch (error) {
    // Another process was first.
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function makeFolders(disk: FileSystem, path: string): Promise<void> {
  if (disk.stat(path) !== undefined) return;
  await makeFolders(disk, dirname(path));
  makeFolder(disk, path);
  await syncFolder(disk, dirname(path));
}

/**
 * Bytes by their digest: written once, never changed, verified whenever they are read. A blob that
 * is not what its name says is moved aside and is from then on not there. Unaware of trees.
 */
import type { Digest } from '../schema/id.ts';
import {
  digestBytes,
  lengthFault,
  readSmall,
  SMALL_BYTES,
  smallBuffer,
  writeAll,
} from './content.ts';
import type { ContentReader } from './content-pool.ts';
import type { DurableNames } from './durable-names.ts';
import { errorCode, StoreFault, storeErrorOf } from './fault.ts';
import type { FileSystem } from './file-system.ts';
import { blobPath, type Layout, temporaryPath } from './layout.ts';
import type { StoreWarning } from './store.ts';

/** What every operation on one store's files needs. */
export type Depot = {
  readonly disk: FileSystem;
  readonly layout: Layout;
  readonly content: ContentReader;
  readonly names: DurableNames;
  readonly warn: (warning: StoreWarning) => void;
};

/** Undefined when the blob is not there. */
export const blobSize = ({ disk, layout }: Depot, digest: Digest): bigint | undefined =>
  disk.lstat(blobPath(layout, digest))?.size;

/** A blob's bytes, verified, in memory of their own. `limit` guards that memory. */
export function readBlob(depot: Depot, digest: Digest, limit: number): Buffer {
  const { disk, layout } = depot;
  const path = blobPath(layout, digest);
  const size = presentSize(depot, digest);
  if (size > limit) {
    throw new StoreFault({ kind: 'unsupported', path, message: 'too large to be read at once' });
  }
  try {
    const bytes = readSmall(disk, path, { size }, Buffer.allocUnsafeSlow(Number(size) + 1));
    if (digestBytes(bytes) === digest) return bytes;
  } catch (error) {
    if (!isUnreadable(depot, digest, error)) throw error;
  }
  throw corrupt(depot, digest);
}

/** Copies a blob to `target`, which must not exist; what was copied is what was verified. */
export async function copyBlob(
  depot: Depot,
  blob: { readonly digest: Digest; readonly bytes: number },
  target: string,
  mode: number,
): Promise<void> {
  const { disk, layout, content } = depot;
  const size = presentSize(depot, blob.digest);
  const path = blobPath(layout, blob.digest);
  if (size !== BigInt(blob.bytes)) throw corrupt(depot, blob.digest);
  let copied: Digest | undefined;
  try {
    if (size <= SMALL_BYTES) {
      const bytes = readSmall(disk, path, { size });
      copied = digestBytes(bytes);
      if (copied === blob.digest) writeFile(disk, target, bytes, mode);
    } else copied = await content.copy({ path, seen: { size }, target, mode, durable: false });
  } catch (error) {
    if (!isUnreadable(depot, blob.digest, error)) throw error;
  }
  if (copied !== blob.digest) throw corrupt(depot, blob.digest);
}

/** Is the blob there, and are its bytes right? One that is not right is moved aside. */
export function verifyBlob(depot: Depot, digest: Digest): boolean | Promise<boolean> {
  const size = blobSize(depot, digest);
  if (size === undefined) return false;
  const path = blobPath(depot.layout, digest);
  const judge = (found: Digest | undefined): boolean => {
    if (found !== digest) quarantine(depot, digest);
    return found === digest;
  };
  const refuse = (error: unknown): boolean => {
    if (!isUnreadable(depot, digest, error)) throw error;
    return judge(undefined);
  };
  if (size > SMALL_BYTES) {
    return Promise.resolve(depot.content.hash(path, { size })).then(judge, refuse);
  }
  try {
    return judge(digestBytes(readSmall(depot.disk, path, { size }, verifyBuffer)));
  } catch (error) {
    return refuse(error);
  }
}

/** EACCES and EPERM: somebody forbids it. EIO: the disk has lost it. */
const UNREADABLE: ReadonlySet<string | undefined> = new Set(['EACCES', 'EPERM', 'EIO']);

/** One that cannot be read is as good as damaged: whoever made it can make it again. */
function isUnreadable({ disk, layout }: Depot, digest: Digest, error: unknown): boolean {
  if (!UNREADABLE.has(errorCode(error))) return false;
  // It may have been what it was copied to, or have passed.
  try {
    readThrough(disk, blobPath(layout, digest));
    return false;
  } catch (second) {
    return UNREADABLE.has(errorCode(second));
  }
}

/** So rare that others may wait for it. */
function readThrough(disk: FileSystem, path: string): void {
  const fd = disk.openToRead(path);
  try {
    while (disk.readNow(fd, verifyBuffer) > 0);
  } finally {
    disk.close(fd);
  }
}

/** Not the one that holds the bytes which are about to be stored. */
const verifyBuffer = smallBuffer();

/** Moves a blob aside and says so. */
export function quarantine({ disk, layout, warn }: Depot, digest: Digest): void {
  const aside = `${layout.quarantine}/${digest}-${temporaryPath(layout).slice(-8)}`;
  const path = blobPath(layout, digest);
  let where = `it has been moved to ${aside}`;
  try {
    disk.rename(path, aside);
  } catch (error) {
    where = `it could not be moved aside: ${storeErrorOf(error, path).kind}`;
  }
  warn({
    code: 'corrupt-blob',
    message: `stored content ${digest.slice(0, 12)} is damaged; ${where}`,
  });
}

function presentSize(depot: Depot, digest: Digest): bigint {
  const size = blobSize(depot, digest);
  if (size !== undefined) return size;
  throw new StoreFault({ kind: 'absent', path: blobPath(depot.layout, digest) });
}

function corrupt(depot: Depot, digest: Digest): StoreFault {
  quarantine(depot, digest);
  return new StoreFault({ kind: 'corrupt', digest });
}

function writeFile(disk: FileSystem, path: string, bytes: Uint8Array, mode: number): void {
  const fd = disk.create(path, mode);
  try {
    writeAll(disk, fd, bytes);
    if (disk.fstat(fd).size !== BigInt(bytes.byteLength)) throw lengthFault(path);
  } finally {
    disk.close(fd);
  }
}

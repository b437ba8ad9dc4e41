/**
 * Reads files and knows what it has read: every function here gives the digest of the bytes that
 * passed through it, and notices when the file changed meanwhile. Small files in one go, large ones
 * in chunks. Unaware of blobs and of what is done with a digest.
 */
import { createHash, type Hash, hash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { type Digest, digestOfHex } from '../schema/id.ts';
import { errorCode, StoreFault } from './fault.ts';
import type { FileSystem } from './file-system.ts';

/** Up to here a file is read in one go, without giving way to other work: about a millisecond. */
export const SMALL_BYTES = 1 << 20;
/** The unit in which runs of zeros are left out of what is written. */
const HOLE_BYTES = 1 << 16;
const ZEROS = Buffer.alloc(HOLE_BYTES);

export const digestBytes = (bytes: Uint8Array): Digest => digestOfHex(hash('sha256', bytes, 'hex'));

/**
 * Of bytes that come in parts, each in memory of its own. What comes in one takes no hasher, which
 * outlives many a collection of garbage.
 */
export function digestParts() {
  let first: Uint8Array | undefined;
  let hasher: Hash | undefined;
  return {
    part: (bytes: Uint8Array): void => {
      if (first === undefined) first = bytes;
      else hasher = (hasher ?? createHash('sha256').update(first)).update(bytes);
    },
    end: (): Digest =>
      hasher === undefined
        ? digestBytes(first ?? Buffer.alloc(0))
        : digestOfHex(hasher.digest('hex')),
  };
}

/**
 * What is expected of a file: its whole stat, and then any change is noticed; or only its size, and
 * then the caller judges by the digest. A blob's stat may change under a reader: a second writer of
 * the same bytes replaces it.
 */
export type Seen = Stamp | { readonly size: bigint };

export type Stamp = Pick<BigIntStats, 'dev' | 'ino' | 'size' | 'mtimeNs' | 'ctimeNs'>;

const isAsSeen = (now: BigIntStats, seen: Seen): boolean =>
  'ino' in seen ? sameStamp(now, seen) : now.size === seen.size;

/** What was there a moment ago and is not now has moved; a blob that was merely expected is absent. */
function openAsSeen(disk: FileSystem, path: string, seen: Seen): number {
  try {
    return disk.openToRead(path);
  } catch (error) {
    const isGone = ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errorCode(error) ?? '');
    throw isGone && 'ino' in seen ? unstable(path) : error;
  }
}

/** Do two stats show the same, unchanged file? ctime cannot be set back by a program. */
export const sameStamp = (a: Stamp, b: Stamp): boolean =>
  a.ino === b.ino &&
  a.ctimeNs === b.ctimeNs &&
  a.mtimeNs === b.mtimeNs &&
  a.size === b.size &&
  a.dev === b.dev;

/** Room for `readSmall`. */
export const smallBuffer = (): Buffer => Buffer.allocUnsafeSlow(SMALL_BYTES + 1);

/** Shared by small reads: they are synchronous, so there is never more than one. */
const scratch = smallBuffer();

/**
 * The bytes of a small file, in `buffer`: valid until its next use. Throws `unstable` when the
 * file is no longer as it was seen.
 */
export function readSmall(
  disk: FileSystem,
  path: string,
  seen: Seen,
  buffer: Buffer = scratch,
): Buffer {
  const fd = openAsSeen(disk, path, seen);
  try {
    const size = Number(seen.size);
    // One byte more than expected is asked for, so that growth shows.
    const length = fill(disk, fd, buffer.subarray(0, size + 1));
    if (length !== size || !isAsSeen(disk.fstat(fd), seen)) throw unstable(path);
    return buffer.subarray(0, size);
  } finally {
    disk.close(fd);
  }
}

/**
 * The bytes of a file whose digest the caller judges; valid until the next small read. Undefined for
 * what is none, or larger than `limit`.
 */
export function readWhole(disk: FileSystem, path: string, limit: number): Buffer | undefined {
  const fd = disk.openToRead(path);
  try {
    const length = fill(disk, fd, scratch);
    if (length < scratch.byteLength) return scratch.subarray(0, length);
    const seen = disk.fstat(fd);
    if (!seen.isFile() || seen.size > limit) return undefined;
    const bytes = Buffer.allocUnsafe(Number(seen.size));
    scratch.copy(bytes);
    return bytes.subarray(0, length + fill(disk, fd, bytes.subarray(length)));
  } finally {
    disk.close(fd);
  }
}

/** How much of the buffer is filled when the file has ended, or the room has. */
function fill(disk: FileSystem, fd: number, buffer: Buffer): number {
  let length = 0;
  while (length < buffer.byteLength) {
    const count = disk.readNow(fd, buffer.subarray(length));
    if (count === 0) break;
    length += count;
  }
  return length;
}

/** Digests a file of any size. */
export function hashFile(disk: FileSystem, path: string, seen: Seen): Digest | Promise<Digest> {
  if (seen.size <= SMALL_BYTES) return digestBytes(readSmall(disk, path, seen));
  return readLarge(disk, path, seen, () => undefined);
}

export type Copy = {
  readonly path: string;
  readonly seen: Seen;
  /** Must not exist. */
  readonly target: string;
  readonly mode: number;
  /** Is it on disk when we return? Its name is not: that is the caller's. */
  readonly durable: boolean;
};

/**
 * Copies a file and returns the digest of the copy's bytes. Shares blocks where the file system
 * can; the copy is then private all the same. Otherwise runs of zeros become holes.
 */
export async function copyContent(disk: FileSystem, copy: Copy): Promise<Digest> {
  const isCloned = await disk.clone(copy.path, copy.target);
  return isCloned ? readClone(disk, copy) : writeCopy(disk, copy);
}

async function readClone(disk: FileSystem, copy: Copy): Promise<Digest> {
  const digest = await hashFile(disk, copy.target, { size: copy.seen.size });
  const now = disk.lstat(copy.path);
  if (now === undefined || !isAsSeen(now, copy.seen)) throw unstable(copy.path);
  disk.chmod(copy.target, copy.mode);
  if (!copy.durable) return digest;
  const fd = disk.openToRead(copy.target);
  try {
    await disk.sync(fd);
  } finally {
    disk.close(fd);
  }
  return digest;
}

async function writeCopy(disk: FileSystem, copy: Copy): Promise<Digest> {
  const output = disk.create(copy.target, copy.mode);
  try {
    let position = 0;
    const digest = await readLarge(disk, copy.path, copy.seen, async chunk => {
      await writeSparse(disk, output, chunk, position);
      position += chunk.byteLength;
    });
    disk.truncate(output, position);
    if (disk.fstat(output).size !== copy.seen.size) throw lengthFault(copy.target);
    if (copy.durable) await disk.sync(output);
    return digest;
  } finally {
    disk.close(output);
  }
}

/** Writes all of a buffer held in memory to a file that was just created. */
export function writeAll(disk: FileSystem, fd: number, bytes: Uint8Array): void {
  for (let position = 0; position < bytes.byteLength; ) {
    position += disk.writeNow(fd, bytes.subarray(position));
  }
}

/** What was written is shorter than what was meant: a disk that lies, or a full one that keeps quiet. */
export const lengthFault = (path: string): StoreFault =>
  new StoreFault({ kind: 'io', path, message: 'the file is shorter than what was written to it' });

async function readLarge(
  disk: FileSystem,
  path: string,
  seen: Seen,
  onChunk: (chunk: Buffer) => Promise<void> | undefined,
): Promise<Digest> {
  const hasher = createHash('sha256');
  const fd = openAsSeen(disk, path, seen);
  try {
    const length = await eachChunk(disk, fd, async chunk => {
      const written = onChunk(chunk);
      hasher.update(chunk);
      await written;
    });
    if (BigInt(length) !== seen.size || !isAsSeen(disk.fstat(fd), seen)) throw unstable(path);
    return digestOfHex(hasher.digest('hex'));
  } finally {
    disk.close(fd);
  }
}

/** The next chunk is read while the last one is worked on. */
async function eachChunk(
  disk: FileSystem,
  fd: number,
  onChunk: (chunk: Buffer) => Promise<void>,
): Promise<number> {
  const room = () => Buffer.allocUnsafeSlow(disk.chunkBytes);
  let [current, next] = [room(), room()];
  let length = 0;
  let count = await disk.read(fd, current);
  while (count > 0) {
    length += count;
    // Both are awaited even when one fails: the descriptor is closed after us.
    const [work, reading] = await Promise.allSettled([
      onChunk(current.subarray(0, count)),
      disk.read(fd, next),
    ]);
    if (work.status === 'rejected') throw work.reason;
    if (reading.status === 'rejected') throw reading.reason;
    count = reading.value;
    [current, next] = [next, current];
  }
  return length;
}

async function writeSparse(
  disk: FileSystem,
  fd: number,
  chunk: Buffer,
  position: number,
): Promise<void> {
  let start = 0;
  while (start < chunk.byteLength) {
    if (isHole(chunk, start)) {
      start += HOLE_BYTES;
      continue;
    }
    let end = start + HOLE_BYTES;
    while (end < chunk.byteLength && !isHole(chunk, end)) end += HOLE_BYTES;
    const slice = chunk.subarray(start, end);
    for (let done = 0; done < slice.byteLength; ) {
      done += await disk.writeAt(fd, slice.subarray(done), position + start + done);
    }
    start = end;
  }
}

const isHole = (chunk: Buffer, start: number): boolean =>
  chunk[start] === 0 &&
  start + HOLE_BYTES <= chunk.byteLength &&
  chunk.compare(ZEROS, 0, HOLE_BYTES, start, start + HOLE_BYTES) === 0;

const unstable = (path: string): StoreFault => new StoreFault({ kind: 'unstable', path });

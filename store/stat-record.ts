/**
 * One folder's row of the stat cache as bytes: compact, quick to read for 100,000 files, and with a
 * checksum, because a damaged row must not speak for a file. Unaware of SQLite.
 *
 *   crc32 u32 | count u32 | count × (dev ino size mtimeNs ctimeNs: i64) | count × SHA-256 | names,
 *   each followed by NUL
 */
import { endianness } from 'node:os';
import { crc32 } from 'node:zlib';
import { type Digest, parseDigest } from '../schema/id.ts';

export type KnownFile = {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly digest: Digest;
};

const HEADER_BYTES = 8;
const NUMBERS = 5;
const STAT_BYTES = NUMBERS * 8;
const DIGEST_BYTES = 32;

export function encodeFolder(path: string, files: ReadonlyMap<string, KnownFile>): Uint8Array {
  const count = files.size;
  const names = Buffer.from([...files.keys()].map(name => `${name}\0`).join(''), 'utf8');
  const digestsAt = HEADER_BYTES + count * STAT_BYTES;
  const namesAt = digestsAt + count * DIGEST_BYTES;
  const body = Buffer.alloc(namesAt + names.byteLength);
  const numbers = new BigInt64Array(body.buffer, body.byteOffset + HEADER_BYTES, count * NUMBERS);
  let index = 0;
  for (const { dev, ino, size, mtimeNs, ctimeNs, digest } of files.values()) {
    numbers.set([dev, ino, size, mtimeNs, ctimeNs], index * NUMBERS);
    body.write(digest, digestsAt + index * DIGEST_BYTES, 'hex');
    index++;
  }
  names.copy(body, namesAt);
  body.writeUInt32LE(count, 4);
  body.writeUInt32LE(checksum(path, body), 0);
  return body;
}

/** Undefined for a row that is not what was written for this folder. */
export function decodeFolder(
  path: string,
  row: Uint8Array,
): ReadonlyMap<string, KnownFile> | undefined {
  // A copy in memory of its own: the numbers' view wants them aligned.
  const body = Buffer.from(new Uint8Array(row).buffer);
  if (body.byteLength < HEADER_BYTES || body.readUInt32LE(0) !== checksum(path, body)) {
    return undefined;
  }
  const count = body.readUInt32LE(4);
  const digestsAt = HEADER_BYTES + count * STAT_BYTES;
  const namesAt = digestsAt + count * DIGEST_BYTES;
  if (namesAt > body.byteLength) return undefined;
  const numbers = new BigInt64Array(body.buffer, HEADER_BYTES, count * NUMBERS);
  const digests = body.toString('hex', digestsAt, namesAt);
  const names = body.toString('utf8', namesAt).split('\0');
  const files = new Map<string, KnownFile>();
  for (let index = 0; index < count; index++) {
    const digest = parseDigest(digests.slice(index * 64, index * 64 + 64));
    const [dev, ino, size, mtimeNs, ctimeNs] = numbers.subarray(index * NUMBERS);
    if (digest === undefined || dev === undefined || ino === undefined) return undefined;
    if (size === undefined || mtimeNs === undefined || ctimeNs === undefined) return undefined;
    files.set(names[index] ?? '', { dev, ino, size, mtimeNs, ctimeNs, digest });
  }
  return files;
}

/** Over the folder's path as well, so that no row can stand for another; and over the byte order. */
const checksum = (path: string, body: Buffer): number =>
  crc32(body.subarray(4), crc32(`${endianness()}:${path}`));

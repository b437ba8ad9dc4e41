/**
 * What is known of the files of one folder, and its row of the stat cache as bytes: compact, quick
 * to read for a million files, and with a checksum, because a damaged row must not speak for a file.
 * In memory it stays in columns, as it is stored: an object for each file takes five times the room.
 * Unaware of SQLite.
 *
 *   crc32 u32 | count u32 | count × (dev ino size mtimeNs ctimeNs: i64) | count × SHA-256 | names,
 *   each followed by NUL, in the order of their code units
 */
import { endianness } from 'node:os';
import { crc32 } from 'node:zlib';
import { byCodeUnit } from '../schema/canonical-json.ts';
import { type Digest, digestOfHex } from '../schema/id.ts';
import type { Stamp } from './content.ts';

const HEADER_BYTES = 8;
const NUMBERS = 5;
const STAT_BYTES = NUMBERS * 8;
const DIGEST_BYTES = 32;

export class KnownFiles {
  readonly #names: string[];
  readonly #stamps: BigInt64Array;
  readonly #digests: Buffer;

  private constructor(names: string[], stamps: BigInt64Array, digests: Buffer) {
    this.#names = names;
    this.#stamps = stamps;
    this.#digests = digests;
  }

  /** None yet, and room for so many. */
  static withRoom(count: number): KnownFiles {
    const digests = Buffer.alloc(count * DIGEST_BYTES);
    return new KnownFiles([], new BigInt64Array(count * NUMBERS), digests);
  }

  get count(): number {
    return this.#names.length;
  }

  add(name: string, { dev, ino, size, mtimeNs, ctimeNs }: Stamp, digest: Digest): void {
    const index = this.#names.push(name) - 1;
    this.#stamps.set([dev, ino, size, mtimeNs, ctimeNs], index * NUMBERS);
    this.#digests.write(digest, index * DIGEST_BYTES, 'hex');
  }

  /** Where a name stands among those of a row; undefined when it does not. */
  indexOf(name: string, guess: number): number | undefined {
    if (this.#names[guess] === name) return guess;
    let [from, to] = [0, this.#names.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (byCodeUnit(this.#names[middle] ?? '', name) < 0) from = middle + 1;
      else to = middle;
    }
    return this.#names[from] === name ? from : undefined;
  }

  isSame(index: number, seen: Stamp): boolean {
    const at = index * NUMBERS;
    return (
      this.#stamps[at + 1] === seen.ino &&
      this.#stamps[at + 4] === seen.ctimeNs &&
      this.#stamps[at + 3] === seen.mtimeNs &&
      this.#stamps[at + 2] === seen.size &&
      this.#stamps[at] === seen.dev
    );
  }

  digest(index: number): Digest {
    const at = index * DIGEST_BYTES;
    return digestOfHex(this.#digests.toString('hex', at, at + DIGEST_BYTES));
  }

  /** Those of others that are wanted, as they are. */
  addFrom(others: KnownFiles, isWanted: (index: number) => boolean): void {
    for (const [index, name] of others.#names.entries()) {
      if (isWanted(index)) this.#copy(others, index, this.#names.push(name) - 1);
    }
  }

  #copy(from: KnownFiles, index: number, place: number): void {
    const stamp = from.#stamps.subarray(index * NUMBERS, (index + 1) * NUMBERS);
    this.#stamps.set(stamp, place * NUMBERS);
    const at = index * DIGEST_BYTES;
    from.#digests.copy(this.#digests, place * DIGEST_BYTES, at, at + DIGEST_BYTES);
  }

  /** The row of the folder at `path`. */
  toRow(path: string): Uint8Array {
    const name = (index: number) => this.#names[index] ?? '';
    // Whole runs are in order already, which this way of sorting makes use of.
    const order = [...this.#names.keys()].sort((a, b) => byCodeUnit(name(a), name(b)));
    const names = `${order.map(name).join('\0')}\0`;
    const namesAt = HEADER_BYTES + order.length * (STAT_BYTES + DIGEST_BYTES);
    const body = Buffer.alloc(namesAt + Buffer.byteLength(names));
    body.write(names, namesAt);
    const row = new KnownFiles([], ...columnsOf(body, order.length));
    for (const [place, index] of order.entries()) row.#copy(this, index, place);
    body.writeUInt32LE(order.length, 4);
    body.writeUInt32LE(checksum(path, body), 0);
    return body;
  }

  /** Undefined for a row that is not what was written for this folder. */
  static ofRow(path: string, row: Uint8Array): KnownFiles | undefined {
    // The stamps want to be aligned.
    const { buffer, byteOffset, byteLength } = row.byteOffset % 8 === 0 ? row : new Uint8Array(row);
    const body = Buffer.from(buffer, byteOffset, byteLength);
    if (body.length < HEADER_BYTES || body.readUInt32LE(0) !== checksum(path, body))
      return undefined;
    const count = body.readUInt32LE(4);
    const namesAt = HEADER_BYTES + count * (STAT_BYTES + DIGEST_BYTES);
    if (namesAt > body.length) return undefined;
    // Behind the last NUL there is nothing.
    const names = body.toString('utf8', namesAt).split('\0').slice(0, -1);
    return names.length === count ? new KnownFiles(names, ...columnsOf(body, count)) : undefined;
  }
}

function columnsOf(body: Buffer, count: number): [stamps: BigInt64Array, digests: Buffer] {
  const digestsAt = HEADER_BYTES + count * STAT_BYTES;
  return [
    new BigInt64Array(body.buffer, body.byteOffset + HEADER_BYTES, count * NUMBERS),
    body.subarray(digestsAt, digestsAt + count * DIGEST_BYTES),
  ];
}

/** Over the folder's path as well, so that no row can stand for another; and over the byte order. */
const checksum = (path: string, body: Buffer): number =>
  crc32(body.subarray(4), crc32(`${endianness()}:${path}`));

/**
 * What a version consists of, as sorted hashes: enough to count what a later one added and removed
 * without keeping its data. Unaware of the registry.
 */
import { hash } from 'node:crypto';
import { endianness } from 'node:os';
import { fieldsText } from '../sdk/csv.ts';
import { columnIndex, type DatasetMeta } from '../sdk/dataset.ts';

/** 64 bits of SHA-256 per row, sorted, repeated rows repeated. */
export type RowHashes = BigUint64Array;

export type Contents = {
  readonly rows: RowHashes;
  /** Hash of a file's path → hash of its content; empty for tables. */
  readonly files: ReadonlyMap<bigint, bigint>;
};

export async function contentsOf(
  meta: DatasetMeta,
  rows: AsyncIterable<readonly string[]>,
): Promise<Contents> {
  const hashes = new BigUint64Array(meta.rows);
  const files = new Map<bigint, bigint>();
  const hasFiles = meta.kind !== 'table';
  const path = hasFiles ? columnIndex(meta, 'path') : -1;
  const content = hasFiles ? columnIndex(meta, 'sha256') : -1;
  let count = 0;
  for await (const row of rows) {
    hashes[count] = shortHash(fieldsText(row));
    if (hasFiles) files.set(shortHash(row[path] ?? ''), shortHash(row[content] ?? ''));
    count += 1;
  }
  return { rows: hashes.sort(), files };
}

const shortHash = (text: string): bigint => hash('sha256', text, 'buffer').readBigUInt64BE(0);

/**
 * The bytes that are kept: the number of rows and of files, the row hashes, then pairs of path and
 * content hash by path; all of them 8 bytes, big-endian.
 */
export function encodeContents({ rows, files }: Contents): Buffer {
  const pairs = [...files].sort(([a], [b]) => (a < b ? -1 : 1)).flat();
  const words = BigUint64Array.of(BigInt(rows.length), BigInt(files.size));
  return Buffer.concat([bigEndian(words), bigEndian(rows), bigEndian(BigUint64Array.from(pairs))]);
}

/** Undefined for bytes that are not of that form. */
export function decodeContents(bytes: Buffer): Contents | undefined {
  if (bytes.length < 16 || bytes.length % 8 !== 0) return undefined;
  const [rowCount, fileCount] = [bytes.readBigUInt64BE(0), bytes.readBigUInt64BE(8)];
  if (BigInt(bytes.length) !== 16n + 8n * rowCount + 16n * fileCount) return undefined;
  const words = Buffer.from(bytes.subarray(16));
  if (endianness() === 'LE') words.swap64();
  const all = new BigUint64Array(words.length / 8);
  Buffer.from(all.buffer).set(words);
  const rows = all.slice(0, Number(rowCount));
  const pairs = all.subarray(Number(rowCount));
  const files = new Map<bigint, bigint>();
  for (let at = 0; at < pairs.length; at += 2) files.set(pairs[at] ?? 0n, pairs[at + 1] ?? 0n);
  return { rows, files };
}

function bigEndian(words: BigUint64Array): Buffer {
  const bytes = Buffer.from(Buffer.from(words.buffer, words.byteOffset, words.byteLength));
  return endianness() === 'LE' && bytes.length > 0 ? bytes.swap64() : bytes;
}

export type Counts = { readonly added: number; readonly removed: number };

/** Rows of `after` that are not in `before`, and the other way round; each repetition counts. */
export function rowChanges(before: RowHashes, after: RowHashes): Counts {
  let [left, right, same] = [0, 0, 0];
  while (left < before.length && right < after.length) {
    const a = before[left] ?? 0n;
    const b = after[right] ?? 0n;
    if (a === b) same += 1;
    if (a <= b) left += 1;
    if (b <= a) right += 1;
  }
  return { added: after.length - same, removed: before.length - same };
}

/** Files by path: new, gone, and there with another content. */
export function fileChanges(
  before: Contents['files'],
  after: Contents['files'],
): Counts & { readonly changed: number } {
  let [added, changed, kept] = [0, 0, 0];
  for (const [path, content] of after) {
    const old = before.get(path);
    if (old === undefined) added += 1;
    else kept += 1;
    if (old !== undefined && old !== content) changed += 1;
  }
  return { added, removed: before.size - kept, changed };
}

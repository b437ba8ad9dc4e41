/**
 * A folder as bytes: the canonical listing whose SHA-256 is the folder's digest
 * (docs/store-format.md). The same folder gives the same bytes on every machine. Unaware of disks.
 */
import { isUtf8 } from 'node:buffer';
import { byCodeUnit } from '../schema/canonical-json.ts';
import { type Digest, parseDigest } from '../schema/id.ts';

export type ListingEntry =
  | {
      readonly kind: 'file';
      readonly name: string;
      readonly executable: boolean;
      readonly digest: Digest;
      readonly bytes: number;
    }
  /** Totals are those of everything below: a reader need not descend to know them. */
  | {
      readonly kind: 'tree';
      readonly name: string;
      readonly digest: Digest;
      readonly bytes: number;
      readonly files: number;
    }
  | { readonly kind: 'link'; readonly name: string; readonly target: string };

/** Keeps a listing from being mistaken for another kind of record. */
const HEADER = 'sluice-tree 1\n';

/** Entries that are made text together. */
const AT_ONCE = 1_024;

/** Writes a listing part by part: as a whole, that of a large folder would be in memory for long. */
export class ListingWriter {
  readonly #write: (part: Buffer) => void;
  #texts = [HEADER];

  constructor(write: (part: Buffer) => void) {
    this.#write = write;
  }

  /** In the order of the names' bytes. */
  add(entry: ListingEntry): void {
    this.#texts.push(encodeEntry(entry));
    if (this.#texts.length >= AT_ONCE) this.#flush();
  }

  end(): void {
    this.#flush();
  }

  #flush(): void {
    this.#write(Buffer.from(this.#texts.join('')));
    this.#texts = [];
  }
}

/** Entries may come in any order; their names must be unique. */
export function encodeListing(entries: readonly ListingEntry[]): Buffer {
  const parts: Buffer[] = [];
  const writer = new ListingWriter(part => parts.push(part));
  for (const entry of [...entries].sort((a, b) => byBytes(a.name, b.name))) writer.add(entry);
  writer.end();
  return Buffer.concat(parts);
}

function encodeEntry(entry: ListingEntry): string {
  switch (entry.kind) {
    case 'file':
      return `${entry.executable ? 'x' : 'f'} ${entry.digest} ${entry.bytes} ${entry.name}\0`;
    case 'tree':
      return `d ${entry.digest} ${entry.bytes} ${entry.files} ${entry.name}\0`;
    case 'link':
      return `l ${entry.name}\0${entry.target}\0`;
  }
}

/**
 * One by one: as a whole, the entries of a large folder would be in memory for long. What
 * `encodeListing` would not have written is undefined from there on.
 */
export function* decodeListing(data: Buffer): Generator<ListingEntry | undefined, void> {
  const hasHeader = isUtf8(data) && data.toString('utf8', 0, HEADER.length) === HEADER;
  const isEmpty = data.length === HEADER.length;
  if (!hasHeader || !(isEmpty || data.at(-1) === 0)) return yield undefined;
  let previous: string | undefined;
  const fields = fieldsOf(data);
  for (const field of fields) {
    const entry = field.startsWith('l ')
      ? linkOf(field, fields.next().value ?? '')
      : (fileOf(field) ?? treeOf(field));
    if (entry === undefined || !isEntryName(entry.name)) return yield undefined;
    if (previous !== undefined && byBytes(previous, entry.name) >= 0) return yield undefined;
    previous = entry.name;
    yield entry;
  }
}

/** Each ends with NUL. */
function* fieldsOf(data: Buffer): Generator<string, void> {
  for (let at = HEADER.length; at < data.length; ) {
    const end = data.indexOf(0, at);
    yield data.toString('utf8', at, end);
    at = end + 1;
  }
}

function linkOf(field: string, target: string): ListingEntry | undefined {
  if (target === '') return undefined;
  return { kind: 'link', name: field.slice(2), target };
}

const FILE = /^([fx]) ([0-9a-f]{64}) (0|[1-9]\d{0,15}) (.+)$/s;

function fileOf(field: string): ListingEntry | undefined {
  const [, type, hex, bytes, name] = FILE.exec(field) ?? [];
  const digest = parseDigest(hex);
  if (digest === undefined || name === undefined || !isExact(bytes)) return undefined;
  return { kind: 'file', name, executable: type === 'x', digest, bytes: Number(bytes) };
}

const TREE = /^d ([0-9a-f]{64}) (0|[1-9]\d{0,15}) (0|[1-9]\d{0,15}) (.+)$/s;

function treeOf(field: string): ListingEntry | undefined {
  const [, hex, bytes, files, name] = TREE.exec(field) ?? [];
  const digest = parseDigest(hex);
  if (digest === undefined || name === undefined) return undefined;
  if (!isExact(bytes) || !isExact(files)) return undefined;
  return { kind: 'tree', name, digest, bytes: Number(bytes), files: Number(files) };
}

/** Sixteen digits may be more than a number can hold, and would be another number when written. */
const isExact = (digits: string | undefined): boolean => Number.isSafeInteger(Number(digits));

const isEntryName = (name: string): boolean =>
  name !== '' && name !== '.' && name !== '..' && !name.includes('/');

const SURROGATE = /[\ud800-\udfff]/;

/** The order of the names' UTF-8 bytes. It is that of code units, except beyond the first plane. */
export function byBytes(a: string, b: string): number {
  if (!SURROGATE.test(a) && !SURROGATE.test(b)) return byCodeUnit(a, b);
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/**
 * May a link with this target stand `depth` folders below a tree's root? `..` is allowed only in
 * front, at most `depth` times. Behind another name it could pass through a second link, and then
 * where it leads cannot be read off the text.
 */
export function staysInside(target: string, depth: number): boolean {
  if (target === '' || target.startsWith('/')) return false;
  const parts = target.split('/').filter(part => part !== '' && part !== '.');
  const up = parts.findIndex(part => part !== '..');
  const ascents = up === -1 ? parts.length : up;
  return ascents <= depth && !parts.slice(ascents).includes('..');
}

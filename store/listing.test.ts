import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../schema/id.ts';
import {
  byBytes,
  decodeListing,
  encodeListing,
  type ListingEntry,
  staysInside,
} from './listing.ts';

const name = fc
  .string({ minLength: 1, unit: 'grapheme' })
  .filter(text => !/[\0/]/.test(text) && text !== '.' && text !== '..' && text.isWellFormed());
const digest = fc.string().map(sha256);
const size = fc.maxSafeNat();

const entry: fc.Arbitrary<ListingEntry> = fc.oneof(
  fc.record({
    kind: fc.constant('file' as const),
    name,
    executable: fc.boolean(),
    digest,
    bytes: size,
  }),
  fc.record({ kind: fc.constant('tree' as const), name, digest, bytes: size, files: size }),
  fc.record({ kind: fc.constant('link' as const), name, target: name }),
);
const entries = fc.uniqueArray(entry, { selector: ({ name }) => name, maxLength: 12 });

test('a listing is read back as it was written, in the order of bytes', () => {
  fc.assert(
    fc.property(entries, some => {
      const sorted = [...some].sort((a, b) => byBytes(a.name, b.name));
      expect([...decodeListing(encodeListing(some))]).toEqual(sorted);
    }),
  );
});

test('the order in which a folder is read does not matter', () => {
  fc.assert(
    fc.property(entries, some => {
      expect(encodeListing([...some].reverse()).equals(encodeListing(some))).toBe(true);
    }),
  );
});

test('no two folders have the same listing', () => {
  fc.assert(
    fc.property(entries, entries, (some, others) => {
      const sorted = (list: readonly ListingEntry[]) =>
        JSON.stringify(
          [...list].sort((a, b) => byBytes(a.name, b.name)),
          Object.keys(ALL).sort(),
        );
      expect(encodeListing(some).equals(encodeListing(others))).toBe(
        sorted(some) === sorted(others),
      );
    }),
  );
});

const ALL = { kind: 0, name: 0, executable: 0, digest: 0, bytes: 0, files: 0, target: 0 };

test('only what would be written is read', () => {
  fc.assert(
    fc.property(entries, fc.nat(), fc.nat({ max: 255 }), (some, at, byte) => {
      const bytes = encodeListing(some);
      bytes[at % bytes.byteLength] = byte;
      const decoded = [...decodeListing(bytes)];
      const known = decoded.filter(entry => entry !== undefined);
      if (known.length === decoded.length) expect(encodeListing(known).equals(bytes)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test('a size that no number can hold is not read as another one', () => {
  const digest = sha256('');
  for (const entry of [`f ${digest} 9007199254740993 a`, `d ${digest} 0 9007199254740993 a`]) {
    expect([...decodeListing(Buffer.from(`sluice-tree 1\n${entry}\0`))]).toEqual([undefined]);
  }
});

test.each([
  ['no header', ''],
  ['another version', 'sluice-tree 2\n'],
  ['bytes that are not text', Buffer.from('sluice-tree 1\nl a\0\xff\0', 'latin1')],
  ['an end without NUL', 'sluice-tree 1\nl a'],
  ['a target without NUL', 'sluice-tree 1\nl a\0b'],
  ['no target', 'sluice-tree 1\nl a\0'],
  ['an empty target', 'sluice-tree 1\nl a\0\0'],
  ['an unknown kind', 'sluice-tree 1\nz a\0'],
  ['a name that leads elsewhere', 'sluice-tree 1\nl a/b\0c\0'],
  ['the parent for a name', 'sluice-tree 1\nl ..\0c\0'],
])('%s is no listing', (_, bytes) => {
  expect([...decodeListing(Buffer.from(bytes as string))]).toEqual([undefined]);
});

test('a listing counts up to where it is none: names twice, or in another order', () => {
  for (const second of ['b', 'a']) {
    const [first, ...others] = decodeListing(
      Buffer.from(`sluice-tree 1\nl b\0x\0l ${second}\0x\0l c\0x\0`),
    );
    expect(first).toEqual({ kind: 'link', name: 'b', target: 'x' });
    expect(others).toEqual([undefined]);
  }
});

test('the bytes of a listing are fixed: they are the format', () => {
  const listing = encodeListing([
    { kind: 'link', name: 'to', target: '../a' },
    { kind: 'file', name: 'b', executable: true, digest: sha256('b'), bytes: 1 },
    { kind: 'tree', name: 'a', digest: sha256('sluice-tree 1\n'), bytes: 0, files: 0 },
    { kind: 'file', name: '\u{1d11e}', executable: false, digest: sha256(''), bytes: 0 },
    { kind: 'file', name: '\uff41', executable: false, digest: sha256(''), bytes: 0 },
  ]);
  expect(listing.toString()).toBe(
    'sluice-tree 1\n' +
      `d ${sha256('sluice-tree 1\n')} 0 0 a\0` +
      `x ${sha256('b')} 1 b\0` +
      'l to\0../a\0' +
      `f ${sha256('')} 0 \uff41\0` +
      `f ${sha256('')} 0 \u{1d11e}\0`,
  );
});

describe('a link', () => {
  test.each([
    ['a', 0, true],
    ['a/b', 0, true],
    ['./a', 0, true],
    ['.', 0, true],
    ['..', 1, true],
    ['../a', 1, true],
    ['../../a', 2, true],
    ['..', 0, false],
    ['../a', 0, false],
    ['../../a', 1, false],
    ['a/..', 0, false],
    ['a/../..', 1, false],
    ['./../a', 0, false],
    ['/a', 3, false],
    ['', 0, false],
    ['..a/b', 0, true],
  ])('to %j, %i folders deep: stays inside %s', (target, depth, expected) => {
    expect(staysInside(target, depth)).toBe(expected);
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Contents,
  decodeContents,
  encodeContents,
  fileChanges,
  rowChanges,
} from './contents.ts';
import { type Described, diffVersions } from './diff.ts';

const word = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const hashes = (values: readonly bigint[]) => BigUint64Array.from(values).sort();

test('what is kept of a version comes back as it was', () => {
  fc.assert(
    fc.property(fc.array(word), fc.array(fc.tuple(word, word)), (rows, files) => {
      const contents: Contents = { rows: hashes(rows), files: new Map(files) };
      expect(decodeContents(encodeContents(contents))).toEqual(contents);
    }),
  );
});

test('the order in which files came does not show in the bytes', () => {
  const files: [bigint, bigint][] = [
    [3n, 1n],
    [2n, 5n],
  ];
  const bytes = (pairs: [bigint, bigint][]) =>
    encodeContents({ rows: hashes([]), files: new Map(pairs) });
  expect(bytes(files)).toEqual(bytes(files.toReversed()));
});

test('bytes of another length are not taken for contents', () => {
  const bytes = encodeContents({ rows: hashes([1n, 2n]), files: new Map() });
  expect(decodeContents(bytes.subarray(0, 24))).toBeUndefined();
  expect(decodeContents(Buffer.concat([bytes, Buffer.alloc(8)]))).toBeUndefined();
  expect(decodeContents(Buffer.from('half'))).toBeUndefined();
});

test('rows are compared as a bag: each repetition counts', () => {
  const few = fc.array(fc.bigInt({ min: 0n, max: 6n }), { maxLength: 30 });
  fc.assert(
    fc.property(few, few, (before, after) => {
      const rest = [...after];
      let same = 0;
      for (const value of before) {
        const at = rest.indexOf(value);
        if (at < 0) continue;
        rest.splice(at, 1);
        same += 1;
      }
      expect(rowChanges(hashes(before), hashes(after))).toEqual({
        added: after.length - same,
        removed: before.length - same,
      });
    }),
  );
});

test('files are compared by path', () => {
  const before = new Map([
    [1n, 10n],
    [2n, 20n],
    [3n, 30n],
  ]);
  const after = new Map([
    [2n, 20n],
    [3n, 31n],
    [4n, 40n],
    [5n, 50n],
  ]);
  expect(fileChanges(before, after)).toEqual({ added: 2, removed: 1, changed: 1 });
});

const described = (fields: Partial<Described>): Described => ({
  rows: 0,
  columns: [],
  label: 'y',
  labels: {},
  ...fields,
});

test('a diff names columns and classes that changed, and how far the labels moved', () => {
  const none = { rows: hashes([]), files: new Map() };
  const diff = diffVersions(
    3,
    described({
      columns: [
        { name: 'a', type: 'int' },
        { name: 'b', type: 'int' },
      ],
      labels: { cat: 50, dog: 50 },
    }),
    described({
      columns: [
        { name: 'b', type: 'float' },
        { name: 'c', type: 'int' },
      ],
      labels: { cat: 50, constructor: 50 },
    }),
    { before: none, after: none },
  );
  expect(diff).toEqual({
    from: 3,
    rows: { added: 0, removed: 0 },
    files: { added: 0, removed: 0, changed: 0 },
    columns: { added: ['c'], removed: ['a'], retyped: [{ name: 'b', from: 'int', to: 'float' }] },
    labels: { constructor: { from: 0, to: 50 }, dog: { from: 50, to: 0 } },
    labelDistance: 0.5,
  });
});

test('where the earlier contents are lost the diff says that it does not know', () => {
  const after = { rows: hashes([1n]), files: new Map() };
  const diff = diffVersions(1, described({}), described({}), { before: undefined, after });
  expect([diff.rows, diff.files]).toEqual([null, null]);
});

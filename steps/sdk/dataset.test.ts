import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { anyText } from '../../test/harness/any-text.ts';
import { casesOf } from '../../test/harness/cases.ts';
import {
  type DatasetHead,
  entries,
  readDataset,
  readRows,
  sortClasses,
  writeDataset,
} from './dataset.ts';
import { featureMatrix } from './features.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-dataset-'));
afterAll(() => rmSync(folder, { recursive: true }));

let made = 0;
const write = async (
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  head: Partial<DatasetHead> = {},
) => {
  made += 1;
  const path = join(folder, String(made));
  const meta = await writeDataset(
    path,
    {
      kind: 'table',
      state: 'refined',
      label: null,
      columns: columns.map(name => ({ name })),
      part: null,
      provenance: { source: null, quarantined: 0, steps: [] },
      ...head,
    },
    rows,
  );
  return { path, meta };
};

test('rows come back as they were written, whatever they hold', async () => {
  const table = fc
    .integer({ min: 1, max: 4 })
    .chain(width => fc.array(fc.array(anyText, { minLength: width, maxLength: width })));
  await fc.assert(
    fc.asyncProperty(table, async rows => {
      const names = Array.from({ length: rows[0]?.length ?? 1 }, (_, index) => `c${index}`);
      const { path } = await write(names, rows);
      const back = await Array.fromAsync(readRows(path));
      // Lone surrogates have no UTF-8 form; everything else does.
      expect(back).toEqual(rows.map(row => row.map(text => text.toWellFormed())));
    }),
    { numRuns: casesOf(20) },
  );
});

test('a field of more than a megabyte comes back as it was', async () => {
  const long = 'a,"b"\n'.repeat(200_000);
  const { path } = await write(['x', 'y'], [[long, '1']]);
  expect(await Array.fromAsync(readRows(path))).toEqual([[long, '1']]);
});

test('dataset.json counts what the rows hold', async () => {
  const { path, meta } = await write(
    ['x', 'y'],
    [
      ['1', 'b'],
      ['', 'a'],
      ['3', 'b'],
    ],
    { label: 'y', state: 'labelled' },
  );
  expect(readDataset(path).meta).toEqual(meta);
  expect(meta.rows).toBe(3);
  expect(meta.classes).toEqual(['a', 'b']);
  expect(meta.labels).toEqual({ a: 1, b: 2 });
  expect(meta.columns[0]).toMatchObject({ type: 'int', missing: 1, distinct: 2, mean: 2 });
});

test('the same examples are the same bytes', async () => {
  const one = await write(['x'], [['1'], ['2']]);
  const two = await write(['x'], [['1'], ['2']]);
  for (const file of ['dataset.json', 'rows.csv']) {
    expect(readFileSync(join(one.path, file))).toEqual(readFileSync(join(two.path, file)));
  }
});

test('a part keeps the classes of the whole, with a count of zero for those it lacks', async () => {
  const { meta } = await write(['y'], [['b']], { label: 'y', classes: ['a', 'b', 'c'] });
  expect(meta.classes).toEqual(['a', 'b', 'c']);
  expect(meta.labels).toEqual({ a: 0, b: 1, c: 0 });
});

test('classes called like inherited properties are counted like others', async () => {
  const { path } = await write(['y'], [['constructor'], ['__proto__'], ['constructor']], {
    label: 'y',
  });
  expect(Object.entries(readDataset(path).meta.labels)).toEqual([
    ['__proto__', 1],
    ['constructor', 2],
  ]);
});

test('classes are in order of value where all are numbers, else by code unit', () => {
  expect(sortClasses(['10', '9', '-1', '1.5'])).toEqual(['-1', '1.5', '9', '10']);
  expect(sortClasses(['b', 'ä', 'B', '10', '9'])).toEqual(['10', '9', 'B', 'b', 'ä']);
});

test('files of a dataset are named with their labels', async () => {
  const { path } = await write(
    ['path', 'bytes', 'sha256', 'label'],
    [['cat/1.png', '3', 'ab', 'cat']],
    { kind: 'files', label: 'label' },
  );
  expect(await Array.fromAsync(entries(path))).toEqual([
    { path: join(path, 'files', 'cat/1.png'), label: 'cat' },
  ]);
});

test('a folder that is no dataset, and one of a newer format, are refused by name', async () => {
  expect(() => readDataset(folder)).toThrow(/is not a dataset/);
  const { path, meta } = await write(['x'], [['1']]);
  writeFileSync(join(path, 'dataset.json'), JSON.stringify({ ...meta, format: 2 }));
  expect(() => readDataset(path)).toThrow(/has dataset format 2/);
});

const labelled = () =>
  write(
    ['name', 'size', 'ripe', 'kind'],
    [
      ['n1', '1.5', 'true', 'pear'],
      ['n2', '-2', 'False', 'apple'],
    ],
    { label: 'kind' },
  );

test('features are the numeric columns but the label, labels are indices into the classes', async () => {
  const { path } = await labelled();
  expect(await featureMatrix(path)).toEqual({
    names: ['size', 'ripe'],
    rows: Float32Array.of(1.5, 1, -2, 0),
    count: 2,
    labels: Int32Array.of(1, 0),
    classes: ['apple', 'pear'],
  });
});

test('features can be named in an order, left out, and labelled by another list of classes', async () => {
  const { path } = await labelled();
  const matrix = await featureMatrix(path, { features: ['ripe', 'size'], classes: ['pear'] });
  expect(matrix.rows).toEqual(Float32Array.of(1, 1.5, 0, -2));
  expect(matrix.labels).toEqual(Int32Array.of(0, -1));
  expect((await featureMatrix(path, { exclude: ['size'] })).names).toEqual(['ripe']);
});

test('what cannot be a number is refused with its column', async () => {
  const { path } = await labelled();
  await expect(featureMatrix(path, { features: ['name'] })).rejects.toThrow(/`name` holds text/);
  await expect(featureMatrix(path, { exclude: ['sise'] })).rejects.toThrow(/no column `sise`/);
  await expect(featureMatrix(path, { exclude: ['size', 'ripe'] })).rejects.toThrow(/no numeric/);
  const holes = await write(
    ['x', 'y'],
    [
      ['1', '2'],
      ['', '4'],
    ],
  );
  await expect(featureMatrix(holes.path)).rejects.toThrow('column `x` has no value in row 2');
});

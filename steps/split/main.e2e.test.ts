import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runProgram } from '../../test/harness/step-program.ts';
import { type DatasetHead, readDataset, readRows, writeDataset } from '../sdk/dataset.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-split-'));
afterAll(() => rmSync(folder, { recursive: true }));

let made = 0;
const dataset = async (
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  head: Partial<DatasetHead> = {},
) => {
  made += 1;
  const path = join(folder, String(made));
  await writeDataset(
    path,
    {
      kind: 'table',
      state: 'labelled',
      label: 'y',
      columns: columns.map(name => ({ name })),
      part: null,
      provenance: { source: 'sha256:ab', quarantined: 2, steps: ['ingest@1.0.0'] },
      ...head,
    },
    rows,
  );
  return path;
};

const split = async (data: string, params: Parameters<typeof runProgram>[0]['params'] = {}) => {
  const end = await runProgram({ step: 'split', in: { data }, params });
  const rows = async (port: string) => await Array.fromAsync(readRows(end.out[port] ?? ''));
  return { ...end, rows, meta: (port: string) => readDataset(end.out[port] ?? '').meta };
};

const THREE = { train: 0.6, validation: 0.2, test: 0.2 };
const PORTS = ['train', 'validation', 'test'];
const ten = Array.from({ length: 10 }, (_, index) => [`${index}`, index < 5 ? 'a' : 'b']);

test('the parts are the whole, in its order, and say what they are', async () => {
  const data = await dataset(['x', 'y'], ten);
  const end = await split(data, { parts: THREE, stratify: 'y', seed: 7 });
  expect([end.stderr, end.code, end.warnings]).toEqual(['', 0, []]);
  const parts = await Promise.all(PORTS.map(end.rows));
  expect(parts.map(rows => rows.length)).toEqual([6, 2, 2]);
  expect(parts.flat().sort()).toEqual(ten);
  for (const rows of parts) expect(rows).toEqual([...rows].sort());
  expect(end.meta('test')).toMatchObject({
    state: 'split',
    part: 'test',
    classes: ['a', 'b'],
    labels: { a: 1, b: 1 },
    provenance: {
      source: 'sha256:ab',
      quarantined: 2,
      steps: ['ingest@1.0.0', 'split@1.0.0'],
    },
  });
  expect(readFileSync(end.out['report'] ?? '', 'utf8')).toContain('in more than one part: **0**');
});

test('files go with their rows', async () => {
  const rows = ['a.bin', 'b.bin', 'c.bin', 'd.bin'].map(name => [name, '1', `sha of ${name}`, 'y']);
  const data = await dataset(['path', 'bytes', 'sha256', 'y'], rows, { kind: 'files' });
  mkdirSync(join(data, 'files'));
  for (const [name = ''] of rows) writeFileSync(join(data, 'files', name), name);
  const end = await split(data, { parts: { train: 0.5, validation: 0.25, test: 0.25 } });
  expect(end.stderr).toBe('');
  for (const port of PORTS) {
    for (const [name = ''] of await end.rows(port)) {
      expect(readFileSync(join(end.out[port] ?? '', 'files', name), 'utf8')).toBe(name);
    }
  }
});

const EMPTY = 'the part `validation` is empty: `parts` gives it nothing';

test.each([
  ['not asked for is there, empty, and nobody is warned', {}, []],
  ['given nothing is there, empty, with a warning', { validation: 0 }, [EMPTY]],
])('a part that is %s', async (_, more, warnings) => {
  const parts = { train: 0.8, test: 0.2, ...more };
  const end = await split(await dataset(['x', 'y'], ten), { parts });
  expect([end.stderr, end.code, end.warnings]).toEqual(['', 0, warnings]);
  expect(end.meta('validation')).toMatchObject({ rows: 0, classes: ['a', 'b'] });
});

test('a part that would come out empty is an error', async () => {
  const same = Array.from({ length: 10 }, () => ['1', 'a']);
  const end = await split(await dataset(['x', 'y'], same), { parts: THREE });
  expect([end.code, end.stderr]).toEqual([
    1,
    'error: the part `validation` would be empty: 0.2 of 10 rows in 1 units that stay together\n' +
      'help: more data, a larger fraction, or a finer `group`\n',
  ]);
});

test('folds: the chosen one validates, nothing is held out, and nobody is warned', async () => {
  const end = await split(await dataset(['x', 'y'], ten), { folds: 5, fold: 3, stratify: 'y' });
  expect([end.stderr, end.code, end.warnings]).toEqual(['', 0, []]);
  expect(PORTS.map(port => end.meta(port).rows)).toEqual([8, 2, 0]);
});

test('values with too few rows for every part are named; a wrong column is an error', async () => {
  const rows = [...ten, ['x', 'rare']];
  const data = await dataset(['x', 'y'], rows);
  const end = await split(data, { parts: THREE, stratify: 'y' });
  expect(end.warnings).toEqual(['1 of 3 values of `y` have too few rows for every part: `rare`']);
  const wrong = await split(data, { parts: THREE, stratify: 'z' });
  expect(wrong.stderr).toBe('error: the data has no column `z`\nhelp: its columns are x, y\n');
});

test('the digits divide as they did when the figures were taken', async () => {
  const source = join(import.meta.dirname, '../../examples/digits/digits.csv');
  const ingested = await runProgram({ step: 'ingest', in: { source }, params: { label: 'digit' } });
  const end = await split(ingested.out['data'] ?? '', {
    parts: { train: 0.7, validation: 0.15, test: 0.15 },
    stratify: 'digit',
    seed: 7,
  });
  expect(PORTS.map(port => end.meta(port).rows)).toEqual([1259, 269, 269]);
  const [first] = await end.rows('test');
  expect(first?.join()).toMatchInlineSnapshot(
    `"0,0,7,8,13,16,15,1,0,0,7,7,4,11,12,0,0,0,0,0,8,13,1,0,0,4,8,8,15,15,6,0,0,2,11,15,15,4,0,0,0,0,0,16,5,0,0,0,0,0,9,15,1,0,0,0,0,0,13,5,0,0,0,0,7"`,
  );
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { ColumnType } from '../sdk/columns.ts';
import { writeDataset } from '../sdk/dataset.ts';
import { baselines } from './baselines.ts';
import { readParts } from './parts.ts';
import { scalingOf } from './scaling.ts';
import { settingsOf } from './settings.ts';

const root = mkdtempSync(join(tmpdir(), 'sluice-parts-'));
afterAll(() => rmSync(root, { recursive: true }));

const COLUMNS: readonly (readonly [string, ColumnType])[] = [
  ['height', 'int'],
  ['name', 'string'],
  ['weight', 'float'],
  ['kind', 'string'],
];

async function table(rows: readonly string[][], label: string | null = 'kind'): Promise<string> {
  const folder = mkdtempSync(join(root, 'part-'));
  const provenance = { source: null, quarantined: 0, steps: [] };
  const columns = COLUMNS.map(([name, type]) => ({ name, type }));
  const head = { kind: 'table', state: 'split', label, columns, part: null, provenance } as const;
  await writeDataset(folder, head, rows);
  return folder;
}

const PLAIN = { image: undefined, features: undefined };
const ROWS = [
  ['1', 'x', '0.5', 'cat'],
  ['2', 'y', '1.5', 'dog'],
];

test('the numeric columns are the features, and classes come from the training part', async () => {
  const folders = { train: await table(ROWS), validation: await table([['9', 'z', '7', 'dog']]) };
  const parts = await readParts(folders, PLAIN);
  expect(parts.features).toEqual(['height', 'weight']);
  expect(parts.classes).toEqual(['cat', 'dog']);
  expect([...parts.train.rows]).toEqual([1, 0.5, 2, 1.5]);
  // `dog` alone is class 0 of its own part and class 1 of the training part.
  expect([...(parts.validation?.classes ?? [])]).toEqual([1]);
});

test('chosen features keep the chosen order, in the validation part too', async () => {
  const folders = { train: await table(ROWS), validation: await table(ROWS) };
  const parts = await readParts(folders, { ...PLAIN, features: ['weight', 'height'] });
  expect([...parts.train.rows]).toEqual([0.5, 1, 1.5, 2]);
  expect([...(parts.validation?.rows ?? [])]).toEqual([0.5, 1, 1.5, 2]);
});

test('data that cannot be learned from is refused in its own words', async () => {
  const good = await table(ROWS);
  const refused = async (train: string, validation: string | undefined, settings = {}) =>
    readParts({ train, validation }, { ...PLAIN, ...settings }).then(
      () => 'accepted',
      error => String(error.message),
    );
  expect(await refused(await table(ROWS, null), undefined)).toMatch('has 0 classes');
  expect(await refused(await table(ROWS.slice(0, 1)), undefined)).toMatch('has 1 class,');
  expect(await refused(good, await table([['1', 'x', '2', 'bird']]))).toMatch(
    'row 1 of the validation part has a label that is none of cat, dog',
  );
  expect(await refused(good, await table([]))).toMatch('the validation part has no rows');
  expect(await refused(good, await table(ROWS, null))).toMatch('no label column');
  expect(await refused(good, undefined, { image: [2, 2, 1] })).toMatch(
    '`image` is 2×2×1, which is 4 values, and a row has 2 features',
  );
});

test('standard scaling gives mean 0 and deviation 1, each feature by itself', () => {
  const rows = Float32Array.of(1, 100, 7, 3, 300, 7);
  const { shift, factor } = scalingOf(rows, 3, 'standard', 3);
  expect([...shift]).toEqual([-2, -200, -7]);
  // A feature that never varies is left alone instead of becoming infinite.
  expect([...factor]).toEqual([1, Math.fround(0.01), 1]);
});

test('minmax scaling gives 0 to 1, and pixels share one scale per channel', () => {
  const rows = Float32Array.of(0, 10, 8, 20, 2, 10, 16, 50);
  const { shift, factor } = scalingOf(rows, 4, 'minmax', 2);
  expect([...shift]).toEqual([-0, -10, -0, -10]);
  expect([...factor]).toEqual([1 / 16, 1 / 40, 1 / 16, 1 / 40].map(Math.fround));
});

test('baselines are those of hand-made data', () => {
  const shape = {
    features: 1,
    classes: 3,
    scaling: { shift: Float32Array.of(0), factor: Float32Array.of(1) },
  };
  const train = {
    rows: Float32Array.of(0, 1, 2, 10, 11),
    count: 5,
    classes: Int32Array.of(0, 0, 0, 2, 2),
  };
  const judged = {
    rows: Float32Array.of(1, 9, 3, 12),
    count: 4,
    classes: Int32Array.of(0, 2, 2, 1),
  };
  // Means 1 and 10.5, none for class 1: 1→0, 9→2, 3→0 (wrong), 12→2 (wrong).
  expect(baselines(train, judged, shape)).toEqual({ majority: 0.25, nearestMean: 0.5 });
});

test('parameters that contradict each other are refused', () => {
  const params: Record<string, unknown> = {
    model: 'cnn',
    hidden: 8,
    channels: [4],
    image: [],
    features: [],
  };
  const settings = (over: object) => () =>
    settingsOf({ param: <T>(name: string) => ({ ...params, ...over })[name] as T });
  expect(settings({})).toThrow('a `cnn` looks at images, and `image` is not set');
  expect(settings({ image: [8, 8] })).toThrow('`image` is [8,8], and it is height, width');
  expect(settings({ image: [8, 0, 1] })).toThrow('height, width and channels');
  expect(settings({ image: [8, 8, 1], channels: [] })).toThrow('`channels` is []');
  expect(settings({ image: [8, 8, 1] })().architecture).toMatchObject({ kind: 'cnn', hidden: 8 });
});

import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import { runProgram } from '../../test/harness/step-program.ts';
import { writeLinearModel } from '../../test/harness/tiny-model.ts';
import { writeDataset } from '../sdk/dataset.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-eval-'));
const model = join(folder, 'model');

/** Says `high` where x > 0 and ignores y. */
beforeAll(() => {
  writeLinearModel(model, {
    features: ['x', 'y'],
    labels: ['high', 'low'],
    weights: [4, -4, 0, 0],
    biases: [0, 0],
  });
});

const dataset = async (
  name: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  label: string | null = 'class',
) => {
  const path = join(folder, name);
  await writeDataset(
    path,
    {
      kind: 'table',
      state: label === null ? 'refined' : 'labelled',
      label,
      columns: columns.map(column => ({
        name: column,
        type: column === 'class' || column === 'note' ? 'string' : 'float',
      })),
      part: 'test',
      provenance: { source: null, quarantined: 0, steps: [] },
    },
    rows,
  );
  return path;
};

test('features are found by name, in whatever order the data has them', async () => {
  const data = await dataset(
    'reordered',
    ['y', 'note', 'class', 'x'],
    [
      ['9', 'n', 'high', '1'],
      ['-9', 'n', 'high', '2'],
      ['9', 'n', 'low', '-1'],
      ['9', 'n', 'low', '3'],
    ],
  );
  const end = await runProgram({ step: 'eval', in: { model, data } });
  expect(end.stderr).toBe('');
  const metrics = JSON.parse(readFileSync(end.out['metrics'] ?? '', 'utf8')) as object;
  expect(metrics).toMatchObject({ accuracy: 0.75, rows: 4, baseline_accuracy: 0.5 });
  expect(readFileSync(end.out['predictions'] ?? '', 'utf8')).toContain('\n4,low,high,false,');
  expect(readFileSync(end.out['plot'] ?? '', 'utf8')).toContain('<svg ');
  expect(readFileSync(end.out['report'] ?? '', 'utf8')).toContain('# Evaluation');
});

test('the same call gives the same bytes', async () => {
  const data = await dataset(
    'twice',
    ['x', 'y', 'class'],
    [
      ['1', '0', 'high'],
      ['-1', '0', 'low'],
    ],
  );
  const ends = await Promise.all(
    [1, 2].map(() => runProgram({ step: 'eval', in: { model, data } })),
  );
  const bytes = ends.map(end => Object.values(end.out).map(path => readFileSync(path, 'utf8')));
  expect(bytes[0]).toEqual(bytes[1]);
});

test('a missing feature is one message that names it', async () => {
  const data = await dataset('short', ['x', 'class'], [['1', 'high']]);
  const end = await runProgram({ step: 'eval', in: { model, data } });
  expect(end.code).toBe(1);
  expect(end.stderr).toMatch(/^error: the data lacks 1 of the model's 2 features: `y`\nhelp: /);
});

test('rows without a label are left out, and that is said', async () => {
  const data = await dataset(
    'gaps',
    ['x', 'y', 'class'],
    [
      ['1', '0', 'high'],
      ['1', '0', ''],
      ['-1', '0', 'low'],
    ],
  );
  const meta = JSON.parse(readFileSync(join(data, 'dataset.json'), 'utf8')) as {
    readonly classes: readonly string[];
  };
  // An ingest step counts an empty field as missing, not as a class.
  const classes = meta.classes.filter(name => name !== '');
  writeFileSync(join(data, 'dataset.json'), JSON.stringify({ ...meta, classes }));
  const end = await runProgram({ step: 'eval', in: { model, data } });
  expect(end.code).toBe(0);
  expect(end.warnings).toContain('1 of 3 rows have no label and are left out');
});

test('a model of images is asked about images, resized to what it looks at', async () => {
  const data = join(folder, 'images');
  mkdirSync(join(data, 'files'), { recursive: true });
  const rows: string[][] = [];
  for (const [name, grey] of [
    ['black', 0],
    ['white', 255],
  ] as const) {
    const background = { r: grey, g: grey, b: grey };
    const picture = sharp({ create: { width: 8, height: 6, channels: 3, background } });
    await picture.png().toFile(join(data, 'files', `${name}.png`));
    rows.push([`${name}.png`, name]);
  }
  await writeDataset(
    data,
    {
      kind: 'images',
      state: 'labelled',
      label: 'label',
      columns: ['path', 'label'].map(name => ({ name, type: 'string' as const })),
      part: 'test',
      provenance: { source: null, quarantined: 0, steps: [] },
    },
    rows,
  );
  const lookedAt = join(folder, 'image-model');
  writeLinearModel(lookedAt, {
    features: ['y0x0'],
    labels: ['black', 'white'],
    weights: [-0.1, 0.1],
    biases: [10, -10],
    image: [1, 1, 1],
  });
  const end = await runProgram({ step: 'eval', in: { model: lookedAt, data } });
  expect(end.stderr).toBe('');
  const metrics = JSON.parse(readFileSync(end.out['metrics'] ?? '', 'utf8')) as object;
  expect(metrics).toMatchObject({ accuracy: 1, rows: 2 });
  const table = await runProgram({ step: 'eval', in: { model, data } });
  expect(table.stderr).toContain('the data is of kind `images`');
});

test('data without labels cannot judge a model', async () => {
  const data = await dataset('bare', ['x', 'y'], [['1', '0']], null);
  const end = await runProgram({ step: 'eval', in: { model, data } });
  expect(end.code).toBe(1);
  expect(end.stderr).toContain('the data has no labels');
});

test('a model that is not ONNX is one message', async () => {
  const broken = join(folder, 'broken');
  writeLinearModel(broken, { features: ['x'], labels: ['a'], weights: [1], biases: [0] });
  writeFileSync(join(broken, 'model.onnx'), 'no model');
  const data = await dataset('any', ['x', 'class'], [['1', 'a']]);
  const end = await runProgram({ step: 'eval', in: { model: broken, data } });
  expect(end.code).toBe(1);
  expect(end.stderr).toMatch(/^error: ONNX Runtime cannot load the model: /);
});

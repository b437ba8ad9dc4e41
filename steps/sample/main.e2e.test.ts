import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runProgram } from '../../test/harness/step-program.ts';
import { type DatasetHead, readDataset, readRows, writeDataset } from '../sdk/dataset.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-sample-'));
afterAll(() => rmSync(folder, { recursive: true }));

const PROVENANCE = { source: 'sha256:ab', quarantined: 2, steps: ['ingest@1.0.0'] };

let made = 0;
async function dataset(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  head: Partial<DatasetHead>,
) {
  made += 1;
  const path = join(folder, String(made));
  const plain = { kind: 'table', state: 'labelled', label: null, part: null } as const;
  const named = columns.map(name => ({ name }));
  await writeDataset(path, { ...plain, provenance: PROVENANCE, columns: named, ...head }, rows);
  return path;
}

async function sample(data: string, fraction: number) {
  const end = await runProgram({ step: 'sample', in: { data }, params: { fraction } });
  expect([end.stderr, end.code]).toEqual(['', 0]);
  const out = end.out['data'] ?? '';
  return { out, meta: readDataset(out).meta, rows: await Array.fromAsync(readRows(out)) };
}

test('a table keeps some of its rows, in order, counted anew; classes and types are the whole’s', async () => {
  const rows = Array.from({ length: 200 }, (_, index) => [
    index === 0 ? 'x' : `${index}`,
    index < 2 ? 'rare' : 'b',
  ]);
  const whole = await dataset(['n', 'y'], rows, { label: 'y', classes: ['b', 'never', 'rare'] });
  const { meta, rows: kept } = await sample(whole, 0.1);
  expect(kept).toEqual(rows.filter(row => kept.some(one => one[0] === row[0])));
  expect(kept.length).toBeLessThan(50);
  expect(meta).toMatchObject({
    state: 'labelled',
    rows: kept.length,
    classes: ['b', 'never', 'rare'],
    labels: { b: kept.length - 2, never: 0, rare: 2 },
    columns: [{ name: 'n', type: 'string' }, { name: 'y' }],
    provenance: { ...PROVENANCE, steps: ['ingest@1.0.0', 'sample@1.0.0'] },
  });
});

test('numbers to be predicted are no classes, of which some would be kept each', async () => {
  const rows = Array.from({ length: 300 }, (_, index) => [`${index}`, `${index}.5`]);
  const { meta } = await sample(await dataset(['n', 'price'], rows, { label: 'price' }), 0.05);
  expect(meta.rows).toBeLessThan(40);
});

test.each([
  ['images', ['path', 'bytes', 'sha256', 'width', 'height', 'channels', 'label']],
  ['files', ['path', 'bytes', 'sha256', 'label']],
] as const)('%s bring their files along, and no others', async (kind, columns) => {
  const rows = Array.from({ length: 40 }, (_, index) => {
    const sizes = kind === 'images' ? ['8', '8', '1'] : [];
    return [`a/${String(index).padStart(2, '0')}.x`, '1', `hash${index}`, ...sizes, 'a'];
  });
  const whole = await dataset(columns, rows, { kind, label: 'label' });
  mkdirSync(join(whole, 'files', 'a'), { recursive: true });
  for (const [path = ''] of rows) writeFileSync(join(whole, 'files', path), path);
  const { out, meta, rows: kept } = await sample(whole, 0.2);
  expect(meta.kind).toBe(kind);
  expect(kept.length).toBeLessThan(20);
  const files = readdirSync(join(out, 'files', 'a')).sort();
  expect(files.map(name => `a/${name}`)).toEqual(kept.map(([path]) => path));
});

test('a few rows, and none, are all there is', async () => {
  const few = await sample(await dataset(['n'], [['1'], ['2']], {}), 0.001);
  expect(few.meta.rows).toBe(2);
  const none = await sample(await dataset(['n'], [], {}), 0.5);
  expect(none.meta.rows).toBe(0);
});

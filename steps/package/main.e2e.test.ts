import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { runProgram } from '../../test/harness/step-program.ts';
import { writeLinearModel, writeMisoptimisedModel } from '../../test/harness/tiny-model.ts';
import { checksumsOf } from '../sdk/checksums.ts';
import { packageFaults, readPackage } from '../sdk/package.ts';
import { checkParity } from './parity.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-package-'));
const model = join(folder, 'model');
const trapped = join(folder, 'trapped');
const metrics = join(folder, 'metrics.json');

beforeAll(() => {
  writeLinearModel(model, {
    features: ['x', 'y'],
    labels: ['high', 'low'],
    weights: [1, -1, 0, 0],
    biases: [0, 0],
  });
  writeMisoptimisedModel(trapped);
  writeFileSync(metrics, JSON.stringify({ accuracy: 0.97, rows: 10, per_class: { high: {} } }));
});

test('a package is a model repository with its labels, card and checksums', async () => {
  const end = await runProgram({
    step: 'package',
    params: { name: 'sides', version: 3 },
    in: { model, metrics },
    digests: { model: 'a'.repeat(64), metrics: 'b'.repeat(64) },
  });
  expect(end.stderr).toBe('');
  const packaged = end.out['package'] ?? '';
  expect(Object.keys(await checksumsOf(packaged))).toEqual([
    'MODEL_CARD.md',
    'sides/3/model.json',
    'sides/3/model.onnx',
    'sides/config.pbtxt',
    'sides/labels.txt',
    'sluice-package.json',
  ]);
  const card = readPackage(packaged);
  expect(card).toMatchObject({ name: 'sides', version: 3, model: 'sides/3', layout: 'triton' });
  expect(card.provenance.inputs).toEqual({ model: 'a'.repeat(64), metrics: 'b'.repeat(64) });
  expect(card.provenance.metrics).toEqual({ accuracy: 0.97, rows: 10 });
  expect(card.parity).toMatchObject({ served: 'all', samples: 'synthetic', rows: 256 });
  expect(readFileSync(join(packaged, 'MODEL_CARD.md'), 'utf8')).toContain('| accuracy | 0.9700 |');
  expect(end.warnings).toEqual([]);
});

test('the same inputs give the same bytes', async () => {
  const call = { step: 'package', params: { name: 'sides' }, in: { model, metrics } };
  const [first, second] = await Promise.all([runProgram(call), runProgram(call)]);
  expect(await checksumsOf(first.out['package'] ?? '')).toEqual(
    await checksumsOf(second.out['package'] ?? ''),
  );
});

test('a file that was changed, lost or added since shows', async () => {
  const end = await runProgram({ step: 'package', params: { name: 'sides' }, in: { model } });
  const packaged = join(folder, 'tampered');
  cpSync(end.out['package'] ?? '', packaged, { recursive: true });
  const card = readPackage(packaged);
  expect(await packageFaults(packaged, card)).toEqual([]);
  writeFileSync(join(packaged, 'sides/1/model.onnx'), 'other weights');
  rmSync(join(packaged, 'sides/labels.txt'));
  writeFileSync(join(packaged, 'extra'), '');
  expect(await packageFaults(packaged, card)).toEqual([
    '`sides/1/model.onnx` was changed',
    '`sides/labels.txt` is missing',
    '`extra` was added',
  ]);
});

test('a model that the optimiser gets wrong is served at a level where it is right', async () => {
  const end = await runProgram({
    step: 'package',
    params: { name: 'trap' },
    in: { model: trapped },
  });
  expect(end.stderr).toBe('');
  expect(end.warnings[0]).toContain("at ONNX Runtime's optimisation level `all`");
  const packaged = end.out['package'] ?? '';
  expect(readPackage(packaged).parity).toMatchObject({ served: 'basic' });
  expect(readFileSync(join(packaged, 'trap/config.pbtxt'), 'utf8')).toContain('level: -1');
});

test('a sound model deviates by no more than float32 does', async () => {
  const rows = Float32Array.of(1, 2, -3, 4);
  const parity = await checkParity({ folder: model, rows, count: 2, samples: 'dataset' });
  expect(parity.checks).toHaveLength(1);
  expect(parity.checks[0]?.deviation).toBeLessThan(1e-6);
});

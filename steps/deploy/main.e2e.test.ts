import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import type { Receipt } from '../../schema/step-protocol.ts';
import { runProgram } from '../../test/harness/step-program.ts';
import { writeLinearModel } from '../../test/harness/tiny-model.ts';
import { sha256OfFile } from '../sdk/checksums.ts';
import { sealPackage } from '../sdk/package.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'sluice-deploy-'));
const packages: string[] = [];

beforeAll(async () => {
  for (const bias of [0, 1]) {
    const model = join(folder, `model${bias}`);
    writeLinearModel(model, {
      features: ['x'],
      labels: ['a', 'b'],
      weights: [1, -1],
      biases: [bias, 0],
    });
    const end = await runProgram({ step: 'package', params: { name: 'sides' }, in: { model } });
    packages.push(end.out['package'] ?? '');
  }
});

const deploy = (state: string, version: number, signal?: AbortSignal) =>
  runProgram({ step: 'deploy', in: { package: packages[version] ?? '' }, state }, signal);

const stateFolder = () => mkdtempSync(join(tmpdir(), 'sluice-deployments-'));

test('the receipt names every file of the served version, and the link', async () => {
  const state = stateFolder();
  const end = await deploy(state, 0);
  expect(end.stderr).toBe('');
  const receipt = JSON.parse(
    readFileSync(join(end.workdir, 'out/.receipt.json'), 'utf8'),
  ) as Receipt;
  const target = readlinkSync(join(state, 'sides/current'));
  expect(receipt.files['sides/current']).toBe(`link:${target}`);
  expect(Object.keys(receipt.files).toSorted()).toEqual(
    [
      'sides/current',
      ...[
        'MODEL_CARD.md',
        'sluice-package.json',
        'sides/config.pbtxt',
        'sides/labels.txt',
        'sides/1/model.json',
        'sides/1/model.onnx',
      ].map(path => `sides/${target}/${path}`),
    ].toSorted(),
  );
  for (const [path, content] of Object.entries(receipt.files)) {
    if (path !== 'sides/current') expect(await sha256OfFile(join(state, path))).toBe(content);
  }
});

test('what is handed on needs no path outside, and is the same on every machine', async () => {
  const [first, second] = await Promise.all([deploy(stateFolder(), 0), deploy(stateFolder(), 0)]);
  const read = (end: typeof first) =>
    readFileSync(join(end.out['deployment'] ?? '', 'deployment.json'), 'utf8');
  expect(read(first)).toBe(read(second));
  expect(JSON.parse(read(first))).toMatchObject({ name: 'sides', version: 1, model: 'model' });
  const model = readFileSync(join(first.out['deployment'] ?? '', 'model/model.onnx'));
  expect(model).toEqual(readFileSync(join(folder, 'model0/model.onnx')));
});

test('rollback is a program of its own, and the pipeline does not undo it', async () => {
  const state = stateFolder();
  await deploy(state, 0);
  await deploy(state, 1);
  const program = join(import.meta.dirname, 'rollback.ts');
  const { stdout } = await run(process.execPath, [program, state, 'sides']);
  expect(JSON.parse(stdout)).toMatchObject({ name: 'sides', version: 1, from: { version: 2 } });
  const again = await deploy(state, 1);
  expect(again.warnings[0]).toContain('was rolled back from this package by hand');
  const served = readFileSync(join(again.out['deployment'] ?? '', 'deployment.json'), 'utf8');
  expect(JSON.parse(served)).toMatchObject({ version: 1 });
  const refused = run(process.execPath, [program, state, 'sides', '9']);
  await expect(refused).rejects.toMatchObject({
    code: 1,
    stderr: 'error: `sides` has no version 9\nhelp: the versions that are there: 1, 2\n',
  });
});

test('killed while it copies, it leaves the old version in service and nothing in the way', async () => {
  const state = stateFolder();
  await deploy(state, 0);
  const before = readlinkSync(join(state, 'sides/current'));
  const large = join(folder, 'large');
  mkdirSync(join(large, 'sides/1'), { recursive: true });
  writeFileSync(join(large, 'sides/1/model.json'), '{}');
  // Enough to be copied for a while.
  writeFileSync(join(large, 'sides/1/model.onnx'), Buffer.alloc(96 << 20, 1));
  const provenance = { inputs: {}, params: {}, training: {}, metrics: {} };
  await sealPackage(large, {
    name: 'sides',
    version: 1,
    layout: 'triton',
    model: 'sides/1',
    parity: null,
    provenance,
  });

  const killer = new AbortController();
  const watcher = watch(join(state, 'sides'), (_event, name) => {
    if (name?.startsWith('.unfinished') === true) killer.abort();
  });
  await runProgram({ step: 'deploy', in: { package: large }, state }, killer.signal);
  watcher.close();
  // Either way is sound: the kill may come before the switch or after it.
  expect([before, expect.stringContaining('versions/2-')]).toContainEqual(
    readlinkSync(join(state, 'sides/current')),
  );
  const after = await deploy(state, 1);
  expect(after.code).toBe(0);
  expect(readFileSync(join(state, 'sides/current/sides/1/model.onnx'))).toEqual(
    readFileSync(join(folder, 'model1/model.onnx')),
  );
});

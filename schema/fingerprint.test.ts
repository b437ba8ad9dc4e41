import { describe, expect, test } from 'vitest';
import { cacheKey, explain, type Fingerprint } from './fingerprint.ts';
import { sha256 } from './id.ts';

const digest = (text: string) => `file:${sha256(text)}`;

const base: Fingerprint = {
  format: 1,
  command: 'python train.py',
  definition: null,
  packages: { 'onnxruntime-node': '1.30.0' },
  files: { 'train.py': digest('v1') },
  params: { epochs: 40 },
  inputs: { data: [{ path: 'in/data', digest: digest('rows') }] },
  outputs: { model: { type: 'model/onnx', path: 'out/model' } },
  env: { SEED: '7' },
  secrets: ['TOKEN'],
  toolchain: { python: digest('interpreter') },
  image: null,
  platform: 'linux-x64',
  probe: null,
  salt: null,
};

/** One row per field: a change that must lead to another key, and how it is named. */
const changes: readonly (readonly [part: string, changed: Partial<Fingerprint>])[] = [
  ['command', { command: 'python train.py --fast' }],
  ['command', { command: ['python train.py'] }],
  ['step file main.ts', { definition: { 'main.ts': digest('program') } }],
  ['package onnxruntime-node', { packages: { 'onnxruntime-node': '1.30.1' } }],
  ['file train.py', { files: { 'train.py': digest('v2') } }],
  ['param epochs', { params: { epochs: 41 } }],
  ['param epochs', { params: { epochs: '40' } }],
  ['param lr', { params: { epochs: 40, lr: 0.1 } }],
  ['input data', { inputs: { data: [{ path: 'in/data', digest: digest('other') }] } }],
  ['input data', { inputs: { data: [{ path: 'in/data.csv', digest: digest('rows') }] } }],
  ['output model', { outputs: { model: { type: 'model/torch', path: 'out/model' } } }],
  ['env SEED', { env: { SEED: '' } }],
  ['env SEED', { env: {} }],
  ['secrets', { secrets: [] }],
  ['tool python', { toolchain: { python: digest('other interpreter') } }],
  ['package numpy', { environments: ['numpy==1.26.4'] }],
  ['package numpy', { environments: ['numpy==2.0.0'] }],
  ['image', { image: 'sha256:1' }],
  ['platform', { platform: 'linux-arm64' }],
  ['probe', { probe: 'etag 1' }],
  ['salt', { salt: '2' }],
];

describe('every field is in the key, and its change is named', () => {
  test.each(changes)('%s %j', (part, changed) => {
    const now = { ...base, ...changed };
    expect(cacheKey(now)).not.toBe(cacheKey(base));
    expect(explain(base, now).map(change => change.part)).toEqual([part]);
  });

  test('no two of these changes lead to the same key', () => {
    const keys = changes.map(([, changed]) => cacheKey({ ...base, ...changed }));
    expect(new Set(keys).size).toBe(changes.length);
  });
});

test('of a step folder with what it includes, the files that differ are named, each on its own', () => {
  const made = { 'main.ts': digest('1'), '../sdk/csv.ts': digest('1'), 'old.ts': digest('1') };
  const now = { 'main.ts': digest('2'), '../sdk/csv.ts': digest('1'), 'new.ts': digest('1') };
  const found = explain({ ...base, definition: made }, { ...base, definition: now });
  expect(found).toEqual([
    { part: 'step file main.ts', before: digest('1'), after: digest('2') },
    { part: 'step file new.ts', before: undefined, after: digest('1') },
    { part: 'step file old.ts', before: digest('1'), after: undefined },
  ]);
});

test('of virtual environments the packages that differ are named', () => {
  const made = { ...base, environments: ['numpy==1.26.4 python==3.11.2', 'numpy==2.0.0'] };
  const now = { ...base, environments: ['numpy==1.26.5 python==3.11.2', 'numpy==2.0.0'] };
  expect(explain(made, now)).toEqual([
    { part: 'package numpy', before: '1.26.4 and 2.0.0', after: '1.26.5 and 2.0.0' },
  ]);
});

test('the same influences give the same key and no change, whatever the order of their keys', () => {
  const reversed = Object.fromEntries(Object.entries(base).reverse()) as Fingerprint;
  expect(cacheKey(reversed)).toBe(cacheKey(base));
  expect(explain(base, reversed)).toEqual([]);
});

test('the order of a list of inputs matters', () => {
  const [one, two] = [digest('1'), digest('2')];
  const inputs = (...digests: readonly string[]) => ({
    shards: digests.map((content, index) => ({ path: `in/shards/${index}`, digest: content })),
  });
  const key = (...digests: readonly string[]) => cacheKey({ ...base, inputs: inputs(...digests) });
  expect(key(one, two)).not.toBe(key(two, one));
});

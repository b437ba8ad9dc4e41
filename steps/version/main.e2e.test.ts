import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runProgram } from '../../test/harness/step-program.ts';
import { sha256OfFile } from '../sdk/checksums.ts';
import { type DatasetHead, writeDataset } from '../sdk/dataset.ts';
import type { VersionEntry } from './registry.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-version-'));
afterAll(() => rmSync(folder, { recursive: true }));

let made = 0;
const fresh = (): string => {
  made += 1;
  return join(folder, String(made));
};

const dataset = async (
  rows: readonly (readonly string[])[],
  columns = ['x', 'y'],
  head: Partial<DatasetHead> = {},
) => {
  const path = fresh();
  await writeDataset(
    path,
    {
      kind: 'table',
      state: 'labelled',
      label: 'y',
      columns: columns.map(name => ({ name })),
      part: null,
      provenance: { source: null, quarantined: 0, steps: [] },
      ...head,
    },
    rows,
  );
  return path;
};

const PROVENANCE = {
  run: '20261121-085118-k3f9',
  pipeline: 'digits',
  commit: null,
  dirty: false,
  user: 'u',
  host: 'h',
  at: '2026-11-21T08:51:18Z',
};

const registry = (): string => {
  const state = fresh();
  mkdirSync(state);
  return state;
};

/** `digest`: as the engine would say; one letter repeated stands for a content. */
const register = async (state: string, data: string, digest: string, params = {}) => {
  const end = await runProgram({
    step: 'version',
    in: { data },
    params: { name: 'fruit', ...params },
    digests: { data: digest.repeat(64) },
    state,
    provenance: PROVENANCE,
  });
  const value = end.out['version'] ?? '';
  const version = existsSync(value)
    ? (JSON.parse(readFileSync(value, 'utf8')) as VersionEntry)
    : undefined;
  return { ...end, version };
};

const entry = (state: string, number: number) =>
  JSON.parse(readFileSync(join(state, `fruit/${number}.json`), 'utf8')) as VersionEntry;

const FIRST = [
  ['1', 'pear'],
  ['2', 'plum'],
];

test('the first version is number one, and data goes on byte for byte', async () => {
  const [state, data] = [registry(), await dataset(FIRST)];
  writeFileSync(join(data, 'run.sh'), '#!/bin/sh\n');
  chmodSync(join(data, 'run.sh'), 0o755);
  const end = await register(state, data, 'a', { description: 'From the market' });
  expect([end.stderr, end.code]).toEqual(['', 0]);
  expect(entry(state, 1)).toMatchObject({
    name: 'fruit',
    number: 1,
    digest: 'a'.repeat(64),
    rows: 2,
    files: 3,
    labels: { pear: 1, plum: 1 },
    columns: [
      { name: 'x', type: 'int' },
      { name: 'y', type: 'string' },
    ],
    description: 'From the market',
    previous: null,
    parents: [],
    diff: null,
    created: PROVENANCE,
  });
  const out = end.out['data'] ?? '';
  expect(readdirSync(out).sort()).toEqual(['dataset.json', 'rows.csv', 'run.sh']);
  for (const name of readdirSync(out)) {
    expect(readFileSync(join(out, name))).toEqual(readFileSync(join(data, name)));
  }
  expect(statSync(join(out, 'run.sh')).mode & 0o100).toBe(0o100);
});

test('the same content is the same version, whoever registers it and whenever', async () => {
  const [state, data] = [registry(), await dataset(FIRST)];
  await register(state, data, 'a');
  const before = readFileSync(join(state, 'fruit/1.json'));
  const again = await register(state, data, 'a', { description: 'Later' });
  expect(again.version?.number).toBe(1);
  expect(readdirSync(join(state, 'fruit')).sort()).toEqual(['1.json', 'contents']);
  expect(readFileSync(join(state, 'fruit/1.json'))).toEqual(before);
});

test('a second version says what differs from the first', async () => {
  const state = registry();
  await register(state, await dataset(FIRST), 'a');
  const more = await dataset([...FIRST.slice(1), ['2', 'plum'], ['3.5', 'fig']]);
  const { version } = await register(state, more, 'b');
  expect(version).toMatchObject({
    number: 2,
    previous: 1,
    diff: {
      from: 1,
      rows: { added: 2, removed: 1 },
      columns: { added: [], removed: [], retyped: [{ name: 'x', from: 'int', to: 'float' }] },
      labels: {
        fig: { from: 0, to: 1 },
        pear: { from: 1, to: 0 },
        plum: { from: 1, to: 2 },
      },
    },
  });
});

test('files are compared by path and content', async () => {
  const state = registry();
  const files = (rows: readonly (readonly string[])[]) =>
    dataset(rows, ['path', 'bytes', 'sha256', 'y'], { kind: 'files' });
  await register(
    state,
    await files([
      ['a', '1', 's1', 'p'],
      ['b', '1', 's2', 'p'],
    ]),
    'a',
  );
  const { version } = await register(
    state,
    await files([
      ['b', '1', 's3', 'p'],
      ['c', '1', 's4', 'p'],
    ]),
    'b',
  );
  expect(version?.diff?.files).toEqual({ added: 1, removed: 1, changed: 1 });
});

test('the value does not say when and where, so that the same data gives the same value', async () => {
  const { version } = await register(registry(), await dataset(FIRST), 'a');
  expect(version).not.toHaveProperty('created');
});

test('the receipt names what the registry holds, by content', async () => {
  const state = registry();
  const end = await register(state, await dataset(FIRST), 'a');
  const receipt = JSON.parse(readFileSync(join(end.workdir, 'out/.receipt.json'), 'utf8')) as {
    readonly files: Record<string, string>;
  };
  expect(Object.keys(receipt.files)).toEqual(['fruit/1.json', `fruit/contents/${'a'.repeat(64)}`]);
  for (const [file, digest] of Object.entries(receipt.files)) {
    expect(await sha256OfFile(join(state, file))).toBe(digest);
  }
});

test('many at once: different contents get different numbers, the same content one', async () => {
  const state = registry();
  const data = await dataset(FIRST);
  const ends = await Promise.all(
    ['a', 'b', 'c', 'a', 'b', 'c'].map(digest => register(state, data, digest)),
  );
  expect(ends.map(({ stderr }) => stderr).join('')).toBe('');
  const numbers = ends.map(({ version }) => version?.number);
  expect(numbers.slice(0, 3)).toEqual(numbers.slice(3));
  expect([...new Set(numbers)].sort()).toEqual([1, 2, 3]);
  expect(readdirSync(join(state, 'fruit')).sort()).toEqual([
    '1.json',
    '2.json',
    '3.json',
    'contents',
  ]);
});

test('a damaged entry keeps its number, and what was left over by a killed process means nothing', async () => {
  const [state, data] = [registry(), await dataset(FIRST)];
  await register(state, data, 'a');
  writeFileSync(join(state, 'fruit/2.json'), '{"format":');
  writeFileSync(join(state, 'fruit/3.json.x.tmp'), '{}');
  const { version } = await register(state, data, 'b');
  expect(version).toMatchObject({ number: 3, previous: 1 });
});

test('a lost list of contents is written again by whoever has the data', async () => {
  const [state, data] = [registry(), await dataset(FIRST)];
  await register(state, data, 'a');
  rmSync(join(state, 'fruit/contents'), { recursive: true });
  const { version } = await register(state, data, 'b');
  expect(version?.diff?.rows).toBeNull();
  await register(state, data, 'a');
  expect((await register(state, data, 'c')).version?.diff?.rows).toEqual({ added: 0, removed: 0 });
});

test('parents are noted when they are there', async () => {
  const [state, data] = [registry(), await dataset(FIRST)];
  await register(state, data, 'a', { name: 'raw' });
  const end = await register(state, data, 'b', { parents: ['raw/1'] });
  expect(end.version?.parents).toEqual(['raw/1']);
  const none = await register(state, data, 'c', { parents: ['raw/2'] });
  expect(none.stderr).toBe('error: there is no version `raw/2` to be a parent\n');
  const odd = await register(state, data, 'c', { parents: ['../raw/1'] });
  expect(odd.stderr).toMatch(/^error: `parents` names `\.\.\/raw\/1`/);
});

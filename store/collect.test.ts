import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sha256 } from '../schema/id.ts';
import type { Artifact } from '../schema/trace.ts';
import { collect } from './collect.ts';
import { traceOf, value } from './conformance/sample.ts';
import { blobPath, layoutAt } from './layout.ts';
import { openLocalStore } from './local.ts';
import { tryLock } from './lock.ts';
import { removeTree } from './remove-tree.ts';
import type { Store } from './store.ts';

/** A store with three artifacts of which two are folders that share a file. */
async function newStore() {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-collect-'));
  const root = join(folder, '.sluice');
  const store = value(await openLocalStore({ root }));
  const put = async (files: Readonly<Record<string, string>>): Promise<Artifact> => {
    const path = mkdtempSync(join(folder, 'in-'));
    mkdirSync(join(path, 'sub'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
    return value(await store.put(path));
  };
  const kept = await put({ shared: 'shared', 'sub/kept': 'kept' });
  const loose = await put({ shared: 'shared', 'sub/loose': 'loose' });
  await store.close();
  const open = async () => value(await openLocalStore({ root }));
  return { root, folder, kept, loose, open, [Symbol.dispose]: () => removeTree(folder) };
}

const nothing = () => ({ keys: [], artifacts: [] });

async function withStore<T>(open: () => Promise<Store>, work: (store: Store) => Promise<T>) {
  const store = await open();
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

test('what a kept artifact reaches stays, the rest goes', async () => {
  using at = await newStore();
  const keep = () => ({ keys: [], artifacts: [at.kept] });
  // Two listings and one file are the other folder's alone.
  expect(await collect({ root: at.root, keep, dryRun: false })).toMatchObject({
    kind: 'collected',
    removed: { blobs: 3 },
    remaining: { blobs: 4 },
    kept: { blobs: 4 },
  });
  await withStore(at.open, async store => {
    expect(await store.has(at.kept)).toBe(true);
    expect(await store.has(at.loose)).toBe(false);
    value(await store.materialise(at.kept, join(at.folder, 'out'), { readOnly: false }));
  });
});

test('all results of a kept key stay, and traces always do', async () => {
  using at = await newStore();
  const kept = traceOf({ salt: 'kept', outputs: { out: at.kept } });
  const loose = traceOf({ salt: 'loose', outputs: { out: at.loose } });
  await withStore(at.open, async store => {
    value(await store.putTrace(kept));
    value(await store.putTrace(loose));
  });
  const keep = () => ({ keys: [kept.key], artifacts: [] });
  await collect({ root: at.root, keep, dryRun: false });
  await withStore(at.open, async store => {
    expect(await store.has(at.kept)).toBe(true);
    expect(await store.has(at.loose)).toBe(false);
    expect(await store.findTrace(loose.key)).toEqual({ trace: loose, count: 1 });
  });
});

test('a dry run says the same and removes nothing', async () => {
  using at = await newStore();
  const options = { root: at.root, keep: nothing };
  const dry = await collect({ ...options, dryRun: true });
  await withStore(at.open, async store => expect(await store.has(at.loose)).toBe(true));
  expect(await collect({ ...options, dryRun: false })).toEqual(dry);
  expect(dry).toMatchObject({ removed: { blobs: 7 }, remaining: { blobs: 0, bytes: 0 } });
});

test('while somebody has the store open nothing is collected', async () => {
  using at = await newStore();
  const options = { root: at.root, keep: nothing, dryRun: false };
  await withStore(at.open, async store => {
    expect(await collect(options)).toEqual({ kind: 'busy' });
    expect(await store.has(at.loose)).toBe(true);
  });
  expect(await collect(options)).toMatchObject({ kind: 'collected' });
});

test('what is to be kept is asked for when nobody can make anything more', async () => {
  using at = await newStore();
  let waited = false;
  const keep = async () => {
    const lock = value(await tryLock(layoutAt(at.root).lock, 'shared'));
    waited = lock === undefined;
    lock?.release();
    return nothing();
  };
  await collect({ root: at.root, keep, dryRun: false });
  expect(waited).toBe(true);
});

test('with a limit the oldest go first, and only as many as need be', async () => {
  using at = await newStore();
  const [old, young] = [sha256('kept'), sha256('loose')].map(digest =>
    blobPath(layoutAt(at.root), digest),
  );
  if (old === undefined || young === undefined) throw new Error('two were asked for');
  utimesSync(old, 1_000, 1_000);
  utimesSync(young, 2_000, 2_000);
  const options = { root: at.root, keep: nothing, dryRun: true };
  const all = await collect({ ...options, maxBytes: 1 << 30 });
  if (all.kind !== 'collected') throw new Error('not collected');
  expect(all.removed).toEqual({ blobs: 0, bytes: 0 });
  const maxBytes = all.remaining.bytes - 1;
  expect(await collect({ ...options, dryRun: false, maxBytes })).toMatchObject({
    removed: { blobs: 1, bytes: 4 },
  });
  expect([old, young].map(path => existsSync(path))).toEqual([false, true]);
});

test('what is kept stays although it alone takes more than the limit', async () => {
  using at = await newStore();
  const keep = () => ({ keys: [], artifacts: [at.kept] });
  await collect({ root: at.root, keep, maxBytes: 0, dryRun: false });
  await withStore(at.open, async store => expect(await store.has(at.kept)).toBe(true));
});

test('what a dead process left half-written goes', async () => {
  using at = await newStore();
  writeFileSync(join(at.root, 'tmp', '1-abcdef'), 'half');
  mkdirSync(join(at.root, 'tmp', '1-folder', 'sub'), { recursive: true });
  mkdirSync(join(at.root, 'locks'));
  writeFileSync(join(at.root, 'locks', 'key'), '');
  await collect({ root: at.root, keep: nothing, dryRun: false });
  expect(readdirSync(join(at.root, 'tmp'))).toEqual([]);
  expect(readdirSync(join(at.root, 'locks'))).toEqual([]);
});

test('where there is no store none is made', async () => {
  using at = await newStore();
  const root = join(at.folder, 'nothing');
  expect(await collect({ root, keep: nothing, dryRun: false })).toMatchObject({
    kind: 'failed',
    error: { kind: 'absent', path: root },
  });
  expect(readdirSync(at.folder)).not.toContain('nothing');
});

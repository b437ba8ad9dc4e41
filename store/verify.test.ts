import { chmodSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sha256 } from '../schema/id.ts';
import { traceOf, value } from './conformance/sample.ts';
import { blobPath, layoutAt, tracesFolder } from './layout.ts';
import { openLocalStore } from './local.ts';
import { removeTree } from './remove-tree.ts';
import { storeStatus, verify } from './verify.ts';

/** A store of two files and a trace. */
async function newStore() {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-verify-'));
  const root = join(folder, '.sluice');
  const store = value(await openLocalStore({ root }));
  for (const text of ['one', 'two']) {
    writeFileSync(join(folder, text), text);
    value(await store.put(join(folder, text)));
  }
  value(await store.putTrace(traceOf({})));
  await store.close();
  const traces = tracesFolder(layoutAt(root), traceOf({}).key);
  return { root, folder, traces, [Symbol.dispose]: () => removeTree(folder) };
}

function damage(path: string): void {
  chmodSync(path, 0o644);
  writeFileSync(path, readFileSync(path, 'utf8').replace(/o/g, 'x'));
}

test('a sound store is sound, and its figures are right', async () => {
  using at = await newStore();
  const figures = { blobs: 2, bytes: 6, traces: 1, quarantined: 0, strays: [] };
  expect(value(await storeStatus(at.root))).toEqual(figures);
  expect(value(await verify({ root: at.root, repair: false }))).toEqual({
    ...figures,
    corrupt: [],
    unreadable: [],
    repaired: false,
  });
});

test('damage is reported, and moved aside only when asked', async () => {
  using at = await newStore();
  damage(blobPath(layoutAt(at.root), sha256('two')));
  const [name = ''] = readdirSync(at.traces);
  damage(join(at.traces, name));
  const found = { corrupt: [sha256('two')], unreadable: [join(at.traces, name)] };
  const report = value(await verify({ root: at.root, repair: false }));
  expect(report).toMatchObject({ ...found, quarantined: 0, repaired: false });
  expect(value(await verify({ root: at.root, repair: true }))).toMatchObject({
    ...found,
    repaired: true,
  });
  expect(value(await verify({ root: at.root, repair: false }))).toMatchObject({
    blobs: 1,
    traces: 0,
    corrupt: [],
    unreadable: [],
    quarantined: 2,
  });
});

test('names that no store has written are named and left alone', async () => {
  using at = await newStore();
  const strays = [join(at.root, 'blobs', '.DS_Store'), join(at.root, 'traces', 'ab')];
  for (const path of strays) writeFileSync(path, '');
  expect(value(await verify({ root: at.root, repair: true }))).toMatchObject({ strays });
  expect(value(await storeStatus(at.root)).strays).toEqual(strays);
});

test('progress ends with everything read', async () => {
  using at = await newStore();
  const seen: (readonly [number, number])[] = [];
  await verify({ root: at.root, repair: false, onProgress: (...now) => seen.push(now) });
  expect(seen.at(-1)).toEqual([6, 6]);
});

test('a store may be verified while it is in use', async () => {
  using at = await newStore();
  const store = value(await openLocalStore({ root: at.root }));
  expect(value(await verify({ root: at.root, repair: true }))).toMatchObject({ corrupt: [] });
  await store.close();
});

test('where there is no store there is nothing to verify', async () => {
  using at = await newStore();
  const root = join(at.folder, 'nothing');
  expect(await storeStatus(root)).toMatchObject({ error: { kind: 'absent', path: root } });
});

test('a store whose quarantine is missing has nothing in it, and gets one when something is moved aside', async () => {
  using at = await newStore();
  const layout = layoutAt(at.root);
  removeTree(layout.quarantine);
  expect(value(await storeStatus(at.root)).quarantined).toBe(0);
  damage(blobPath(layout, sha256('one')));
  expect(value(await verify({ root: at.root, repair: true }))).toMatchObject({ quarantined: 1 });
  expect(value(await verify({ root: at.root, repair: false })).corrupt).toEqual([]);
});

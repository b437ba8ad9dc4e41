import {
  appendFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  statSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sha256 } from '../schema/id.ts';
import { LARGE_BYTES, value } from './conformance/sample.ts';
import { digestBytes, digestParts } from './content.ts';
import type { FileSystem } from './file-system.ts';
import { blobPath, layoutAt } from './layout.ts';
import { encodeListing } from './listing.ts';
import { openLocalStore } from './local.ts';
import { removeTree } from './remove-tree.ts';
import { unsyncedDisk } from './unsynced-disk.ts';

/** A store on a disk that calls back before each file is opened for reading. */
async function newStore(options: { readonly now?: () => number } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-reading-'));
  const data = join(folder, 'data');
  mkdirSync(data);
  const opened: string[] = [];
  const hooks: ((path: string) => void)[] = [];
  const disk: FileSystem = {
    ...unsyncedDisk,
    openToRead: path => {
      const fd = unsyncedDisk.openToRead(path);
      if (path.startsWith(data)) {
        opened.push(path);
        hooks.shift()?.(path);
      }
      return fd;
    },
  };
  const root = join(folder, '.sluice');
  const store = value(await openLocalStore({ root, disk, ...options }));
  return {
    data,
    root,
    store,
    opened,
    /** Runs at the next openings, one each, after the file is open and before it is read. */
    hooks,
    [Symbol.asyncDispose]: async () => {
      await store.close();
      removeTree(folder);
    },
  };
}

/** The files' times then lie in the past of the store's clock. */
const later = { now: () => Date.now() + 60_000 };

test('unchanged files are not read again', async () => {
  await using at = await newStore(later);
  for (const name of ['a', 'b', 'c']) writeFileSync(join(at.data, name), name);
  const first = value(await at.store.digest(at.data));
  at.opened.length = 0;
  expect(value(await at.store.digest(at.data))).toEqual(first);
  expect(at.opened).toEqual([]);
  appendFileSync(join(at.data, 'b'), 'more');
  expect(value(await at.store.digest(at.data))).not.toEqual(first);
  expect(at.opened).toEqual([join(at.data, 'b')]);
});

test('files that were written a moment ago are read again', async () => {
  await using at = await newStore();
  writeFileSync(join(at.data, 'a'), 'a');
  await at.store.digest(at.data);
  await at.store.digest(at.data);
  expect(at.opened).toHaveLength(2);
});

test('what the project keeps is read once, to be digested and to be stored', async () => {
  await using at = await newStore(later);
  writeFileSync(join(at.data, 'a'), 'a');
  await at.store.copyIn(at.data);
  await at.store.copyIn(at.data);
  expect(at.opened).toHaveLength(1);
  // The cache says what the file is; the blob must be there nevertheless.
  const blob = blobPath(layoutAt(at.root), sha256('a'));
  unlinkSync(blob);
  await at.store.copyIn(at.data);
  expect(at.opened).toHaveLength(2);
  expect(statSync(blob).size).toBe(1);
});

/** Each happens while the file is open, to a small file or to a large one. */
const changes: readonly [what: string, bytes: number, change: (path: string) => void][] = [
  ['grows', 10, path => appendFileSync(path, 'more')],
  ['grows', LARGE_BYTES, path => appendFileSync(path, 'more')],
  ['shrinks', 10, path => writeFileSync(path, 'less')],
  ['shrinks', LARGE_BYTES, path => writeFileSync(path, 'less')],
  ['is touched', 10, path => utimesSync(path, 1, 1)],
  ['is touched', LARGE_BYTES, path => utimesSync(path, 1, 1)],
];
test.each(changes)(
  'a file that %s while it is read is unstable (%i bytes)',
  async (_, bytes, change) => {
    await using at = await newStore();
    const path = join(at.data, 'f');
    writeFileSync(path, Buffer.alloc(bytes, 'x'));
    const times = statSync(path);
    // It changes at every try.
    let stamp = 1;
    const again = (file: string) => {
      change(file);
      utimesSync(file, times.atime, stamp++);
    };
    at.hooks.push(again, again, again, again);
    const unstable = { ok: false, error: { kind: 'unstable', path } };
    expect(await at.store.digest(path)).toEqual(unstable);
    expect(await at.store.put(path)).toEqual(unstable);
    expect(readdirSync(join(at.root, 'tmp'))).toEqual([]);
  },
);

test('a file that is replaced once is simply read again', async () => {
  await using at = await newStore();
  const path = join(at.data, 'f');
  writeFileSync(path, 'before');
  at.hooks.push(() => {
    writeFileSync(`${path}.new`, 'after!');
    renameSync(`${path}.new`, path);
    utimesSync(path, 5, 5);
  });
  const found = value(await at.store.digest(at.data));
  expect(found).toEqual(value(await at.store.digest(at.data)));
});

test('a name that comes while a folder is read is not missed', async () => {
  await using at = await newStore();
  writeFileSync(join(at.data, 'a'), 'a');
  at.hooks.push(() => writeFileSync(join(at.data, '0'), 'early in the order of names'));
  expect(value(await at.store.digest(at.data))).toMatchObject({ files: 2 });
});

const SPARSE = 40 << 20;

test('a sparse file stays sparse, in the store and out of it', async () => {
  await using at = await newStore();
  const path = join(at.data, 'sparse');
  writeFileSync(path, '');
  truncateSync(path, SPARSE);
  const artifact = value(await at.store.put(path));
  const blob = statSync(blobPath(layoutAt(at.root), artifact.digest));
  value(await at.store.materialise(artifact, `${path}-back`, { readOnly: true }));
  const back = statSync(`${path}-back`);
  expect([blob.size, back.size]).toEqual([SPARSE, SPARSE]);
  expect(Math.max(blob.blocks, back.blocks) * 512).toBeLessThan(1 << 20);
});

test.each([0, 1, 2, 3])('bytes in %i parts have the digest of all of them together', count => {
  const parts = Array.from({ length: count }, (_, index) => Buffer.from(`part ${index}`));
  const reader = digestParts();
  for (const part of parts) reader.part(part);
  expect(reader.end()).toBe(digestBytes(Buffer.concat(parts)));
});

test('a folder whose listing comes in parts has the digest of all of it, and comes back whole', async () => {
  await using at = await newStore();
  const names = Array.from({ length: 1_030 }, (_, index) => `f${index}`);
  const many = at.data;
  // One file by all these names: most of the time would go into making as many.
  writeFileSync(join(many, 'f0'), '');
  for (const name of names.slice(1)) linkSync(join(many, 'f0'), join(many, name));
  const file = { kind: 'file', executable: false, digest: sha256(''), bytes: 0 } as const;
  const digest = digestBytes(encodeListing(names.map(name => ({ ...file, name }))));
  expect(value(await at.store.digest(many)).digest).toBe(digest);
  const stored = value(await at.store.copyIn(many));
  expect(stored).toMatchObject({ digest, files: names.length });
  const back = join(many, '../back');
  value(await at.store.materialise(stored, back, { readOnly: false }));
  expect(readdirSync(back).sort()).toEqual(names.sort());
});

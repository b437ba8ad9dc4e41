/** A disk that says it has written everything and has not: nothing is believed that was not counted. */
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { traceOf, value } from './conformance/sample.ts';
import { type FileSystem, nodeFileSystem } from './file-system.ts';
import { openLocalStore } from './local.ts';
import { removeTree } from './remove-tree.ts';
import type { Store } from './store.ts';

/** Drops the last byte of everything while it lies. */
function lyingDisk(): { readonly disk: FileSystem; lies: boolean } {
  const real = nodeFileSystem;
  const state = {
    lies: false,
    disk: {
      ...real,
      writeNow: (fd: number, bytes: Uint8Array) => {
        real.writeNow(fd, state.lies ? bytes.subarray(1) : bytes);
        return bytes.byteLength;
      },
      clone: async () => false,
      truncate: (fd: number, size: number) => real.truncate(fd, state.lies ? size - 1 : size),
    },
  };
  return state;
}

async function setUp() {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-lying-'));
  const disk = lyingDisk();
  const store = value(await openLocalStore({ root: join(folder, '.sluice'), disk: disk.disk }));
  writeFileSync(join(folder, 'small'), 'small');
  writeFileSync(join(folder, 'large'), Buffer.alloc(1_100_000, 'large'));
  return {
    folder,
    store,
    disk,
    [Symbol.asyncDispose]: async () => {
      await store.close();
      removeTree(folder);
    },
  };
}

const short = { ok: false, error: { kind: 'io', message: expect.stringContaining('shorter') } };

test.each(['small', 'large'])('a %s result is not said to be stored', async name => {
  await using at = await setUp();
  at.disk.lies = true;
  expect(await at.store.put(join(at.folder, name))).toMatchObject(short);
  at.disk.lies = false;
  const artifact = value(await at.store.put(join(at.folder, name)));
  expect(await at.store.has(artifact)).toBe(true);
});

test.each(['small', 'large'])(
  'a %s result is not said to be restored, and nothing lies there',
  async name => {
    await using at = await setUp();
    const artifact = value(await at.store.put(join(at.folder, name)));
    const target = join(at.folder, 'restored');
    const restore: () => ReturnType<Store['materialise']> = () =>
      at.store.materialise(artifact, target, { readOnly: true });
    at.disk.lies = true;
    expect(await restore()).toMatchObject(short);
    expect(existsSync(target)).toBe(false);
    at.disk.lies = false;
    value(await restore());
  },
);

test('a trace is not said to be written, and nobody finds it', async () => {
  await using at = await setUp();
  at.disk.lies = true;
  expect(await at.store.putTrace(traceOf({}))).toMatchObject(short);
  expect(await at.store.findTrace(traceOf({}).key)).toBeUndefined();
});

import { mkdirSync, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DurableNames } from './durable-names.ts';
import { type FileSystem, nodeFileSystem } from './file-system.ts';
import { removeTree } from './remove-tree.ts';

function setUp() {
  const root = mkdtempSync(join(tmpdir(), 'sluice-names-'));
  let syncs = 0;
  const disk: FileSystem = {
    ...nodeFileSystem,
    sync: async fd => {
      syncs += 1;
      await nodeFileSystem.sync(fd);
    },
  };
  return {
    names: new DurableNames(disk),
    folder: join(root, 'ab'),
    syncs: () => syncs,
    [Symbol.dispose]: () => removeTree(root),
  };
}

test('a name is waited for once, also when somebody else has made it', async () => {
  using at = setUp();
  mkdirSync(at.folder);
  at.names.make(at.folder);
  await at.names.ensure(at.folder);
  expect(at.syncs()).toBe(1);
  at.names.make(at.folder);
  await at.names.ensure(at.folder);
  expect(at.syncs()).toBe(1);
});

test('a folder that somebody removed and that is made again is waited for again', async () => {
  using at = setUp();
  at.names.make(at.folder);
  await at.names.ensure(at.folder);
  rmdirSync(at.folder);
  at.names.make(at.folder);
  await at.names.ensure(at.folder);
  expect(at.syncs()).toBe(2);
});

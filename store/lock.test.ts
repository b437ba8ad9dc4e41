import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { traceOf, value } from './conformance/sample.ts';
import { acquireLock, tryLock, withKeyLock } from './lock.ts';
import { removeTree } from './remove-tree.ts';

function newFolder() {
  const path = mkdtempSync(join(tmpdir(), 'sluice-lock-'));
  return { path, [Symbol.dispose]: () => removeTree(path) };
}

const { key } = traceOf({});

test('an exclusive lock has one holder, a shared one many', async () => {
  using folder = newFolder();
  const path = join(folder.path, 'deep', 'lock');
  const shared = value(await tryLock(path, 'shared'));
  const another = value(await tryLock(path, 'shared'));
  expect(shared && another).toBeDefined();
  expect(value(await tryLock(path, 'exclusive'))).toBeUndefined();
  shared?.release();
  expect(value(await tryLock(path, 'exclusive'))).toBeUndefined();
  another?.release();
  const exclusive = value(await tryLock(path, 'exclusive'));
  expect(exclusive).toBeDefined();
  expect(value(await tryLock(path, 'shared'))).toBeUndefined();
  exclusive?.release();
});

test('who waits gets the lock when it is released', async () => {
  using folder = newFolder();
  const path = join(folder.path, 'lock');
  const first = value(await acquireLock(path, 'exclusive'));
  let waits = 0;
  const second = acquireLock(path, 'exclusive', {
    onWait: () => {
      waits++;
      first?.release();
    },
  });
  expect(value(await second)).toBeDefined();
  expect(waits).toBe(1);
});

test('a wait ends when it is aborted', async () => {
  using folder = newFolder();
  const path = join(folder.path, 'lock');
  const held = value(await acquireLock(path, 'exclusive'));
  const abort = new AbortController();
  const waiting = acquireLock(path, 'exclusive', {
    signal: abort.signal,
    onWait: () => abort.abort(),
  });
  expect(value(await waiting)).toBeUndefined();
  held?.release();
});

test('of many that want one key each works alone, and no lock file is left', async () => {
  using folder = newFolder();
  let [inside, most, done] = [0, 0, 0];
  const work = async () => {
    most = Math.max(most, ++inside);
    await new Promise(resolve => setImmediate(resolve));
    inside--;
    return ++done;
  };
  const all = Array.from({ length: 20 }, () => withKeyLock(folder.path, key, {}, work));
  const results = (await Promise.all(all)).map(value);
  expect(results.map(Number).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 20 }, (_, n) => n + 1),
  );
  expect(most).toBe(1);
  expect(readdirSync(join(folder.path, 'locks'))).toEqual([]);
});

test('the lock of a key is free after its work has thrown', async () => {
  using folder = newFolder();
  const failing = withKeyLock(folder.path, key, {}, () => Promise.reject(new Error('bug: mine')));
  await expect(failing).rejects.toThrow('bug: mine');
  expect(value(await withKeyLock(folder.path, key, {}, async () => 'free'))).toBe('free');
  expect(existsSync(join(folder.path, 'locks', key))).toBe(false);
});

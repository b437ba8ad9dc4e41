import { existsSync, mkdtempSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { value } from './conformance/sample.ts';
import { tryLock } from './lock.ts';
import { removeTree } from './remove-tree.ts';

/** What happens between the opening of a lock's file and its locking. */
const between = vi.hoisted((): { act: () => void } => ({ act: () => undefined }));

vi.mock('fs-native-extensions', async importOriginal => {
  const native = await importOriginal<typeof import('fs-native-extensions')>();
  return {
    tryLock: (...call: Parameters<typeof native.tryLock>) => {
      between.act();
      return native.tryLock(...call);
    },
  };
});

test('a lock on a file that its last holder has just removed is no lock', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-lock-'));
  const path = join(folder, 'lock');
  between.act = () => {
    between.act = () => undefined;
    unlinkSync(path);
  };
  const lock = value(await tryLock(path, 'exclusive'));
  expect(lock).toBeDefined();
  // It is on the file that others find.
  expect(existsSync(path)).toBe(true);
  expect(value(await tryLock(path, 'exclusive'))).toBeUndefined();
  lock?.release({ remove: true });
  removeTree(folder);
});

test('a file system that knows no locks is an error, not a lock', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-lock-'));
  const path = join(folder, 'lock');
  between.act = () => {
    throw Object.assign(new Error('no locks available'), { code: 'ENOLCK' });
  };
  expect(await tryLock(path, 'shared')).toEqual({
    ok: false,
    error: { kind: 'io', path, message: 'no locks available' },
  });
  removeTree(folder);
});

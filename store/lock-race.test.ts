import { existsSync, mkdtempSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { value } from './conformance/sample.ts';
import { removeTree } from './remove-tree.ts';

/** What happens between the opening of a lock's file and its locking. */
let act = (): void => undefined;

let tryLock: typeof import('./lock.ts').tryLock;
beforeAll(async () => {
  const native = await import('./native-lock.ts');
  // Others may have loaded it with the real one already.
  vi.resetModules();
  vi.doMock('./native-lock.ts', () => ({
    tryLockFile: (...call: Parameters<typeof native.tryLockFile>) => {
      act();
      return native.tryLockFile(...call);
    },
  }));
  ({ tryLock } = await import('./lock.ts'));
});
afterAll(() => {
  vi.doUnmock('./native-lock.ts');
  vi.resetModules();
});

test('a lock on a file that its last holder has just removed is no lock', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-lock-'));
  const path = join(folder, 'lock');
  act = () => {
    act = () => undefined;
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
  act = () => {
    throw Object.assign(new Error('no locks available'), { code: 'ENOLCK' });
  };
  expect(await tryLock(path, 'shared')).toEqual({
    ok: false,
    error: { kind: 'io', path, message: 'no locks available' },
  });
  removeTree(folder);
});

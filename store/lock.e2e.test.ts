import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { value } from './conformance/sample.ts';
import { acquireLock, tryLock } from './lock.ts';
import { removeTree } from './remove-tree.ts';

/** A process that takes the lock, says so and never lets go by itself. */
const HOLDER = `
  const [, , module, path, mode] = process.argv;
  const { acquireLock } = await import(module);
  const lock = await acquireLock(path, mode);
  process.stdout.write(lock.ok && lock.value ? 'held' : 'not held');
  setInterval(() => lock, 60_000);
`;

async function holder(folder: string, path: string, mode: string): Promise<ChildProcess> {
  const script = join(folder, 'holder.mjs');
  writeFileSync(script, HOLDER);
  const module = join(import.meta.dirname, 'lock.ts');
  const child = spawn(process.execPath, [script, module, path, mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await once(child.stdout, 'data');
  expect(String(said)).toBe('held');
  return child;
}

test.each(['exclusive', 'shared'])('a killed process holds no %s lock', async mode => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-lock-'));
  const path = join(folder, 'lock');
  const child = await holder(folder, path, mode);
  expect(value(await tryLock(path, 'exclusive'))).toBeUndefined();
  // Asked for while it is held, granted because the holder died: nobody removed anything.
  const lock = await acquireLock(path, 'exclusive', { onWait: () => child.kill('SIGKILL') });
  expect(value(lock)).toBeDefined();
  removeTree(folder);
});

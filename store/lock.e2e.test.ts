import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { traceOf, value } from './conformance/sample.ts';
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

/** Adds one to the number in a file, again and again, each time under the lock of a key. */
const COUNTER = `
  import { readFileSync, writeFileSync } from 'node:fs';
  const [, , module, folder, key, rounds] = process.argv;
  const { withKeyLock } = await import(module);
  for (let round = 0; round < Number(rounds); round++) {
    const done = await withKeyLock(folder, key, {}, async () => {
      const count = Number(readFileSync(folder + '/count', 'utf8'));
      await new Promise(resolve => setImmediate(resolve));
      writeFileSync(folder + '/count', String(count + 1));
      return true;
    });
    if (!done.ok || !done.value) process.exitCode = 1;
  }
`;

test('processes that fight for a key never hold it together, though its file comes and goes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-lock-'));
  const script = join(folder, 'counter.mjs');
  writeFileSync(script, COUNTER);
  writeFileSync(join(folder, 'count'), '0');
  const module = join(import.meta.dirname, 'lock.ts');
  const { key } = traceOf({});
  const children = Array.from({ length: 4 }, () =>
    spawn(process.execPath, [script, module, folder, key, '400'], { stdio: 'inherit' }),
  );
  const ends = await Promise.all(children.map(child => once(child, 'exit')));
  expect(ends.map(([code]) => code)).toEqual([0, 0, 0, 0]);
  expect(readFileSync(join(folder, 'count'), 'utf8')).toBe('1600');
  expect(readdirSync(join(folder, 'locks'))).toEqual([]);
  removeTree(folder);
});

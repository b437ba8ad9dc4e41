import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withLock } from './lock.ts';

test('who waits for the lock is told so once', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'sluice-lock-')), '.lock');
  const order: string[] = [];
  let free: (() => void) | undefined;
  const held = withLock(file, () => new Promise<void>(resolve => (free = resolve)));
  const waiting = withLock(
    file,
    async () => {
      order.push('second');
    },
    () => {
      order.push('waits');
      free?.();
    },
  );
  await Promise.all([held, waiting]);
  expect(order).toEqual(['waits', 'second']);
  expect(existsSync(file)).toBe(true);
});

/**
 * One change of a deployment at a time. The lock is the kernel's: it is free when its holder dies,
 * so nobody ever has to remove it. Unaware of what is changed.
 */
import { closeSync, openSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { tryLock } from 'fs-native-extensions';

const FIRST_WAIT_MS = 5;
const LONGEST_WAIT_MS = 200;

/** Waits for the lock on `file`, holds it while `work` runs. `onWait`: somebody else has it. */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  onWait: () => void = () => {},
): Promise<T> {
  const fd = openSync(file, 'a');
  try {
    for (let waitMs = FIRST_WAIT_MS; !tryLock(fd, 0, 0, { shared: false }); waitMs *= 1.5) {
      if (waitMs === FIRST_WAIT_MS) onWait();
      await setTimeout(Math.min(waitMs, LONGEST_WAIT_MS));
    }
    return await work();
  } finally {
    closeSync(fd);
  }
}

/**
 * Working directories belong to a run that is alive: it holds a lock of the kernel beside them.
 * Where nobody holds it the run has died, and what it left is ended and removed: processes that
 * still run, directories, nothing a user would have to clean by hand.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { acquireLock, type Lock, tryLock } from '../store/lock.ts';
import type { Result } from '../store/store.ts';
import { endProcessesOf } from './remains.ts';
import { removeQuietly } from './workspace.ts';

const LOCK = '.lock';

/** Held while the run lives. Taken before the run's folder is made, so that nobody mistakes it. */
export const claimWork = (work: string): Promise<Result<Lock | undefined>> =>
  acquireLock(work + LOCK, 'exclusive');

/** Ends what dead runs have left; returns how many processes that were. */
export async function endOrphans(home: string): Promise<number> {
  const folder = join(home, 'work');
  let ended = 0;
  for (const name of names(folder).filter(entry => !entry.endsWith(LOCK))) {
    const work = join(folder, name);
    const lock = await tryLock(work + LOCK, 'exclusive');
    if (!lock.ok || lock.value === undefined) continue;
    ended += await endProcessesOf(work);
    removeQuietly(work);
    lock.value.release({ remove: true });
  }
  return ended;
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // No run has been here yet.
  }
}

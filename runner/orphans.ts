/**
 * Working directories belong to a run that is alive: it holds a lock of the kernel beside them.
 * Where nobody holds it the run has died, and what it left is ended and removed: processes that
 * still run, directories, nothing a user would have to clean by hand.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { acquireLock, type Lock, tryLock } from '../store/lock.ts';
import type { Result } from '../store/store.ts';
import type { Executor } from './executors/executor.ts';
import { endProcessesOf } from './remains.ts';
import { removeQuietly } from './workspace.ts';

const LOCK = '.lock';

/** Held while the run lives. Taken before the run's folder is made, so that nobody mistakes it. */
export const claimWork = (work: string): Promise<Result<Lock | undefined>> =>
  acquireLock(work + LOCK, 'exclusive');

/** Ends what dead runs have left; returns how many processes and containers that were. */
export async function endOrphans(home: string, executor: Pick<Executor, 'sweep'>): Promise<number> {
  const folder = join(home, 'work');
  // Before their directories go: a container would go on in a folder that is no more.
  let ended = (await executor.sweep?.(home, run => isDead(join(folder, run)))) ?? 0;
  for (const name of runsIn(folder)) {
    const work = join(folder, name);
    const lock = await tryLock(work + LOCK, 'exclusive');
    if (!lock.ok || lock.value === undefined) continue;
    ended += await endProcessesOf(work);
    removeQuietly(work);
    lock.value.release({ remove: true });
  }
  return ended;
}

async function isDead(work: string): Promise<boolean> {
  const lock = await tryLock(work + LOCK, 'exclusive');
  if (!lock.ok || lock.value === undefined) return false;
  lock.value.release({ remove: true });
  return true;
}

/** A run that died between its lock and its folder has left the lock alone. */
const runsIn = (folder: string): ReadonlySet<string> =>
  new Set(names(folder).map(name => name.replace(/\.lock$/, '')));

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // No run has been here yet.
  }
}

/**
 * Working directories belong to a run that is alive: it holds a lock of the kernel beside them.
 * Where nobody holds it the run has died, and what it left is ended and removed: processes that
 * still run, directories, nothing a user would have to clean by hand. What this run can go on with stays.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { StepId } from '../schema/id.ts';
import { acquireLock, type Lock, tryLock } from '../store/lock.ts';
import type { Result } from '../store/store.ts';
import { removeQuietly } from './clearing.ts';
import type { Executor } from './executors/executor.ts';
import { endProcessesOf } from './remains.ts';
import { recordPath, type Stray, Strays, strayOf } from './strays.ts';

const LOCK = '.lock';

/** Is there for as long as the run lives, and until another has cleared away what it left. */
export const workLock = (work: string): string => work + LOCK;

/** Held while the run lives. Taken before the run's folder is made, so that nobody mistakes it. */
export const claimWork = (work: string): Promise<Result<Lock | undefined>> =>
  acquireLock(workLock(work), 'exclusive');

/** Ends what dead runs have left, but for what the steps of this run may go on with. */
export async function endOrphans(
  home: string,
  executor: Pick<Executor, 'orphans'>,
  { steps, onEnded }: SweepOptions,
): Promise<Strays> {
  const dead = new DeadRuns(join(home, 'work'));
  const found = (await executor.orphans?.(home, run => dead.claim(run))) ?? [];
  const strays: Stray[] = [];
  let ended = 0;
  // Before their directories go: a container would go on in a folder that is no more.
  for (const orphan of found) {
    const stray = strayOf(orphan, steps);
    if (stray !== undefined) strays.push(stray);
    else if (await orphan.end()) ended += 1;
  }
  ended += await dead.sweep(strays);
  if (ended > 0) onEnded(ended);
  return new Strays(strays, { release: () => dead.release(), onEnded });
}

export type SweepOptions = {
  /** Of this run. */
  readonly steps: ReadonlySet<StepId>;
  /** So many processes and containers have been ended. */
  readonly onEnded: (count: number) => void;
};

/** Runs whose lock nobody holds, and which are held here until they are swept. */
class DeadRuns {
  readonly #folder: string;
  readonly #locks = new Map<string, Lock>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async claim(run: string): Promise<boolean> {
    if (this.#locks.has(run)) return true;
    const lock = await tryLock(join(this.#folder, run) + LOCK, 'exclusive');
    if (!lock.ok || lock.value === undefined) return false;
    this.#locks.set(run, lock.value);
    return true;
  }

  /** Ends processes and removes what nobody goes on with; returns how many processes that were. */
  async sweep(strays: readonly Stray[]): Promise<number> {
    const kept = new Set(strays.flatMap(stray => usedBy(stray, this.#folder)));
    let ended = 0;
    for (const run of runsIn(this.#folder)) {
      if (!(await this.claim(run))) continue;
      const work = join(this.#folder, run);
      ended += await endProcessesOf(work);
      for (const path of names(work).map(name => join(work, name))) {
        if (!kept.has(path)) removeQuietly(path);
      }
    }
    const busy = new Set(strays.map(({ run }) => run));
    for (const run of this.#locks.keys()) if (!busy.has(run)) this.#free(run);
    return ended;
  }

  release(): void {
    for (const run of this.#locks.keys()) this.#free(run);
  }

  #free(run: string): void {
    removeQuietly(join(this.#folder, run));
    this.#locks.get(run)?.release({ remove: true });
    this.#locks.delete(run);
  }
}

/** Of its dead run's folder: where it works, and folders that were built for it and others. */
function usedBy({ run, workdir, record }: Stray, folder: string): readonly string[] {
  const work = `${join(folder, run)}/`;
  const below = Iterator.from(record.stamps).filter(([path]) => path.startsWith(work));
  const names = new Set(below.map(([path]) => path.slice(work.length).split('/')[0] ?? ''));
  return [workdir, recordPath(workdir), ...[...names].map(name => work + name)];
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

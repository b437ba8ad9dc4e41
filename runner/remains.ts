/**
 * Finds and ends the processes that a piece of work has left behind: members of its process group,
 * and those that left the group but still carry its working directory in their environment, or work
 * in it. Without /proc (other systems) what it knows is the group alone. Unaware of steps.
 */
import { realpathSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { environmentHolds, processIds, statFields, worksIn } from './process-table.ts';
import { quietly } from './quietly.ts';

/** Sends a signal to every member of the group; false when there is none left. */
export function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-leader, signal);
    return true;
  } catch {
    return false; // ESRCH: gone. EPERM: no longer ours to end.
  }
}

type Remains = {
  /** Of the process group. */
  readonly leader: number;
  readonly workdir: string;
  /** Processes that had begun before the leader did. */
  readonly others: ReadonlySet<number>;
};

/**
 * Kills the group and every process but `others` that names `workdir` or works there; settles once
 * they are gone, or after a second when the system does not let them go.
 */
export async function endRemains({ leader, workdir, others }: Remains): Promise<void> {
  signalGroup(leader, 'SIGKILL');
  const strays = processesOf(workdir, others);
  for (const pid of strays) killQuietly(pid);
  for (let waitMs = 1; waitMs < 512; waitMs *= 2) {
    const left = strays.some(isAlive) || (signalGroup(leader, 0) && groupIsAlive(leader));
    if (!left) return;
    await sleep(waitMs);
  }
}

/**
 * Processes, but for `others`, whose environment names a path below `folder`, or which work there.
 * Empty where there is no /proc. To look into one costs more than to know of it.
 */
function processesOf(folder: string, others: ReadonlySet<number> = new Set()): readonly number[] {
  const real = quietly(() => realpathSync(folder)) ?? folder;
  return processIds().filter(
    pid =>
      !others.has(pid) &&
      pid !== process.pid &&
      (environmentHolds(pid, folder) || worksIn(pid, real)),
  );
}

/** Kills every process of a folder and waits until they are gone; returns how many there were. */
export async function endProcessesOf(folder: string): Promise<number> {
  const found = processesOf(folder);
  for (const pid of found) killQuietly(pid);
  for (let waitMs = 1; waitMs < 512 && found.some(isAlive); waitMs *= 2) await sleep(waitMs);
  return found.length;
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** A zombie is not alive: it holds nothing but its number. */
function isAlive(pid: number): boolean {
  const state = statFields(pid)?.[0];
  return state !== undefined && state !== 'Z' && state !== 'X';
}

const groupIsAlive = (group: number): boolean =>
  processIds().some(pid => statFields(pid)?.[2] === String(group) && isAlive(pid));

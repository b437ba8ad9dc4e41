/**
 * The processes of this machine as /proc tells them. Empty where there is no /proc (other systems).
 * Unaware of which of them are whose.
 */
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';

export function processIds(): readonly number[] {
  try {
    const ids = readdirSync('/proc')
      .filter(name => /^\d+$/.test(name))
      .map(Number);
    latest = new Set(ids);
    return ids;
  } catch {
    return [];
  }
}

let latest: ReadonlySet<number> | undefined;

/** Some of the processes that have begun by now, from the last look at the table. */
export function begunProcesses(): ReadonlySet<number> {
  if (latest === undefined) processIds();
  return latest ?? new Set();
}

/** Fields of /proc/<pid>/stat from the third on; the second may hold spaces and parentheses. */
export function statFields(pid: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** Nearly every environment fits; one for all, because this is read after every step. */
const room = Buffer.allocUnsafe(128 * 1024);

/** Does the process's environment name a path below `folder`? No when it is gone, or another user's. */
export function environmentHolds(pid: number, folder: string): boolean {
  const path = `/proc/${pid}/environ`;
  const wanted = `=${folder}/`;
  try {
    const fd = openSync(path, 'r');
    try {
      const length = readSync(fd, room, 0, room.length, 0);
      return length < room.length
        ? room.subarray(0, length).includes(wanted)
        : readFileSync(path).includes(wanted);
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
}

/**
 * Does the process work in `folder`, a real path, or below it? Not when it has a terminal: then it
 * is a person's who looks around there.
 */
export function worksIn(pid: number, folder: string): boolean {
  try {
    const at = readlinkSync(`/proc/${pid}/cwd`);
    const isIn = at === folder || at.startsWith(`${folder}/`) || at === `${folder} (deleted)`;
    return isIn && statFields(pid)?.[4] === '0';
  } catch {
    return false;
  }
}

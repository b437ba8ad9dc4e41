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

/** Valid until the next is asked for; undefined when the process is gone, or another user's. */
function environmentOf(pid: number): Buffer | undefined {
  const path = `/proc/${pid}/environ`;
  try {
    const fd = openSync(path, 'r');
    try {
      const length = readSync(fd, room, 0, room.length, 0);
      return length < room.length ? room.subarray(0, length) : readFileSync(path);
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}

/** Where a shell is and was, and what it started: these lead into a folder also after a person's visit. */
const OF_SHELLS: ReadonlySet<string> = new Set(['PWD', 'OLDPWD', '_']);

/** Does a variable that a shell does not set by itself name a path below `folder`? */
export function environmentHolds(pid: number, folder: string): boolean {
  const environment = environmentOf(pid);
  if (environment === undefined) return false;
  const path = `=${folder}/`;
  for (let at = environment.indexOf(path); at >= 0; at = environment.indexOf(path, at + 1)) {
    const name = environment.toString('latin1', environment.lastIndexOf(0, at) + 1, at);
    if (!OF_SHELLS.has(name)) return true;
  }
  return false;
}

/** What a terminal, a remote login or a desktop gives to all that a person begins there. */
const OF_PERSONS = ['TERM', 'SSH_CONNECTION', 'DISPLAY', 'WAYLAND_DISPLAY', 'XDG_RUNTIME_DIR'];

/**
 * Does the process work in `folder`, a real path, or below it? Not when it is a person's who looks
 * around there: it has a terminal, or has left one and still tells of it (an editor with windows,
 * the server of `tmux` with all that runs in it).
 */
export function worksIn(pid: number, folder: string): boolean {
  try {
    const at = readlinkSync(`/proc/${pid}/cwd`);
    const isIn = at === folder || at.startsWith(`${folder}/`) || at === `${folder} (deleted)`;
    return isIn && statFields(pid)?.[4] === '0' && !isPersons(pid);
  } catch {
    return false;
  }
}

function isPersons(pid: number): boolean {
  const environment = environmentOf(pid);
  const names = environment?.toString('latin1').split('\0') ?? [];
  return names.some(text => OF_PERSONS.includes(text.slice(0, text.indexOf('='))));
}

/**
 * The first program of a warm container: waits for a line, describes everything that a step could
 * have left in the container, and waits again. Where the description is what it was when the
 * container was new, nothing is left. Ends, and the container with it, when nobody holds its input
 * any more. Unaware of steps.
 */

/** Of no step: nothing that a step does to processes of its own reaches the guard. */
export const guardUser = (stepUid: number): string =>
  stepUid === 65_534 ? '65533:65533' : '65534:65534';

/** Folders that a step can write to and that are not taken out of the container afterwards. */
export const WRITABLE = ['/tmp', '/var/tmp', '/run', '/dev/shm', '/dev/mqueue'] as const;

const globs = WRITABLE.flatMap(folder => [`${folder}/*`, `${folder}/.[!.]*`, `${folder}/..?*`]);

/**
 * What is readable of the kernel about this container: shared memory, semaphores and queues of
 * System V; whether a packet has passed the loopback (then a port may not be free yet); what is
 * mounted; processes killed for want of memory; whether system calls are filtered.
 */
const TELLING = [
  '/proc/sysvipc/shm',
  '/proc/sysvipc/sem',
  '/proc/sysvipc/msg',
  '/proc/net/dev',
  '/proc/self/mounts',
  '/sys/fs/cgroup/memory.events',
  '/sys/fs/cgroup/memory/memory.oom_control',
];

/** Only what a POSIX shell does by itself: the image need have no other program, and none is started. */
export const GUARD_SCRIPT = `
describe() {
  for path in /proc/[0-9]*; do echo "$path"; done
  for path in ${globs.join(' ')}; do
    if [ -e "$path" ] || [ -L "$path" ]; then echo "left $path"; fi
  done
  for path in ${TELLING.join(' ')}; do
    if [ -r "$path" ]; then while read -r line; do echo "$line"; done <"$path"; fi
  done
  while read -r line; do case $line in Seccomp:*) echo "$line" ;; esac; done </proc/self/status
}
while read -r word; do describe; echo "described $word"; done`;

export type Description = {
  readonly text: string;
  /** Processes that the kernel has killed for want of memory; undefined where nobody tells. */
  readonly oomKills: number | undefined;
  /** Without a filter of system calls a step could leave more than is described: keys, namespaces. */
  readonly isFiltered: boolean;
};

export function readDescription(text: string): Description {
  const kills = /^oom_kill (\d+)$/m.exec(text)?.[1];
  return {
    text,
    oomKills: kills === undefined ? undefined : Number(kills),
    isFiltered: /^Seccomp:\s*2$/m.test(text),
  };
}

/** The description that was asked for with `word`, once all of it has come. */
export function descriptionIn(printed: string, word: string): Description | undefined {
  const end = printed.indexOf(`described ${word}\n`);
  return end < 0 ? undefined : readDescription(printed.slice(0, end));
}

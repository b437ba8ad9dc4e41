/**
 * Shows large files and folders to a local process in place, read-only, without copying them: bind
 * mounts in a mount namespace of its own, which vanish with it. Linux only, and for root only: a
 * namespace of users would show other owners and take set-user-id programs away. Unaware of steps.
 */
import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { removeQuietly } from '../clearing.ts';
import { quietly } from '../quietly.ts';
import type { Attempt, Share } from './executor.ts';

/** util-linux and the shell: not what the step's own PATH says. */
const UNSHARE = '/usr/bin/unshare';
const MOUNT = '/usr/bin/mount';
const MKNOD = '/usr/bin/mknod';
const MKDIR = '/usr/bin/mkdir';
const STAT = '/usr/bin/stat';
const SHELL = '/bin/sh';

/** All that whoever is outside of the namespace finds in a folder: it says why. */
const NOTE = 'shown-only-to-the-step-itself';

/** A path may have led to something else when it was mounted, and lead to the right one again by now. */
const IS_MEANT = `{ [ -z "$3" ] || [ "$(${STAT} -c %d:%i -- "$2")" = "$3" ]; }`;

/**
 * What lies at the target for everybody outside of the namespace: a device that cannot be opened, or
 * a folder with nothing but one. Whoever is only handed the path (a container engine, a database)
 * and reads what is there fails loudly then, and does not take it for empty.
 */
const TRY = `
device=$2
if [ -d "$1" ]; then ${MKDIR} -- "$2" || exit; device=$2/${NOTE}; fi
${MKNOD} "$device" c 0 0 && ${MOUNT} -n --bind -o ro -- "$1" "$2" && ${IS_MEANT}`;

/** Says on its fourth stream that everything is in place, and becomes the command. */
const SHOW = `
until [ "$1" = -- ]; do
  ${MOUNT} -n --bind -o ro -- "$1" "$2" || exit 125
  ${IS_MEANT} || { echo "something else was in the place of $1" >&2; exit 125; }
  shift 3
done
shift
printf 1 >&3; exec 3>&-
unset PWD OLDPWD SHLVL
exec "$@"`;

/**
 * Can an attempt see `source` at `target`? Tries it; true leaves the target prepared. Where it
 * cannot be, nothing lies at the target and the caller copies.
 */
export async function prepareShare({ source, target, identity }: Share): Promise<boolean> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const words = ['--mount', SHELL, '-c', TRY, 'sh', source, target, identity ?? ''];
  const isPossible = await new Promise<boolean>(resolve => {
    execFile(UNSHARE, words, { env: {}, timeout: 10_000 }, error => resolve(error === null));
  });
  if (!isPossible) removeQuietly(target);
  return isPossible;
}

export type SharedStart =
  | { readonly kind: 'spawn'; readonly words: readonly [string, ...string[]] }
  /** As `spawn` would have failed; the shell between could only say 127. */
  | { readonly kind: 'no-program'; readonly code: 'ENOENT' | 'EACCES' };

/** What to spawn in the attempt's place, with a fourth stream: `1` on it says that all is shown. */
export function sharedStart(attempt: Attempt, shares: readonly Share[]): SharedStart {
  const found = programOf(attempt);
  if (found !== 'ok') return { kind: 'no-program', code: found };
  const places = shares.flatMap(({ source, target, identity }) => [source, target, identity ?? '']);
  const setup = ['--mount', SHELL, '-c', SHOW, 'sh', ...places, '--'];
  return { kind: 'spawn', words: [UNSHARE, ...setup, ...attempt.command] };
}

function programOf({ command, workdir, env }: Attempt): 'ok' | 'ENOENT' | 'EACCES' {
  const [program] = command;
  const folders = program.includes('/') ? ['.'] : (env['PATH'] ?? '/usr/bin:/bin').split(':');
  const stats = folders.flatMap(
    folder => quietly(() => statSync(resolve(workdir, folder, program))) ?? [],
  );
  if (stats.some(stat => stat.isFile() && (stat.mode & 0o111) !== 0)) return 'ok';
  return stats.length === 0 ? 'ENOENT' : 'EACCES';
}

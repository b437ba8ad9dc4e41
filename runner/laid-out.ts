/**
 * Lays things into a working directory so that they stay what they are, and tells afterwards
 * whether they did. Files are read-only; but who runs as root, or changes modes, may still write,
 * therefore their stamps are compared after the run. Unaware of steps.
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  constants,
  copyFileSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SMALL_BYTES } from '../store/content.ts';
import { pacer } from '../store/pace.ts';
import { quietly } from './quietly.ts';
import { makeFolder } from './step-umask.ts';

/**
 * Copies a file or folder of the project, as far as it consists of files, folders and links. Sharing
 * blocks where the file system can.
 */
export async function copyReadOnly(from: string, to: string): Promise<void> {
  const pause = pacer();
  makeFolder(dirname(to));
  const open = [{ from, to }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    // A link at the top stands for what it leads to; links inside a folder stay links.
    const isTop = next.from === from;
    const stat = isTop ? statSync(next.from) : lstatSync(next.from);
    if (stat.isSymbolicLink()) symlinkSync(readlinkSync(next.from), next.to);
    else if (stat.isDirectory()) {
      makeFolder(next.to);
      for (const name of readdirSync(next.from)) {
        open.push({ from: join(next.from, name), to: join(next.to, name) });
      }
    } else if (stat.isFile()) {
      // Nothing else: to open a pipe waits for whoever writes into it, a device may never end.
      // A trip through the thread pool costs more than copying what is small.
      if (stat.size <= SMALL_BYTES) copyFileSync(next.from, next.to, constants.COPYFILE_FICLONE);
      else await copyFile(next.from, next.to, constants.COPYFILE_FICLONE);
      chmodSync(next.to, (stat.mode & 0o100) === 0 ? 0o444 : 0o555);
    }
    await pause();
  }
}

/** More than this is not worth reading again, for each millisecond of waiting instead. */
const BYTES_PER_MS = 200 * 1024;

/**
 * Within this of its last change a file may change again without its stamps showing it. Some file
 * systems note whole seconds, or every other one.
 */
const racyMs = (ctimeNs: bigint): number => (isCoarse(ctimeNs) ? 2_000 : 20);

const isCoarse = (ctimeNs: bigint): boolean => ctimeNs % 1_000_000_000n === 0n;

/** Will the stamp show whatever happens from now on? */
export const isSettled = (ctimeNs: bigint): boolean =>
  Number(ctimeNs / 1_000_000n) < Date.now() - racyMs(ctimeNs);

/** Waits until it will; a clock that is ahead does not hold us up for longer. */
export async function settle(ctimesNs: readonly bigint[]): Promise<void> {
  const waitMs = ctimesNs.reduce(
    (most, ctimeNs) => (isSettled(ctimeNs) ? most : Math.max(most, racyMs(ctimeNs))),
    0,
  );
  if (waitMs > 0) await sleep(waitMs);
}

type Stamp = { readonly stat: string; readonly digest: string | undefined };

export type Stamps = ReadonlyMap<string, Stamp>;

/** Stamps of every file below the paths. Files just written are remembered by content as well. */
export const stampFiles = (paths: readonly string[]): Promise<Stamps> =>
  stamp(paths.flatMap(filesBelow), { waits: true });

/** Of what was laid out just now: nobody but the step itself can reach it. */
export const stampCopies = (paths: readonly string[]): Promise<Stamps> =>
  stamp(paths.flatMap(filesBelow), { waits: false });

/**
 * Of folders as well: what was laid into one, or put in its place, and taken away again has changed
 * its stamp. What a link among the paths leads to counts like the link.
 */
export const stampTrees = (paths: readonly string[]): Promise<Stamps> =>
  stamp(paths.flatMap(withTarget).flatMap(everythingBelow), { waits: true });

/** `waits` where a change and its reverse within one second may both be missed. */
async function stamp(
  seen: readonly Seen[],
  { waits }: { readonly waits: boolean },
): Promise<Stamps> {
  const young = seen.filter(({ ctimeNs }) => !isSettled(ctimeNs));
  // One change of a folder within that time shows in what lies in it.
  const racy = new Set(young.filter(({ isFolder }) => !isFolder));
  const bytes = [...racy].reduce((sum, file) => sum + file.bytes, 0);
  const ctimesNs = young.map(({ ctimeNs }) => ctimeNs);
  const isCheap = bytes <= BYTES_PER_MS * (ctimesNs.some(isCoarse) ? 2_000 : 20);
  if (!isCheap || (waits && ctimesNs.some(isCoarse))) {
    await settle(ctimesNs);
    racy.clear();
  }
  return new Map(
    seen.map(each => [
      each.path,
      { stat: each.stat, digest: racy.has(each) ? contentOf(each.path) : undefined },
    ]),
  );
}

/** What is not as it was when it was stamped, or was something else in between. */
export function changedPaths(stamps: Stamps): readonly string[] {
  return [...stamps]
    .filter(([path, { stat, digest }]) => {
      const now = seenAt(path);
      return now?.stat !== stat || (digest !== undefined && contentOf(path) !== digest);
    })
    .map(([path]) => path);
}

type Seen = {
  readonly path: string;
  readonly stat: string;
  readonly bytes: number;
  readonly ctimeNs: bigint;
  readonly isFolder: boolean;
};

/** Itself included. */
function everythingBelow(root: string): readonly Seen[] {
  const found: Seen[] = [];
  const open = [root];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const seen = seenAt(path);
    if (seen === undefined) continue;
    found.push(seen);
    if (!seen.isFolder) continue;
    for (const name of quietly(() => readdirSync(path)) ?? []) open.push(join(path, name));
  }
  return found;
}

const filesBelow = (root: string): readonly Seen[] =>
  everythingBelow(root).filter(({ isFolder }) => !isFolder);

function seenAt(path: string): Seen | undefined {
  const stat = quietly(() => lstatSync(path, { bigint: true, throwIfNoEntry: false }));
  return (
    stat && {
      path,
      stat: [stat.ino, stat.mode, stat.size, stat.mtimeNs, stat.ctimeNs].join(' '),
      bytes: Number(stat.size),
      ctimeNs: stat.ctimeNs,
      isFolder: stat.isDirectory(),
    }
  );
}

function withTarget(path: string): readonly string[] {
  const target = quietly(() => realpathSync(path));
  const isLink = quietly(() => lstatSync(path).isSymbolicLink()) === true;
  return isLink && target !== undefined ? [path, target] : [path];
}

function contentOf(path: string): string {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch {
    return 'unreadable'; // A link that leads nowhere, or gone by now.
  }
}

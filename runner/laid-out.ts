/**
 * Lays things into a working directory so that they stay what they are, and tells afterwards
 * whether they did. Files are read-only; but who runs as root, or changes modes, may still write,
 * therefore their stamps are compared after the run. Unaware of steps.
 */
import { hash } from 'node:crypto';
import {
  chmodSync,
  constants,
  copyFileSync,
  lstatSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  type Stats,
  statSync,
  symlinkSync,
} from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SMALL_BYTES } from '../store/content.ts';
import { pacer } from '../store/pace.ts';
import { readRegular } from '../store/regular-file.ts';
import { quietly } from './quietly.ts';
import { makeFolder } from './step-umask.ts';

/**
 * Copies a file or folder of the project, as far as it consists of files, folders and links. Sharing
 * blocks where the file system can.
 */
export async function copyReadOnly(from: string, to: string): Promise<void> {
  const pause = pacer();
  makeFolder(dirname(to));
  // Only of folders: a list of all that is to be copied takes more memory than the names.
  const open: Place[] = [];
  // A link at the top stands for what it leads to; links inside a folder stay links.
  await copyEntry({ from, to }, statSync(from), open);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const name of readdirSync(next.from)) {
      const place = { from: join(next.from, name), to: join(next.to, name) };
      await copyEntry(place, lstatSync(place.from), open);
      await pause();
    }
  }
}

type Place = { readonly from: string; readonly to: string };

/** What is in a folder is left to whoever looks at the open ones. */
async function copyEntry({ from, to }: Place, stat: Stats, open: Place[]): Promise<void> {
  if (stat.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
  else if (stat.isDirectory()) {
    makeFolder(to);
    open.push({ from, to });
  } else if (stat.isFile()) {
    // Nothing else: to open a pipe waits for whoever writes into it, a device may never end.
    // A trip through the thread pool costs more than copying what is small.
    if (stat.size <= SMALL_BYTES) copyFileSync(from, to, constants.COPYFILE_FICLONE);
    else await copyFile(from, to, constants.COPYFILE_FICLONE);
    chmodSync(to, (stat.mode & 0o100) === 0 ? 0o444 : 0o555);
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

export type Stamps = Iterable<readonly [path: string, Stamp]>;

/** Stamps of every file below the paths. Files just written are remembered by content as well. */
export const stampFiles = (paths: readonly string[]): Promise<Stamps> =>
  stamp(filesBelow(paths), { waits: true });

/** Of what was laid out just now: nobody but the step itself can reach it. */
export const stampCopies = (paths: readonly string[]): Promise<Stamps> =>
  stamp(filesBelow(paths), { waits: false });

/**
 * Of folders as well: what was laid into one, or put in its place, and taken away again has changed
 * its stamp. What a link among the paths leads to counts like the link.
 */
export const stampTrees = (paths: readonly string[]): Promise<Stamps> =>
  stamp(everythingBelow(paths.flatMap(withTarget)), { waits: true });

/** `waits` where a change and its reverse within one second may both be missed. */
async function stamp(
  found: Iterable<Found>,
  { waits }: { readonly waits: boolean },
): Promise<Stamps> {
  const folders = new Map<string, FolderStamps>();
  const young: Found[] = [];
  const pause = pacer();
  for (const each of found) {
    await pause();
    remember(folders, each);
    if (!isSettled(each.ctimeNs)) young.push(each);
  }
  // One change of a folder within that time shows in what lies in it.
  const racy = young.filter(({ isFolder }) => !isFolder);
  const bytes = racy.reduce((sum, file) => sum + file.bytes, 0);
  const ctimesNs = young.map(({ ctimeNs }) => ctimeNs);
  const isCheap = bytes <= BYTES_PER_MS * (ctimesNs.some(isCoarse) ? 2_000 : 20);
  if (!isCheap || (waits && ctimesNs.some(isCoarse))) {
    await settle(ctimesNs);
    racy.length = 0;
  }
  const paths = racy.map(({ folder, name }) => `${folder}/${name}`);
  const contents = new Map(paths.map(path => [path, contentOf(path)]));
  return { [Symbol.iterator]: () => eachStamp(folders, contents) };
}

/** Numbers of each stat; as text, or with its path, it would take several times the memory. */
const NUMBERS = 5;
/** Which of them the mode is. */
const MODE = 1;

class FolderStamps {
  readonly names: string[] = [];
  #numbers = new BigInt64Array(NUMBERS);

  add(name: string, numbers: readonly bigint[]): void {
    const at = this.names.length * NUMBERS;
    if (at === this.#numbers.length) {
      const more = new BigInt64Array(2 * at);
      more.set(this.#numbers);
      this.#numbers = more;
    }
    this.#numbers.set(numbers, at);
    this.names.push(name);
  }

  stat(index: number): string {
    return this.#numbers.subarray(index * NUMBERS, (index + 1) * NUMBERS).join(' ');
  }
}

function remember(folders: Map<string, FolderStamps>, { folder, name, numbers }: Found): void {
  const known = folders.get(folder) ?? new FolderStamps();
  folders.set(folder, known);
  known.add(name, numbers);
}

function* eachStamp(
  folders: ReadonlyMap<string, FolderStamps>,
  contents: ReadonlyMap<string, string>,
): Generator<readonly [path: string, Stamp]> {
  for (const [folder, stamps] of folders) {
    for (const [index, name] of stamps.names.entries()) {
      const path = `${folder}/${name}`;
      yield [path, { stat: stamps.stat(index), digest: contents.get(path) }];
    }
  }
}

const READ = 0o444;
const EXECUTE = 0o111;

/** Whether everybody may read and execute what its owner may: it is the same to whoever sees it. */
export const isOpenToAll = (stamps: Stamps): boolean =>
  Iterator.from(stamps).every(([, { stat }]) => {
    const mode = Number(stat.split(' ')[MODE]);
    const execute = mode & EXECUTE;
    const isFolder = (mode & constants.S_IFMT) === constants.S_IFDIR;
    return (mode & READ) === READ && (execute === EXECUTE || (execute === 0 && !isFolder));
  });

/** What is not as it was when it was stamped, or was something else in between. */
export async function changedPaths(stamps: Stamps): Promise<readonly string[]> {
  const pause = pacer();
  const changed: string[] = [];
  for (const [path, { stat, digest }] of stamps) {
    await pause();
    const isSame = seenAt(path)?.numbers.join(' ') === stat;
    if (!isSame || (digest !== undefined && contentOf(path) !== digest)) changed.push(path);
  }
  return changed;
}

type Seen = {
  readonly numbers: readonly bigint[];
  readonly bytes: number;
  readonly ctimeNs: bigint;
  readonly isFolder: boolean;
};

type Found = Seen & { readonly folder: string; readonly name: string };

/** Themselves included; one by one, because most are forgotten as soon as they are stamped. */
function* everythingBelow(paths: readonly string[]): Generator<Found> {
  for (const path of paths) yield* everythingIn(dirname(path), [basename(path)]);
}

function* everythingIn(folder: string, names: readonly string[]): Generator<Found> {
  for (const name of names) {
    const path = `${folder}/${name}`;
    const seen = seenAt(path);
    if (seen === undefined) continue;
    yield { folder, name, ...seen };
    if (seen.isFolder) yield* everythingIn(path, quietly(() => readdirSync(path)) ?? []);
  }
}

function* filesBelow(paths: readonly string[]): Generator<Found> {
  for (const seen of everythingBelow(paths)) if (!seen.isFolder) yield seen;
}

function seenAt(path: string): Seen | undefined {
  const stat = quietly(() => lstatSync(path, { bigint: true, throwIfNoEntry: false }));
  return (
    stat && {
      numbers: [stat.ino, stat.mode, stat.size, stat.mtimeNs, stat.ctimeNs],
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

/** Of a link where it leads: what is there is not what was laid out. Pipes and devices have none. */
function contentOf(path: string): string {
  const bytes =
    readRegular(path, { followLink: false }) ??
    quietly(() => readlinkSync(path, { encoding: 'buffer' }));
  return bytes === undefined ? 'unreadable' : hash('sha256', bytes, 'hex');
}

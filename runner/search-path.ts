/**
 * Where a name leads on a search path, and whether it has led there all the time since. Unaware of
 * what a program is for.
 */
import {
  accessSync,
  type BigIntStats,
  constants,
  lstatSync,
  readlinkSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import { isSettled } from './laid-out.ts';
import { quietly } from './quietly.ts';

/** A file as it was found. */
export type Sighting = {
  /** By the search path; `real` is where the links on the way lead. */
  readonly path: string;
  readonly real: string;
  readonly links: readonly Link[];
  /** What stays the same when only its owner, its modes or its hard links are touched … */
  readonly identity: string;
  /** … and what does not. */
  readonly ctimeNs: bigint;
  /** Of the folder that it really lies in: whoever puts another in its place changes that. */
  readonly folder: string;
};

type Link = { readonly path: string; readonly target: string; readonly stamp: string };

/** The folders of a search path. */
export type Places = { readonly stamp: string; readonly links: readonly Link[] };

/**
 * The files of that name, up to and with the first that may be executed: a shell goes past those
 * that may not, and `. name` takes them.
 */
export function findFiles(name: string, searchPath: string): readonly Sighting[] {
  if (name.includes('/')) {
    const sighting = isAbsolute(name) ? sightingOf(name) : undefined;
    return sighting !== undefined && mayExecute(name) ? [sighting] : [];
  }
  const found: Sighting[] = [];
  for (const folder of foldersOf(searchPath)) {
    const path = `${folder}/${name}`;
    const sighting = sightingOf(path);
    if (sighting === undefined) continue;
    found.push(sighting);
    if (mayExecute(path)) break;
  }
  return found;
}

/** Where a shell would find it. */
export function resolveProgram(name: string, searchPath: string): string | undefined {
  const last = findFiles(name, searchPath).at(-1);
  return last !== undefined && mayExecute(last.path) ? last.real : undefined;
}

const foldersOf = (searchPath: string): readonly string[] =>
  searchPath.split(':').filter(isAbsolute);

export function placesOf(searchPath: string): Places {
  const folders = foldersOf(searchPath);
  return { stamp: stampOfFolders(folders), links: folders.flatMap(linksOn) };
}

/** False where another file of some name may be found now, or might have been in between. */
export const samePlaces = (before: Places, searchPath: string): boolean =>
  before.stamp === stampOfFolders(foldersOf(searchPath)) &&
  before.links.every(link => stampOfLink(link.path) === link.stamp);

function stampOfFolders(folders: readonly string[]): string {
  const stats = folders.map(statOf);
  // What is added to a folder that has only just changed need not show.
  const isSure = stats.every(stat => stat === undefined || isSettled(stat.ctimeNs));
  return isSure ? stats.map(folderStamp).join('\n') : `unsure ${performance.now()}`;
}

const folderStamp = (stat: BigIntStats | undefined): string =>
  stat === undefined ? '' : [stat.dev, stat.ino, stat.mode, stat.mtimeNs, stat.ctimeNs].join(' ');

/**
 * - `same`: nothing has happened.
 * - `touched`: its ctime moved, and nothing else; it was given another hard link, mode or owner, or
 *   was written to with its time put back. Its content tells, outside of the project.
 * - `other`: it is another one, or may have been.
 */
export function compareSighting(before: Sighting): 'same' | 'touched' | 'other' {
  // A link that leads where it led but was made anew has led elsewhere. One that leads elsewhere
  // now does no harm when the same file lies there: that of a package manager's generations.
  const isDetour = before.links.some(
    ({ path, target, stamp }) => stampOfLink(path) !== stamp && targetOf(path) === target,
  );
  const stat = isDetour ? undefined : statOf(before.path);
  if (stat === undefined || identityOf(stat) !== before.identity) return 'other';
  if (stat.ctimeNs === before.ctimeNs) return 'same';
  return folderStamp(statOf(dirname(before.real))) === before.folder ? 'touched' : 'other';
}

function sightingOf(path: string): Sighting | undefined {
  const stat = statOf(path);
  if (stat?.isFile() !== true) return undefined;
  const real = realPath(path);
  if (real === undefined) return undefined;
  return {
    path,
    real,
    links: linksOn(path),
    identity: identityOf(stat),
    ctimeNs: stat.ctimeNs,
    folder: folderStamp(statOf(dirname(real))),
  };
}

const identityOf = (stat: BigIntStats): string =>
  [stat.dev, stat.ino, stat.mode, stat.size, stat.mtimeNs].join(' ');

/** Those that are followed on the way to a path, each with what it says. */
function linksOn(path: string): readonly Link[] {
  const links: Link[] = [];
  // A system follows no more than forty.
  const open = [path];
  for (let next = open.pop(); next !== undefined && links.length < 40; next = open.pop()) {
    const parts = next.split('/');
    const at = parts.findIndex((_, index) => isLink(parts.slice(0, index + 1).join('/')));
    if (at === -1) continue;
    const link = parts.slice(0, at + 1).join('/');
    const target = targetOf(link) ?? '';
    links.push({ path: link, target, stamp: stampOfLink(link) });
    // Not normalised: what `..` means after a link depends on where that one leads.
    const led = isAbsolute(target) ? target : `${dirname(link)}/${target}`;
    open.push([led, ...parts.slice(at + 1)].join('/'));
  }
  return links;
}

const isLink = (path: string): boolean => path !== '' && lstatOf(path)?.isSymbolicLink() === true;

function stampOfLink(path: string): string {
  const stat = lstatOf(path);
  return stat === undefined ? '' : [stat.dev, stat.ino, stat.mode, stat.ctimeNs].join(' ');
}

function mayExecute(path: string): boolean {
  try {
    // More than its mode says: nothing on a disk mounted `noexec` may be.
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const statOf = (path: string) => quietly(() => statSync(path, BIG));
const lstatOf = (path: string) => quietly(() => lstatSync(path, BIG));
const targetOf = (path: string) => quietly(() => readlinkSync(path));
const realPath = (path: string) => quietly(() => realpathSync(path));

const BIG = { bigint: true, throwIfNoEntry: false } as const;

/**
 * What a pattern finds in a folder when it walks the project: a link to a folder of the project is
 * as that folder. Every way ends: no link leads into a folder that it is reached through, and links
 * that multiply are given up. Unaware of patterns.
 */
import { type Dirent, readdirSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';

/** Entries that are looked at behind links: of folders full of links to each other there is no end. */
const MOST_BEHIND_LINKS = 100_000;

export const NEVER_ENTERED: readonly string[] = ['.git', '.sluice', 'node_modules'];

type Project = {
  /** The project's folder, links followed. */
  readonly root: string;
  /** Where a folder of the project really is; undefined for all else. */
  readonly realFolder: (path: string) => string | undefined;
};

export type WalkedFolders = {
  readonly entriesOf: (folder: string) => Dirent[];
  /** Undefined, or so many entries were seen and the rest was not. */
  readonly givenUpAfter: () => number | undefined;
};

export function walkedFolders({ root, realFolder }: Project): WalkedFolders {
  // Thousands of patterns walk the same folders.
  const known = new Map<string, Dirent[]>();
  let behindLinks = 0;

  /** Name by name: however one gets there, a folder is followed once. */
  const realOf = (folder: string): string => {
    if (folder.length <= root.length) return root;
    const place = join(realOf(dirname(folder)), basename(folder));
    return realFolder(place) ?? place;
  };
  /** The folders that one is reached through; one without a link stands for all above it. */
  const wayTo = (folder: string): readonly string[] => {
    const real = realOf(folder);
    return real === folder ? [real] : [real, ...wayTo(dirname(folder))];
  };
  const leadsOn = (link: string, way: readonly string[]): boolean => {
    const end = realFolder(join(way[0] ?? root, link));
    if (end === undefined || behindLinks > MOST_BEHIND_LINKS) return false;
    const names = relative(root, end).split(sep);
    if (names.some(name => NEVER_ENTERED.includes(name))) return false;
    return !way.some(place => `${place}${sep}`.startsWith(`${end}${sep}`));
  };
  const look = (folder: string): Dirent[] => {
    const entries = readdirSync(folder, { withFileTypes: true });
    const way = wayTo(folder);
    if (way.length > 1) behindLinks += entries.length;
    return entries.map(entry => (isPlain(entry) ? entry : seen(entry, leadsOn(entry.name, way))));
  };
  return {
    entriesOf(written) {
      const folder = resolve(written);
      const entries = known.get(folder) ?? look(folder);
      known.set(folder, entries);
      return entries;
    },
    givenUpAfter: () => (behindLinks > MOST_BEHIND_LINKS ? behindLinks : undefined),
  };
}

const isPlain = (entry: Dirent): boolean => entry.isFile() || entry.isDirectory();

/** To the walk all is a file that is no folder: it would pass over links and pipes in silence. */
const seen = (entry: Dirent, isFolder: boolean): Dirent =>
  Object.assign(entry, {
    isFile: () => !isFolder,
    isDirectory: () => isFolder,
    isSymbolicLink: () => false,
  });

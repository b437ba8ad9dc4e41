/**
 * What a pattern finds in a folder when it walks the project: a link to a folder of the project is
 * as that folder. Every way ends: no link leads into a folder that it is reached through, and links
 * that multiply are given up. Unaware of patterns.
 */
import { type Dirent, readdirSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';

/**
 * Entries that are looked at once more, since another link leads there: of folders full of links to
 * each other there is no end, and of one large folder behind one link there is.
 */
const MOST_AGAIN = 100_000;

export const NEVER_ENTERED: readonly string[] = ['.git', '.sluice', 'node_modules'];

type Project = {
  /** The project's folder, links followed. */
  readonly root: string;
  /** Where a folder of the project really is; undefined for all else. */
  readonly realFolder: (path: string) => string | undefined;
};

/** The way of one pattern. */
export type Walk = {
  readonly entriesOf: (folder: string) => Dirent[];
  /** Whether it passed a link that is no longer entered. */
  readonly gaveUp: () => boolean;
};

type Seen = { readonly entries: Dirent[]; readonly isCut: boolean };

/** Each walk knows what those before it have seen: thousands of patterns walk the same folders. */
export function walkedFolders({ root, realFolder }: Project): () => Walk {
  const known = new Map<string, Seen>();
  const behindLinks = new Set<string>();
  let again = 0;

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
    if (end === undefined) return false;
    const names = relative(root, end).split(sep);
    if (names.some(name => NEVER_ENTERED.includes(name))) return false;
    return !way.some(place => `${place}${sep}`.startsWith(`${end}${sep}`));
  };
  const look = (folder: string): Seen => {
    const found = readdirSync(folder, { withFileTypes: true });
    const way = wayTo(folder);
    const [real = root] = way;
    if (behindLinks.has(real)) again += found.length;
    if (way.length > 1) behindLinks.add(real);
    let isCut = false;
    // A name that is not text: what lies below it cannot be asked for.
    const isClosed = ({ name }: Dirent) =>
      name.includes('\ufffd') && realFolder(join(real, name)) === undefined;
    const entries = found.map(entry => {
      if (isPlain(entry)) return isClosed(entry) ? seen(entry, false) : entry;
      const leads = leadsOn(entry.name, way);
      const isFolder = leads && again <= MOST_AGAIN;
      if (leads && !isFolder) isCut = true;
      return seen(entry, isFolder);
    });
    return { entries, isCut };
  };
  return () => {
    let gaveUp = false;
    return {
      entriesOf(written) {
        const folder = resolve(written);
        const { entries, isCut } = known.get(folder) ?? look(folder);
        known.set(folder, { entries, isCut });
        if (isCut) gaveUp = true;
        return entries;
      },
      gaveUp: () => gaveUp,
    };
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

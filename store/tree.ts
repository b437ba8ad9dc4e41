/**
 * Walks a file or a folder and describes it as an Artifact. What happens to each file (hashed,
 * looked up, stored) is the reader's business. Refuses what cannot be content: sockets, devices,
 * links that lead out, names that are not text. Gives way to other work while it walks.
 */
import { isUtf8 } from 'node:buffer';
import type { BigIntStats } from 'node:fs';
import type { Digest } from '../schema/id.ts';
import { type Artifact, artifactKey } from '../schema/trace.ts';
import { sameStamp } from './content.ts';
import { StoreFault } from './fault.ts';
import type { FileSystem } from './file-system.ts';
import { type Gate, gate, Sequence } from './gate.ts';
import { byBytes, type ListingEntry, ListingWriter, staysInside } from './listing.ts';
import { pacer } from './pace.ts';

export type TreeReader = {
  /** How many files may be unfinished while the walk goes on. */
  readonly ahead: number;
  /**
   * A folder is about to be read, in which there are so many names; also called for a file that is
   * described on its own.
   */
  readonly enter: (path: string, count: number) => FolderReader;
  readonly listing: () => ListingReader;
  /** What was found in a folder, once it is known. */
  readonly found?: (folder: string, entry: ListingEntry) => void;
};

/** Is handed the listing of one folder in parts, as it comes about. */
export type ListingReader = {
  readonly part: (bytes: Buffer) => void;
  readonly end: () => Digest | Promise<Digest>;
};

export type FolderReader = {
  /** Called in the order of names, with the file's stat from just before. */
  readonly file: (name: string, path: string, seen: BigIntStats) => Digest | Promise<Digest>;
  /** All files have been read. */
  readonly leave: () => void;
};

/** Follows a link at `path` itself, but none below it. */
export async function describe(
  disk: FileSystem,
  path: string,
  reader: TreeReader,
): Promise<Artifact> {
  const named = disk.lstat(path);
  const real = named?.isSymbolicLink() && disk.stat(path) ? disk.realpath(path) : path;
  const seen = real === path ? named : disk.lstat(real);
  if (seen === undefined) throw new StoreFault({ kind: 'absent', path });
  const walk: Walk = { disk, reader, pause: pacer(), gate: gate(reader.ahead), hasFailed: false };
  if (seen.isDirectory()) return (await walkFolder(walk, real, seen, 0)).artifact;
  if (!seen.isFile()) throw refusal(path, kindOf(seen));
  const folder = reader.enter(real, 1);
  const digest = await folder.file('', real, seen);
  folder.leave();
  const bytes = Number(seen.size);
  return { kind: 'file', digest, executable: isExecutable(seen), bytes, files: 1 };
}

/** Of a folder: what lies in it, each on its own. See Store.digestEach. */
export async function describeEach(
  disk: FileSystem,
  path: string,
  reader: TreeReader,
): Promise<Readonly<Record<string, string>>> {
  const each: [name: string, content: string][] = [];
  let root: string | undefined;
  const enter: TreeReader['enter'] = (folder, count) => {
    // The one that was asked for comes first; a link may have led to it.
    root ??= folder;
    return reader.enter(folder, count);
  };
  const found = (folder: string, entry: ListingEntry) => {
    // What a folder holds is told on its own.
    if (entry.kind === 'tree' && entry.files > 0) return;
    each.push([`${folder}/${entry.name}`.slice(`${root}/`.length), contentOf(entry)]);
  };
  const artifact = await describe(disk, path, { ...reader, enter, found });
  return artifact.kind === 'file' ? { '': artifactKey(artifact) } : Object.fromEntries(each);
}

const contentOf = (entry: ListingEntry): string =>
  entry.kind === 'link'
    ? `link:${entry.target}`
    : artifactKey(entry.kind === 'file' ? entry : { ...entry, executable: false });

type Walk = {
  readonly disk: FileSystem;
  readonly reader: TreeReader;
  readonly pause: () => Promise<void> | undefined;
  readonly gate: Gate;
  /** What comes after a failure need not be looked at. */
  hasFailed: boolean;
};

/** An entry; or its file, or files below its folder, are still being read. */
type Found = ListingEntry | Promise<ListingEntry>;

/**
 * Returns when all below has been seen. The artifact may come later, while files are still being
 * read. It is wrapped, because who waits for the walk need not wait for them.
 */
async function walkFolder(
  walk: Walk,
  path: string,
  seen: BigIntStats,
  depth: number,
): Promise<{ readonly artifact: Promise<Artifact> }> {
  const names = namesIn(walk.disk, path);
  const folder = walk.reader.enter(path, names.length);
  const contents = new FolderContents(walk.reader, path);
  const found = new Sequence<ListingEntry>(entry => contents.add(entry));
  try {
    for (const name of names) {
      if (walk.hasFailed) throw new StoreFault({ kind: 'unstable', path });
      const at = `${path}/${name}`;
      const below = walk.disk.lstat(at);
      if (below === undefined) throw new StoreFault({ kind: 'unstable', path });
      if (below.isDirectory()) {
        const { artifact } = await walkFolder(walk, at, below, depth + 1);
        found.add(begun(walk, treeEntry(name, artifact)));
      } else {
        const entry = leafEntry(walk, folder, { path: at, name, depth }, below);
        found.add(entry instanceof Promise ? begun(walk, entry) : entry);
        if (entry instanceof Promise) await walk.gate.pass(entry);
      }
      await walk.pause();
    }
  } catch (error) {
    // What came before it in the folder may fail as well, and then that is what is said.
    found.add(begun(walk, Promise.reject(error)));
  }
  const finish = async () => {
    await found.end();
    return finishFolder(walk.disk, { path, seen, folder, contents });
  };
  return { artifact: begun(walk, finish()) };
}

/** What a folder comes to, without keeping what lies in it. */
class FolderContents {
  readonly #told: (entry: ListingEntry) => void;
  readonly #listing: ListingReader;
  readonly #writer: ListingWriter;
  #bytes = 0;
  #files = 0;

  constructor({ listing, found }: TreeReader, path: string) {
    this.#told = entry => found?.(path, entry);
    this.#listing = listing();
    this.#writer = new ListingWriter(part => this.#listing.part(part));
  }

  /** In the order of names. */
  add(entry: ListingEntry): void {
    this.#told(entry);
    this.#writer.add(entry);
    if (entry.kind === 'link') return;
    this.#bytes += entry.bytes;
    this.#files += entry.kind === 'tree' ? entry.files : 1;
  }

  async artifact(): Promise<Artifact> {
    this.#writer.end();
    const digest = await this.#listing.end();
    const [bytes, files] = [this.#bytes, this.#files];
    return { kind: 'tree', digest, executable: false, bytes, files };
  }
}

/** Whoever finishes the folder looks at how it ended; until then a failure is only noted. */
function begun<T>(walk: Walk, work: Promise<T>): Promise<T> {
  work.catch(() => {
    walk.hasFailed = true;
  });
  return work;
}

async function treeEntry(name: string, artifact: Promise<Artifact>): Promise<ListingEntry> {
  const { digest, bytes, files } = await artifact;
  return { kind: 'tree', name, digest, bytes, files };
}

function leafEntry(
  walk: Walk,
  folder: FolderReader,
  { path, name, depth }: { readonly path: string; readonly name: string; readonly depth: number },
  seen: BigIntStats,
): Found {
  if (seen.isFile()) {
    const entry = (digest: Digest): ListingEntry => {
      const bytes = Number(seen.size);
      return { kind: 'file', name, executable: isExecutable(seen), digest, bytes };
    };
    const digest = folder.file(name, path, seen);
    return typeof digest === 'string' ? entry(digest) : digest.then(entry);
  }
  if (seen.isSymbolicLink()) {
    return { kind: 'link', name, target: linkTarget(walk.disk, path, depth) };
  }
  throw refusal(path, kindOf(seen));
}

async function finishFolder(
  disk: FileSystem,
  walked: {
    readonly path: string;
    readonly seen: BigIntStats;
    readonly folder: FolderReader;
    readonly contents: FolderContents;
  },
): Promise<Artifact> {
  const { path, seen, folder, contents } = walked;
  // A name that came or went meanwhile.
  const now = disk.lstat(path);
  if (now === undefined || !sameStamp(now, seen)) throw new StoreFault({ kind: 'unstable', path });
  folder.leave();
  return contents.artifact();
}

/** The owner's bit: the one that decides for the user who runs the pipeline. */
const isExecutable = (seen: BigIntStats): boolean => (seen.mode & 0o100n) !== 0n;

/** What a decoder writes for bytes that are not text; rarely, a name really contains it. */
const REPLACEMENT = '\ufffd';

function namesIn(disk: FileSystem, path: string): readonly string[] {
  const names = [...disk.readdir(path)].sort(byBytes);
  if (!names.some(name => name.includes(REPLACEMENT))) return names;
  const broken = disk.readdirBytes(path).find(name => !isUtf8(name));
  if (broken === undefined) return names;
  throw refusal(`${path}/${broken.toString('latin1')}`, 'a name that is not UTF-8');
}

function linkTarget(disk: FileSystem, path: string, depth: number): string {
  const target = disk.readlink(path);
  if (!isUtf8(target)) throw refusal(path, 'a link whose target is not UTF-8');
  const text = target.toString('utf8');
  if (staysInside(text, depth)) return text;
  throw refusal(path, `a link that may lead out of its folder (to ${text})`);
}

function kindOf(seen: BigIntStats): string {
  if (seen.isFIFO()) return 'a pipe';
  if (seen.isSocket()) return 'a socket';
  if (seen.isSymbolicLink()) return 'a link that leads nowhere';
  return 'a device';
}

const refusal = (path: string, what: string): StoreFault =>
  new StoreFault({ kind: 'unsupported', path, message: `${what} cannot be stored` });

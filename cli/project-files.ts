/**
 * The compiler's window on the world, over node:fs. Confines every path to the project, opens
 * nothing but regular files, and remembers what it saw, so that one compilation sees one state.
 * Unaware of what the files mean.
 */
import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';
import { type FileKind, type ProjectFiles, projectPath } from '../compiler/files.ts';
import { byCodeUnit } from '../schema/canonical-json.ts';
import { readRegular } from '../store/regular-file.ts';
import { NEVER_ENTERED, walkedFolders } from './walked-folders.ts';

/** Loaded by the first pattern: most pipelines have none. */
const require = createRequire(import.meta.url);
const globbing = (): typeof import('tinyglobby') => require('tinyglobby');

const IGNORED = NEVER_ENTERED.map(name => `**/${name}/**`);

/** `root`: the project's folder; `library`: the shipped `steps/`. Both absolute. */
export function nodeProjectFiles({
  root,
  library,
}: {
  readonly root: string;
  readonly library: string;
}): ProjectFiles {
  const realRoot = realpathSync.native(root);
  const realFolder = remembered(realPath);
  const kind = remembered((path: string) => kindOf(realRoot, path, realFolder));
  const startWalk = walkedFolders({
    root: realRoot,
    realFolder: remembered(path => {
      const real = realFolder(path);
      const inside = typeof real === 'string' && isWithin(real, realRoot);
      return inside && statOf(real)?.isDirectory() ? real : undefined;
    }),
  });
  return {
    kind,
    real: followedIn(realRoot),
    read: remembered(path =>
      kind(path) === 'file' ? readRegular(join(realRoot, path)) : undefined,
    ),
    list: remembered(folder => (kind(folder) === 'dir' ? namesIn(join(realRoot, folder)) : [])),
    glob: patterns => {
      const walk = startWalk();
      // What climbs out matches nothing, and would be looked for all over the disk.
      const found = globbing()
        .globSync(
          patterns.filter(pattern => projectPath(pattern) !== undefined),
          {
            cwd: realRoot,
            ignore: IGNORED,
            // The one form in which it is called there.
            fs: { readdirSync: walk.entriesOf as unknown as typeof readdirSync },
            followSymbolicLinks: false,
            expandDirectories: false,
            dot: false,
          },
        )
        .map(path => path.split(sep).join('/'))
        .sort(byCodeUnit);
      return {
        files: found.filter(path => kind(path) === 'file'),
        unusable: found.filter(path => kind(path) === 'outside' || kind(path) === 'other'),
        ...(walk.gaveUp() && { gaveUp: true }),
      };
    },
    librarySteps: () =>
      namesIn(library).filter(name => statOf(join(library, name, 'step.yaml'))?.isFile()),
    readLibrary: (step, file) => readRegular(join(library, step, file)),
  };
}

/** Asked twice, it answers what it has answered before. */
function remembered<T>(ask: (path: string) => T): (path: string) => T {
  const answers = new Map<string, { readonly value: T }>();
  return path => {
    const known = answers.get(path);
    if (known !== undefined) return known.value;
    const value = ask(path);
    answers.set(path, { value });
    return value;
  };
}

/** Following every folder of every path is what costs: `realFolder` follows each only once. */
function kindOf(root: string, path: string, realFolder: typeof realPath): FileKind {
  const slash = path.lastIndexOf('/');
  const name = path.slice(slash + 1);
  if (NO_NAMES.has(name)) return kindThroughLinks(root, path);
  const folder = realFolder(slash === -1 ? root : join(root, path.slice(0, slash)));
  if (typeof folder !== 'string') return folder.kind;
  if (isWithin(folder, root)) {
    const stat = lstatOf(`${folder}/${name}`);
    if (stat === 'absent') return isNoText(folder, name) ? 'other' : 'absent';
    if (stat?.isDirectory()) return 'dir';
    if (stat?.isFile()) return 'file';
  }
  return kindThroughLinks(root, path);
}

/** What a path may end with that names nothing in a folder. */
const NO_NAMES: ReadonlySet<string> = new Set(['', '.', '..']);

/** Is it how a name that is not text was written down? It is there, but cannot be asked for. */
const isNoText = (folder: string, name: string): boolean =>
  name.includes('\ufffd') && namesIn(folder).includes(name);

const isWithin = (path: string, root: string): boolean =>
  path === root || path.startsWith(root + sep);

function kindThroughLinks(root: string, path: string): FileKind {
  const real = realPath(join(root, path));
  if (typeof real !== 'string') return real.kind;
  if (!isWithin(real, root)) return 'outside';
  const stat = statOf(real);
  if (stat === undefined) return 'absent';
  if (stat.isFile()) return 'file';
  return stat.isDirectory() ? 'dir' : 'other';
}

/** A path longer than this is none for the system, and need not be taken apart. */
const LONGEST_PATH = 4_096;

/** Folder by folder, each followed once: what is not there yet may be made in what is. */
function followedIn(root: string): (path: string) => string | undefined {
  /** Null for what is not there. */
  const follow = remembered((here: string): string | null | undefined => {
    const stat = lstatOf(join(root, here));
    if (stat === 'absent') return null;
    if (!stat?.isSymbolicLink()) return here;
    const end = realPath(join(root, here));
    if (typeof end !== 'string') return here;
    return isWithin(end, root) ? relative(root, end) : undefined;
  });
  return path => {
    if (path === '' || path.length > LONGEST_PATH) return path;
    const names = path.split('/');
    let folder = '';
    for (const [index, name] of names.entries()) {
      const next = follow(join(folder, name));
      // Below what is not there, nothing is, and everything is called what it is.
      if (next === null) return join(folder, ...names.slice(index));
      if (next === undefined) return undefined;
      folder = next;
    }
    return folder;
  };
}

function realPath(path: string): string | { readonly kind: 'absent' | 'other' } {
  try {
    return realpathSync.native(path);
  } catch (error) {
    // A loop of links and a folder that may not be entered are there, but nothing we can use.
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return { kind: code === 'ELOOP' || code === 'EACCES' || code === 'EPERM' ? 'other' : 'absent' };
  }
}

function statOf(path: string): ReturnType<typeof statSync> | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Undefined for what cannot be looked at. */
function lstatOf(path: string): Stats | 'absent' | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? 'absent';
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort(byCodeUnit);
  } catch {
    return [];
  }
}

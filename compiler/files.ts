/**
 * The compiler's one window on the world: files of a project and of the step library. Paths are
 * relative to the project's root, with `/`, and never leave it. Synchronous, because a compilation
 * reads few small files and decides on each at once. Implemented by cli/project-files.ts.
 */

/** `outside`: a link whose end leaves the project. `other`: a pipe, socket, device or unreadable. */
export type FileKind = 'file' | 'dir' | 'other' | 'outside' | 'absent';

/** Both sorted by code unit. */
export type Matches = {
  readonly files: readonly string[];
  /** There, and neither file nor folder of the project: what leads out of it, pipes, the unreadable. */
  readonly unusable: readonly string[];
  /** Links to folders were passed over, because they multiply: there may be more. */
  readonly gaveUp?: true;
};

export interface ProjectFiles {
  /** Bytes of a regular file inside the project; undefined for everything else. Never blocks. */
  read(path: string): Uint8Array | undefined;
  kind(path: string): FileKind;
  /**
   * The path with its links followed, also where only folders above it are there; undefined where
   * that leaves the project.
   */
  real(path: string): string | undefined;
  /** Names in a folder, sorted; none when it is not a readable folder. For did-you-mean. */
  list(folder: string): readonly string[];
  /**
   * What matches any of the patterns, without duplicates. Names with a leading dot match only where
   * the pattern writes the dot; `.git`, `.sluice` and `node_modules` are never entered. A link to a
   * folder of the project is entered as that folder, unless it is reached through that folder.
   */
  glob(patterns: readonly string[]): Matches;
  /** Names of the library's steps, sorted. */
  librarySteps(): readonly string[];
  /** A file in the folder of a library step. */
  readLibrary(step: string, file: string): Uint8Array | undefined;
}

/**
 * `./a/../b` → `b`; undefined when the path is absolute, empty or climbs out of the project.
 * Pure text: links are the business of `kind` and `real`.
 */
export function projectPath(written: string): string | undefined {
  // Most paths are what they are called, and there are hundreds of thousands.
  if (!ROUNDABOUT.test(written)) return written;
  if (written.startsWith('/') || /^[A-Za-z]:[\\/]/.test(written)) return undefined;
  const parts: string[] = [];
  for (const part of written.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}

/** Absolute, or with a part that is no name. */
const ROUNDABOUT = /^[A-Za-z]:[\\/]|(?:^|\/)\.{0,2}(?:\/|$)/;

/**
 * Remembers what a compilation looked at, so that its result can be used again as long as all of
 * that is as it was. Unaware of what is kept where.
 */
import type { Digest } from '../schema/id.ts';
import { sha256 } from '../schema/id.ts';
import type { FileKind, Matches, ProjectFiles } from './files.ts';

/** One look at the project or the library and what it showed. */
export type Look =
  | { readonly kind: 'file'; readonly path: string; readonly digest: Digest | null }
  | { readonly kind: 'kind'; readonly path: string; readonly found: FileKind }
  | { readonly kind: 'real'; readonly path: string; readonly found: string | null }
  | { readonly kind: 'glob'; readonly patterns: readonly string[]; readonly digest: Digest }
  | {
      readonly kind: 'library';
      readonly step: string;
      readonly file: string;
      readonly digest: Digest | null;
    };

/** The same files, with every look noted in `looks` (by what was looked at). */
export function observed(files: ProjectFiles, looks: Map<string, Look>): ProjectFiles {
  const noted = <T>(result: T, look: Look, name: string): T => {
    looks.set(`${look.kind} ${name}`, look);
    return result;
  };
  return {
    ...files,
    read(path) {
      const bytes = files.read(path);
      return noted(bytes, { kind: 'file', path, digest: digestOf(bytes) }, path);
    },
    kind(path) {
      const found = files.kind(path);
      return noted(found, { kind: 'kind', path, found }, path);
    },
    real(path) {
      const found = files.real(path);
      return noted(found, { kind: 'real', path, found: found ?? null }, path);
    },
    glob(patterns) {
      const found = files.glob(patterns);
      return noted(
        found,
        { kind: 'glob', patterns, digest: matchesDigest(found) },
        listText(patterns),
      );
    },
    readLibrary(step, file) {
      const bytes = files.readLibrary(step, file);
      return noted(
        bytes,
        { kind: 'library', step, file, digest: digestOf(bytes) },
        `${step}/${file}`,
      );
    },
  };
}

/** Would looking again show the same? Then compiling again would give the same. */
export function stillAsSeen(looks: Iterable<Look>, files: ProjectFiles): boolean {
  for (const look of looks) if (!sameAs(look, files)) return false;
  return true;
}

function sameAs(look: Look, files: ProjectFiles): boolean {
  switch (look.kind) {
    case 'file':
      return digestOf(files.read(look.path)) === look.digest;
    case 'kind':
      return files.kind(look.path) === look.found;
    case 'real':
      return (files.real(look.path) ?? null) === look.found;
    case 'glob':
      return matchesDigest(files.glob(look.patterns)) === look.digest;
    case 'library':
      return digestOf(files.readLibrary(look.step, look.file)) === look.digest;
  }
}

const digestOf = (bytes: Uint8Array | undefined): Digest | null =>
  bytes === undefined ? null : sha256(bytes);

const listText = (list: readonly string[]): string => list.join('\0');

const matchesDigest = ({ files, unusable }: Matches): Digest =>
  sha256(`${listText(files)}\0\0${listText(unusable)}`);

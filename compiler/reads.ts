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

/**
 * The same files, with every look noted in `looks` (by what was looked at): once, since one
 * compilation sees one state, and a digest takes longer than the look.
 */
export function observed(files: ProjectFiles, looks: Map<string, Look>): ProjectFiles {
  const note = (kind: Look['kind'], name: string, look: () => Look): void => {
    const key = `${kind} ${name}`;
    if (!looks.has(key)) looks.set(key, look());
  };
  return {
    ...files,
    read(path) {
      const bytes = files.read(path);
      note('file', path, () => ({ kind: 'file', path, digest: digestOf(bytes) }));
      return bytes;
    },
    kind(path) {
      const found = files.kind(path);
      note('kind', path, () => ({ kind: 'kind', path, found }));
      return found;
    },
    real(path) {
      const found = files.real(path);
      note('real', path, () => ({ kind: 'real', path, found: found ?? null }));
      return found;
    },
    glob(patterns) {
      const found = files.glob(patterns);
      note('glob', listText(patterns), () => {
        return { kind: 'glob', patterns, digest: matchesDigest(found) };
      });
      return found;
    },
    readLibrary(step, file) {
      const bytes = files.readLibrary(step, file);
      note('library', `${step}/${file}`, () => {
        return { kind: 'library', step, file, digest: digestOf(bytes) };
      });
      return bytes;
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

const matchesDigest = ({ files, unusable, gaveUp }: Matches): Digest =>
  sha256(`${listText(files)}\0\0${listText(unusable)}${gaveUp === true ? '\0\0' : ''}`);

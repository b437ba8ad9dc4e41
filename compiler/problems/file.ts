/**
 * What can be wrong with the files that a pipeline names: its own, its configs, its inputs, its
 * globs. Unaware of how files are looked up.
 */
import { closest } from '../closest.ts';
import type { FileKind } from '../files.ts';
import type { Spanned } from '../syntax.ts';
import { choices, count, mebibytes, suggestion, type Words } from './words.ts';

export type FileProblems = {
  'pipeline-not-found': { readonly path: string; readonly known: readonly string[] };
  /** A profile was chosen, and there is no `sluice.yaml`. */
  'profile-without-settings': { readonly name: string; readonly asked: string };
  'config-not-found': { readonly name: string; readonly known: readonly string[] };
  'not-readable': { readonly path: string; readonly found: FileKind; readonly what: string };
  'files-too-large': { readonly file: string; readonly found: number; readonly limit: number };
  'path-not-found': {
    readonly path: Spanned<string>;
    /** Names in the nearest folder that exists, as full paths. */
    readonly known: readonly string[];
  };
  'path-outside': {
    readonly path: Spanned<string>;
    readonly how: 'absolute' | 'climbs' | 'home' | 'link';
    /** What the path is for. */
    readonly use: 'read' | 'written' | 'workdir';
  };
  'path-unusable': { readonly path: Spanned<string> };
  'input-protected': { readonly path: Spanned<string>; readonly whole: boolean };
  'path-kind': {
    readonly path: Spanned<string>;
    readonly found: 'file' | 'dir';
    readonly wanted: 'file' | 'dir';
    readonly port: string;
  };
  'glob-matches-nothing': { readonly pattern: Spanned<string>; readonly known: readonly string[] };
  'too-many-patterns': { readonly pattern: Spanned<string>; readonly limit: number };
  'glob-matches-too-much': {
    readonly pattern: Spanned<string>;
    /** So many files, or links to folders that multiply. */
    readonly found: number | 'links';
    readonly limit: number;
  };
};

export const fileWords: {
  readonly [K in keyof FileProblems]: (problem: FileProblems[K]) => Words;
} = {
  'pipeline-not-found': ({ path, known }) => ({
    message: `there is no pipeline at \`${path}\``,
    help: near(path, known, 'pipelines here'),
  }),
  'profile-without-settings': ({ name, asked }) => ({
    message: `\`${asked}\` asks for the profile \`${name}\`: profiles stand in \`sluice.yaml\`, which is not there`,
    help: `declare it there, \`profiles: { ${name}: { parallel: 2 } }\`, or leave \`${asked}\` out`,
  }),
  'config-not-found': ({ name, known }) => ({
    message: `there is no config \`${name}\``,
    help: near(name, known, 'configs here'),
  }),
  'not-readable': ({ path, found, what }) => ({
    message: `\`${path}\` is ${FOUND[found]}, so it cannot be read as ${what}`,
  }),
  'files-too-large': ({ file, found, limit }) => ({
    message: `with \`${file}\` the files of this pipeline hold ${mebibytes(found)} together; the limit is ${mebibytes(limit)}`,
    help: 'data belongs in files of its own, which a step takes as input; where they have to be so large, `limits: { file: 16MiB }` in sluice.yaml lets them in',
  }),
  'path-not-found': ({ path, known }) => ({
    at: path.span,
    message: `\`${path.value}\` does not exist in the project`,
    ...suggestion(path, known, 'beside it are'),
  }),
  'path-outside': ({ path, how, use }) => ({
    at: path.span,
    message: OUTSIDE[how](path.value, use === 'workdir' ? 'working directory' : 'project'),
    help: INSTEAD[use],
  }),
  'path-unusable': ({ path }) => ({
    at: path.span,
    message: `\`${path.value}\` is neither a file nor a folder that can be read`,
    help: 'pipes, sockets, devices, endless links, names that are not UTF-8 and files without read permission are not inputs',
  }),
  'input-protected': ({ path, whole }) => ({
    at: path.span,
    message: whole
      ? `\`${path.value}\` is the whole project, and what Sluice keeps in \`.sluice\` is part of it`
      : `\`${path.value}\` belongs to Sluice, and changes with every run`,
    help: whole
      ? 'name the folders that the step reads, or declare `files: ["**"]`, which leaves that out'
      : 'wire the step that made it: `in: { data: step.port }`',
  }),
  'path-kind': ({ path, found, wanted, port }) => ({
    at: path.span,
    message: `\`${port}\` takes ${FOUND[wanted]}, and \`${path.value}\` is ${FOUND[found]}`,
  }),
  'glob-matches-nothing': ({ pattern, known }) => ({
    at: pattern.span,
    message: `\`${pattern.value}\` matches no file`,
    ...globHelp(pattern, known),
  }),
  'too-many-patterns': ({ pattern, limit }) => ({
    at: pattern.span,
    message: `with \`${pattern.value}\` the pipeline has more than ${count(limit, 'pattern')} in \`files\`, which is the limit`,
    help: 'let steps share a pattern, or name the files themselves',
  }),
  'glob-matches-too-much': ({ pattern, found, limit }) => ({
    at: pattern.span,
    message:
      found === 'links'
        ? `\`${pattern.value}\` leads through links to folders, behind which there is too much to look at all of it`
        : `\`${pattern.value}\` matches ${count(found, 'file')}; a step may declare ${count(limit, 'file')}`,
    help: 'narrow the pattern, or wire the folder as an input: `in: { data: ./folder }`',
  }),
};

/** The folder that the pattern begins with may be the one that is misspelt. */
function globHelp(pattern: Spanned<string>, known: readonly string[]): Pick<Words, 'help'> {
  if (pattern.value.startsWith('!'))
    return { help: 'a pattern cannot take files away: name those that are meant' };
  if (pattern.value.startsWith('.git/'))
    return {
      help: "git's own files are no part of the project; a step may be told the commit: `${{ git.commit }}`",
    };
  const slash = pattern.value.lastIndexOf('/', pattern.value.search(/[*?[{(!]/));
  const folder = closest(pattern.value.slice(0, Math.max(0, slash)), known);
  if (folder === undefined) return suggestion(pattern, known, 'files there');
  return { help: `did you mean \`${folder + pattern.value.slice(slash)}\`?` };
}

const FOUND: Readonly<Record<FileKind, string>> = {
  file: 'a file',
  dir: 'a folder',
  other: 'neither a file nor a folder',
  outside: 'outside of the project, or a link that leads there',
  absent: 'absent',
};

const OUTSIDE = {
  absolute: (path: string) => `\`${path}\` is an absolute path`,
  climbs: (path: string, around: string) => `\`${path}\` leads out of the ${around}`,
  home: (path: string) => `\`${path}\` begins with your home, as only a shell reads it`,
  link: (path: string) => `\`${path}\` is a link that leaves the project`,
};

const INSTEAD = {
  read: 'a step sees only what lies in the project: copy the file in, or let `ingest` download it',
  written: 'name a place inside the project, such as `reports/result.md`',
  workdir: 'name a place inside the working directory, such as `out/result.json`',
};

function near(name: string, known: readonly string[], plural: string): string {
  const match = closest(name, known);
  if (match !== undefined) return `did you mean \`${match}\`?`;
  return known.length === 0 ? `${plural}: none yet` : `${plural}: ${choices(known, 'and')}`;
}

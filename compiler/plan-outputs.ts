/**
 * Sees to it that nothing is written over: outputs beside each other in a working directory and in
 * the project, and never where inputs, the pipeline, git or Sluice have their files. Every check is
 * one look into an index of paths (path-nest.ts). Unaware of what the outputs hold.
 */

import { addressText } from './expand-address.ts';
import { type ProjectFiles, projectPath } from './files.ts';
import type { Instance } from './instance.ts';
import { LIMITS } from './limits.ts';
import { nestOf } from './path-nest.ts';
import type { Placed, PlacedOutput } from './plan-paths.ts';
import type { Problem } from './problems/problem.ts';
import type { Spanned } from './syntax.ts';

type Writer = {
  readonly instance: Instance;
  readonly port: string;
  /** Where it is written, links followed. */
  readonly path: string;
  readonly at: Spanned<string>;
};

/** By the outputs that instances have in common: the files beside which they were last checked. */
const checked = new WeakMap<Placed['outputs'], Placed['files']>();

/** The working directory of one instance. */
export function checkWorkdir(instance: Instance, placed: Placed, problems: Problem[]): void {
  if (checked.get(placed.outputs) === placed.files) return;
  checked.set(placed.outputs, placed.files);
  const writers: Writer[] = [];
  const read = new Set(placed.files);
  for (const [port, { pathAt }] of placed.outputs) {
    const path = inside(pathAt, 'workdir', problems);
    if (path === undefined) continue;
    const at = pathAt.span;
    if (path === 'in' || path.startsWith('in/'))
      problems.push({ kind: 'output-in-inputs', path, at });
    else if (path === '')
      problems.push({ kind: 'output-protected', path: '.', at, owner: 'workdir' });
    else if (read.has(path)) {
      const input = instance.step.syntax.files[0]?.span ?? at;
      const producer = `${instance.step.syntax.id.value}.${port}`;
      problems.push({ kind: 'output-overwrites-input', path, at, input, producer });
    } else writers.push({ instance, port, path, at: pathAt });
  }
  collide(writers, 'workdir', problems);
}

export type Project = {
  readonly files: ProjectFiles;
  /** Paths that some step reads, with where that is written. */
  readonly reads: ReadonlyMap<string, Spanned<string>>;
  /** Files and folders that the pipeline consists of. */
  readonly own: ReadonlySet<string>;
};

/** The places in the project that all instances together write (`to`). */
export function checkProject(
  outputs: Iterable<readonly [Instance, ReadonlyMap<string, PlacedOutput>]>,
  { files, reads, own }: Project,
  problems: Problem[],
): void {
  const writers: Writer[] = [];
  let around: Around | undefined;
  for (const [instance, ports] of outputs) {
    for (const [port, { toAt }] of ports) {
      const written = toAt && inside(toAt, 'written', problems);
      if (toAt === undefined || written === undefined) continue;
      around ??= {
        reads: indexOf(followed(reads, files)),
        own: indexOf(followed(new Map([...own].map(path => [path, path])), files)),
      };
      const { folder, escapes } = leadingTo(written, files);
      const writer = { instance, port, path: placeOf(written, folder, files), at: toAt };
      const problem: Problem | undefined = escapes
        ? { kind: 'path-outside', path: toAt, how: 'link', use: 'written' }
        : forbidden(written, writer, around);
      if (problem === undefined) writers.push(writer);
      else problems.push(problem);
    }
  }
  collide(writers, 'project', problems);
}

function inside(
  written: Spanned<string>,
  where: 'workdir' | 'written',
  problems: Problem[],
): string | undefined {
  const path = projectPath(written.value);
  const unseen = UNSEEN.exec(written.value)?.[0].codePointAt(0);
  if (unseen !== undefined) {
    const { value, span: at } = written;
    problems.push({ kind: 'output-unreadable', path: value, at, codePoint: unseen });
    return undefined;
  }
  if (path !== undefined && path.split('/').length > LIMITS.folders + 1) {
    problems.push({ kind: 'output-too-deep', at: written.span });
    return undefined;
  }
  const tooLong = path?.split('/').find(name => Buffer.byteLength(name) > LIMITS.fileName);
  if (tooLong !== undefined) {
    const bytes = Buffer.byteLength(tooLong);
    problems.push({ kind: 'output-too-long', at: written.span, name: tooLong, bytes });
    return undefined;
  }
  const home = /^(?:~|\$\{?HOME\b)/.test(written.value);
  if (path !== undefined && !home) return path;
  const how = home ? 'home' : written.value.startsWith('/') ? 'absolute' : 'climbs';
  problems.push({ kind: 'path-outside', path: written, how, use: where });
  return undefined;
}

/** Paths by what they are called and by what links make of them: both can be written over. */
const followed = <T>(paths: ReadonlyMap<string, T>, { real }: ProjectFiles) =>
  new Map<string, T>([
    ...[...paths].map(([path, value]) => [real(path) ?? path, value] as const),
    ...paths,
  ]);

/** The longest way of folders to a place that is there already, and whether it leaves the project. */
function leadingTo(path: string, { kind }: ProjectFiles) {
  let folder = '';
  for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) {
    const next = path.slice(0, end);
    const found = kind(next);
    if (found === 'outside') return { folder, escapes: true };
    // Then all below it is as well.
    if (found === 'absent') break;
    folder = next;
  }
  return { folder, escapes: false };
}

/** A link that stands at the place itself is replaced, those above it lead to it. */
function placeOf(path: string, folder: string, { real }: ProjectFiles): string {
  const end = folder === '' ? '' : real(folder);
  return end === undefined || end === '' ? path : `${end}${path.slice(folder.length)}`;
}

/** Controls, breaks of lines and marks of direction: a name with one is not what it looks like. */
const UNSEEN = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

type Around = {
  readonly reads: Index<Spanned<string>>;
  readonly own: Index<string>;
};

function forbidden(written: string, writer: Writer, { reads, own }: Around): Problem | undefined {
  const { path } = writer;
  const at = writer.at.span;
  const named = { path, at, written: path === written ? undefined : written };
  const names = path === written ? [path] : [path, written];
  // Some file systems do not tell `.GIT` from `.git`.
  const parts = names.map(name => name.toLowerCase().split('/'));
  const kind = 'output-protected';
  if (path === '') return { kind, path: '.', at, owner: 'project' };
  if (parts.flat().includes('.git')) return { kind, ...named, owner: 'git' };
  if (parts.some(isKept)) return { kind, ...named, owner: 'sluice' };
  if (parts.some(([first]) => first === '.env')) return { kind, ...named, owner: 'secrets' };
  if (names.some(name => touched(name, own) !== undefined))
    return { kind, ...named, owner: 'pipeline' };
  const [input] = names.flatMap(name => touched(name, reads)?.span ?? []);
  if (input === undefined) return undefined;
  return { kind: 'output-overwrites-input', ...named, input, producer: nameOf(writer) };
}

const isKept = ([first = '', second]: readonly string[]): boolean =>
  first === '.sluice' || (second === undefined && /^sluice\.(?:yaml|lock)$/.test(first));

type Index<T> = {
  /** What stands at a path. */
  readonly exact: ReadonlyMap<string, T>;
  /** For each folder above one of them what lies below it. */
  readonly above: ReadonlyMap<string, T>;
  readonly nearest: (path: string) => string | undefined;
};

function indexOf<T>(paths: ReadonlyMap<string, T>): Index<T> {
  const above = new Map<string, T>();
  for (const [path, value] of paths) {
    for (const folder of foldersAbove(path)) {
      if (above.has(folder)) break;
      above.set(folder, value);
    }
  }
  return { exact: paths, above, nearest: nestOf(paths.keys()) };
}

/** What a path is, contains or lies in. */
function touched<T>(path: string, { exact, above, nearest }: Index<T>): T | undefined {
  const here = exact.get(path) ?? above.get(path) ?? exact.get('');
  return here ?? exact.get(nearest(path) ?? path);
}

/** `a/b/c` → `a/b`, `a`. */
function* foldersAbove(path: string): Iterable<string> {
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
    yield path.slice(0, at);
  }
}

function collide(
  writers: readonly Writer[],
  place: 'project' | 'workdir',
  problems: Problem[],
): void {
  const first = new Map<string, Writer>();
  for (const writer of writers) {
    const other = first.get(writer.path);
    if (other === undefined) first.set(writer.path, writer);
    else
      problems.push({ kind: 'output-collision', path: writer.path, ...pair(other, writer), place });
  }
  const nearest = nestOf(first.keys());
  for (const writer of first.values()) {
    const path = nearest(writer.path);
    const other = path === undefined ? undefined : first.get(path);
    if (path === undefined || other === undefined) continue;
    const two = { path, inner: writer.path, ...pair(other, writer), place };
    problems.push({ kind: 'output-overlap', ...two });
  }
}

const nameOf = ({ instance, port }: Writer): string => `${instance.step.syntax.id.value}.${port}`;

function pair(a: Writer, b: Writer) {
  const same = a.instance.step === b.instance.step && a.instance !== b.instance;
  const name = same ? ({ instance, port }: Writer) => `${instance.id}.${port}` : nameOf;
  return {
    at: b.at.span,
    first: a.at.span,
    writers: [name(a), name(b)] as const,
    axes: same && a.port === b.port ? axesApart(a.instance, b.instance) : [],
  };
}

/** Those in which two instances of one step differ. */
const axesApart = ({ matrix: a }: Instance, { matrix: b }: Instance): readonly string[] =>
  [...(b?.keys() ?? [])].filter(
    axis => addressText(a?.get(axis) ?? null) !== addressText(b?.get(axis) ?? null),
  );

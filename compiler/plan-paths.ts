/**
 * Where the inputs and outputs of an instance lie in its working directory, and which files of the
 * project it reads. Unaware of other instances' places in the project.
 */
import type { PlannedInput, PlannedOutput } from '../schema/plan.ts';
import { formatPortType, parsePortType } from '../schema/port-type.ts';
import { defaultOutputPath, inputPath, manyInputPath } from '../schema/workdir.ts';
import { type ProjectFiles, projectPath } from './files.ts';
import type { Instance } from './instance.ts';
import { LIMITS } from './limits.ts';
import type { Linked, Wire } from './link.ts';
import type { Artifact } from './link-fitting.ts';
import type { TypedSource, Typing } from './link-types.ts';
import { memberMeaning, type World } from './meaning.ts';
import { inputPorts, outputPorts } from './ports.ts';
import type { Spanned, Text } from './syntax.ts';
import { neighbours, usablePath } from './usable-path.ts';
import { textValue } from './value.ts';

/** An output, with where its places are written. */
export type PlacedOutput = {
  readonly planned: PlannedOutput;
  readonly artifact: Artifact | undefined;
  readonly pathAt: Spanned<string>;
  readonly toAt: Spanned<string> | undefined;
};

export type Placed = {
  readonly inputs: ReadonlyMap<string, PlannedInput>;
  readonly outputs: ReadonlyMap<string, PlacedOutput>;
  readonly files: readonly string[];
};

export type PlacingWork = World & {
  readonly files: ProjectFiles;
  readonly typing: Typing;
  /** By instance; an instance comes after all it needs. */
  readonly placed: Placed[];
  readonly inputs: Map<Wire, PlannedInput>;
  /** Paths of the project that some step reads, with where that is written. */
  readonly reads: Map<string, Spanned<string>>;
  readonly globs: Map<string, readonly string[]>;
  /** Patterns for which folders were walked. */
  readonly walks: Set<string>;
};

export function place({ instance, wires }: Linked, work: PlacingWork): Placed {
  const inputs = new Map<string, PlannedInput>();
  for (const wire of wires) {
    const known = work.inputs.get(wire) ?? plannedInput(instance, wire, work);
    work.inputs.set(wire, known);
    inputs.set(wire.port.value, known);
  }
  return { inputs, outputs: placedOutputs(instance, work), files: stepFiles(instance, work) };
}

function plannedInput(instance: Instance, wire: Wire, work: PlacingWork): PlannedInput {
  const port = wire.port.value;
  const declared = inputPorts(instance.step)?.[port];
  const sources = work.typing.sources.get(wire) ?? [];
  const origins = sources.map(source => originOf(source, declared?.type, port, work));
  const many = declared?.many ?? wire.many;
  return {
    type: declared?.type ?? commonType(sources, work),
    many,
    from: sources.map(source =>
      source.kind === 'output'
        ? { kind: 'output', step: source.from.id, port: source.port }
        : { kind: 'project', path: projectPath(source.path.value) ?? '' },
    ),
    paths: origins.map((origin, index) =>
      many ? manyInputPath(port, index, origin) : inputPath(port, origin),
    ),
  };
}

/** The path whose extension an input keeps. */
function originOf(
  source: TypedSource,
  type: string | undefined,
  port: string,
  work: PlacingWork,
): string {
  if (source.kind === 'project') return projectInput(source.path, type, port, work) ?? '';
  return work.placed[source.from.index]?.outputs.get(source.port)?.planned.path ?? '';
}

function projectInput(
  path: Spanned<string>,
  type: string | undefined,
  port: string,
  { files, problems, reads }: PlacingWork,
): string | undefined {
  const inside = usablePath(path, files, problems);
  if (inside === undefined) return undefined;
  if (inside === '' || isKept(inside)) {
    problems.push({ kind: 'input-protected', path, whole: inside === '' });
    return undefined;
  }
  if (!reads.has(inside)) reads.set(inside, path);
  const found = files.kind(inside);
  if (
    (type === 'file' || type === 'dir') &&
    found !== type &&
    (found === 'file' || found === 'dir')
  ) {
    problems.push({ kind: 'path-kind', path, found, wanted: type, port });
  }
  return inside;
}

/** Sluice's own folder; some file systems do not tell `.SLUICE` from it. */
const isKept = (path: string): boolean => path.toLowerCase().split('/')[0] === '.sluice';

/** The type of what comes to a port that takes anything. */
function commonType(sources: readonly TypedSource[], { files }: PlacingWork): string {
  const types = new Set<string>();
  let last: Artifact | undefined;
  for (const source of sources) {
    // One look is enough where thousands of instances give the same.
    if (source.kind === 'output' && source.artifact !== undefined && source.artifact === last)
      continue;
    types.add(typeOfSource(source, files));
    last = source.kind === 'output' ? source.artifact : undefined;
  }
  const [first = 'file', ...others] = types;
  if (others.length === 0) return first;
  const paths = [...types].map(type => parsePortType(type)?.path.split('/') ?? []);
  const common = (paths[0] ?? []).filter((part, at) => paths.every(path => path[at] === part));
  return common.length === 0 ? 'file' : common.join('/');
}

function typeOfSource(source: TypedSource, files: ProjectFiles): string {
  if (source.kind === 'output')
    return source.artifact ? formatPortType(source.artifact.type) : 'file';
  return files.kind(projectPath(source.path.value) ?? '') === 'dir' ? 'dir' : 'file';
}

const fixedOutputs = new WeakMap<object, ReadonlyMap<string, PlacedOutput>>();

function placedOutputs(instance: Instance, work: PlacingWork): ReadonlyMap<string, PlacedOutput> {
  const ports = outputPorts(instance.step);
  const artifacts = work.typing.artifacts[instance.index];
  // Instances whose outputs differ in nothing share them.
  const known = artifacts && fixedOutputs.get(artifacts);
  if (known !== undefined) return known;
  let fixed = true;
  const text = (written: Text): Spanned<string> | undefined => {
    fixed &&= !written.value.includes('${{');
    const late = textValue(written, 'text', memberMeaning(instance, work))?.late;
    return late?.kind === 'known' ? { value: String(late.value), span: written.span } : undefined;
  };
  const placed = new Map<string, PlacedOutput>();
  for (const [name, port] of ports) {
    const artifact = artifacts?.get(name);
    const { description, at, pathAt = at } = port;
    const own = port.path === null || typeof port.path === 'string' ? undefined : text(port.path);
    const plain = typeof port.path === 'string' ? port.path : defaultOutputPath(name);
    const path = projectPath(own?.value ?? plain);
    const to = port.to === null ? undefined : text(port.to);
    placed.set(name, {
      planned: {
        type: artifact ? formatPortType(artifact.type) : 'file',
        path: path ?? plain,
        to: to === undefined ? null : (projectPath(to.value) ?? to.value),
        description,
      },
      artifact,
      pathAt: own ?? { value: plain, span: pathAt },
      toAt: to,
    });
  }
  if (fixed && artifacts) fixedOutputs.set(artifacts, placed);
  return placed;
}

const NO_FILES: readonly string[] = [];

/** Globs, folders and paths of `files`, as the regular files they stand for; sorted. */
function stepFiles(instance: Instance, work: PlacingWork): readonly string[] {
  if (instance.step.syntax.files.length === 0) return NO_FILES;
  const found = new Set<string>();
  for (const written of instance.step.syntax.files) {
    if (work.enough()) break;
    const late = textValue(written, 'text', memberMeaning(instance, work))?.late;
    if (late?.kind !== 'known') continue;
    const pattern = { value: String(late.value), span: written.span };
    const known = work.globs.get(pattern.value) ?? matches(pattern, work);
    work.globs.set(pattern.value, known);
    for (const path of known) found.add(path);
  }
  return [...found].sort();
}

function matches(pattern: Spanned<string>, work: PlacingWork): readonly string[] {
  const { files, problems, reads } = work;
  const inside = projectPath(pattern.value);
  if (pattern.value === '') {
    problems.push({ kind: 'path-not-found', path: pattern, known: neighbours(pattern, '', files) });
    return [];
  }
  const literal = inside !== undefined && files.kind(inside) !== 'absent';
  if (inside === undefined || literal || !/[*?[{(!]/.test(pattern.value)) {
    const path = usablePath(pattern, files, problems);
    if (path === undefined) return [];
    if (isKept(path)) {
      problems.push({ kind: 'input-protected', path: pattern, whole: false });
      return [];
    }
    reads.set(path, pattern);
    if (files.kind(path) === 'file') return [path];
    return usableMatches(pattern, path === '' ? '**' : `${escaped(path)}/**`, work) ?? [];
  }
  work.walks.add(inside);
  if (work.walks.size > LIMITS.globs) {
    problems.push({ kind: 'too-many-patterns', pattern, limit: LIMITS.globs });
    return [];
  }
  const found = usableMatches(pattern, inside, work);
  if (found === undefined) return [];
  for (const path of found) if (!reads.has(path)) reads.set(path, pattern);
  if (found.length === 0) {
    const known = neighbours(pattern, inside, files);
    problems.push({ kind: 'glob-matches-nothing', pattern, known });
  }
  return found;
}

/** Undefined where it matches what could not be named by its path either, which is reported. */
function usableMatches(
  pattern: Spanned<string>,
  glob: string,
  { files, problems }: PlacingWork,
): readonly string[] | undefined {
  const { files: found, unusable, gaveUp } = files.glob([glob]);
  const [first] = unusable;
  if (first !== undefined) {
    usablePath({ value: first, span: pattern.span }, files, problems);
    return undefined;
  }
  const limit = LIMITS.stepFiles;
  if (gaveUp !== true && found.length <= limit) return found;
  const too = gaveUp === true ? 'links' : found.length;
  problems.push({ kind: 'glob-matches-too-much', pattern, found: too, limit });
  return found.slice(0, 1);
}

/** A path in which nothing means anything to a glob. */
const escaped = (path: string): string => path.replaceAll(/[*?[\]{}()!\\]/g, '\\$&');

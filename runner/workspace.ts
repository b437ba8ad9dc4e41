/**
 * Private working directories: made fresh for an attempt, holding only what the step declared, and
 * given up afterwards with everything undeclared. Unaware of executors and outcomes.
 */
import { mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { CacheKey } from '../schema/id.ts';
import { artifactKey } from '../schema/trace.ts';
import { bindsOf, isContained, withShown } from './containment.ts';
import { type RunContext, workFolder } from './context.ts';
import { definitionFolder } from './definition.ts';
import { stateFolder } from './effects.ts';
import type { Bind, Share } from './executors/executor.ts';
import { allInputs, type ProjectOrigin, type StepInput } from './inputs.ts';
import { changedPaths, copyReadOnly, type Stamps, stampCopies, stampTrees } from './laid-out.ts';
import { PRIVATE } from './places.ts';
import type { ResolvedStep } from './resolved-step.ts';
import { type SharedInput, type ShareOptions, shareInput } from './shared-inputs.ts';
import { callOf } from './step-environment.ts';
import { makeFolder, withStepUmask } from './step-umask.ts';
import { type Attempted, done, failed, stopped, storeFailure, systemFailure } from './stop.ts';
import { recordPath, type Stray, writeRecord } from './strays.ts';

export type Workspace = {
  /** Absolute. */
  readonly workdir: string;
  /** For a container: all that it sees of this machine. */
  readonly binds: readonly Bind[];
  /** Whether bytecode of Python lies among what the step may import. */
  readonly hasBytecode: boolean;
  /** What the attempt is to be shown in place. */
  readonly shared: readonly Share[];
  /** Of everything laid out or shown, to see afterwards whether it was left alone. */
  readonly changed: () => Promise<readonly string[]>;
  readonly remove: () => void;
};

export async function openWorkspace(
  resolved: ResolvedStep,
  options: { readonly attempt: number; readonly key: CacheKey | undefined },
  context: RunContext,
): Promise<Attempted<Workspace>> {
  const { claim } = context;
  if (!claim.ok) return failed(storeFailure(claim.error, 'the lock of its working directory'));
  const workdir = join(workFolder(context), String(context.nextNumber()));
  const scratch = options.key === undefined ? null : scratchFolder(context.home, options.key);
  const binds = bindsOf(resolved, { workdir, scratch }, context);
  const remove = () => context.later(giveBack(workdir, context));
  try {
    const { container, policy } = resolved.step;
    const { resources } = policy;
    const labels = { home: context.home };
    const coming = { workdir, container, resources, binds, labels };
    const bindsInputs = context.executor.bindsInputs?.(coming) === true;
    await context.executor.reserve?.(coming);
    withStepUmask(() => makeFolders(resolved, workdir, scratch, context));
    const laid = await layOutAll({ resolved, workdir, bindsInputs }, context);
    if (!laid.ok) {
      remove();
      return laid;
    }
    writeCall(resolved, workdir, options.attempt, context);
    const { shown, copied } = laid.value;
    const stamps = await stampCopies(copied);
    const shownStamps = shown.map(share => share.stamps);
    if (options.key !== undefined && isContained(resolved.step, context)) {
      const record = { step: resolved.step.id, key: options.key };
      const programs = await stampPrograms(binds, workdir);
      writeRecord(workdir, { ...record, stamps: all([programs, stamps, ...shownStamps]) });
    }
    const changed = async () => {
      const paths = [...(await changedPaths(stamps)), ...(await changedShares(shown))];
      return paths.map(path => relative(workdir, path));
    };
    const hasBytecode =
      programPaths(resolved, context).some(isBytecode) ||
      all([stamps, ...shownStamps]).some(([path]) => isBytecode(path));
    return done({
      workdir,
      binds: withShown(binds, shownBy('bind', shown), workdir),
      shared: shownBy('mount', shown),
      hasBytecode,
      changed,
      remove,
    });
  } catch (error) {
    remove();
    return failed(systemFailure(error, 'its working directory'));
  }
}

function writeCall(
  resolved: ResolvedStep,
  workdir: string,
  attempt: number,
  context: RunContext,
): void {
  const call = callOf(resolved, attempt, context);
  withStepUmask(() => {
    writeFileSync(join(workdir, PRIVATE.call), `${JSON.stringify(call, null, 2)}\n`);
    writeFileSync(join(workdir, PRIVATE.events), '');
  });
}

function* all(stamps: readonly Stamps[]) {
  for (const some of stamps) yield* some;
}

const shownBy = (way: SharedInput['way'], shown: readonly SharedInput[]): readonly SharedInput[] =>
  shown.filter(share => share.way === way);

/** A program is bound from where its author has it: when we die, nobody watches that. */
function stampPrograms(binds: readonly Bind[], workdir: string): Promise<Stamps> {
  const program = binds.filter(({ source, writable }) => !writable && !isIn(workdir, source));
  return stampTrees(program.map(({ source }) => source));
}

async function changedShares(shown: readonly SharedInput[]): Promise<readonly string[]> {
  const changed = await Promise.all(
    shown.map(async share => ((await share.hasChanged()) ? [share.target] : [])),
  );
  return changed.flat();
}

/** That of an attempt which a dead run has started and which goes on. */
export function reopenWorkspace({ workdir, record }: Stray, context: RunContext): Workspace {
  return {
    workdir,
    binds: [],
    hasBytecode: false,
    shared: [],
    changed: async () =>
      (await changedPaths(record.stamps)).map(path =>
        relative(isIn(workdir, path) ? workdir : context.project, path),
      ),
    remove: () => context.later(giveBack(workdir, context)),
  };
}

/** Of everything in the step's folder and in what it includes. */
function programPaths({ step: { definition } }: ResolvedStep, context: RunContext) {
  if (definition.kind === 'inline') return [];
  const folder = definitionFolder(definition, context);
  return ['.', ...definition.includes].flatMap(part => {
    const root = resolve(folder, part);
    if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) return [root];
    return readdirSync(root, { recursive: true, encoding: 'utf8' }).map(name => join(root, name));
  });
}

const isBytecode = (path: string): boolean => path.includes('/__pycache__/');

const isIn = (folder: string, path: string): boolean =>
  path === folder || path.startsWith(`${folder}/`);

/** What must stay behind for the next attempt of the same key: checkpoints. */
export const scratchFolder = (home: string, key: CacheKey): string => join(home, 'scratch', key);

function makeFolders(
  { step }: ResolvedStep,
  workdir: string,
  scratch: string | null,
  context: RunContext,
): void {
  const outputs = Object.values(step.outputs).map(({ path }) => dirname(path));
  // Those above first: then each is one system call.
  const folders = [PRIVATE.folder, PRIVATE.home, PRIVATE.tmp, 'out', ...outputs];
  for (const folder of new Set(folders)) mkdirSync(join(workdir, folder), { recursive: true });
  const state = stateFolder(step, context);
  if (state !== null) mkdirSync(state, { recursive: true });
  if (scratch !== null) mkdirSync(scratch, { recursive: true });
  const seen = join(workdir, PRIVATE.scratch);
  // In a container it is bound there.
  if (scratch === null || isContained(step, context)) mkdirSync(seen, { recursive: true });
  else symlinkSync(scratch, seen);
}

type LaidOut = { readonly shown: readonly SharedInput[]; readonly copied: readonly string[] };

async function layOutAll(options: ShareOptions, context: RunContext): Promise<Attempted<LaidOut>> {
  const { resolved, workdir } = options;
  const shown: SharedInput[] = [];
  const copied: string[] = [];
  for (const input of allInputs(resolved.inputs)) {
    const share = await shareInput(input, options, context);
    if (!share.ok) return share;
    if (share.value !== undefined) shown.push(share.value);
    else {
      const copy = await layOut(input, workdir, context);
      if (!copy.ok) return copy;
      copied.push(join(workdir, input.path));
    }
  }
  return done({ shown, copied });
}

async function layOut(
  input: StepInput,
  workdir: string,
  context: RunContext,
): Promise<Attempted<void>> {
  const { origin, artifact } = input;
  const path = join(workdir, input.path);
  if (origin.kind === 'project') return layOutOfProject(input, origin, path, context);
  makeFolder(dirname(path));
  const built = await context.store.materialise(artifact, path, { readOnly: true });
  if (built.ok) return done(undefined);
  const failure = storeFailure(built.error, `\`${origin.step}.${origin.port}\``);
  const lost = built.error.kind === 'corrupt' || built.error.kind === 'absent';
  return lost ? stopped({ kind: 'damaged', producers: [origin.step], failure }) : failed(failure);
}

/** The copy is what the step reads: it has to be what the key says, whatever was there meanwhile. */
async function layOutOfProject(
  { artifact }: StepInput,
  origin: ProjectOrigin,
  path: string,
  context: RunContext,
): Promise<Attempted<void>> {
  const moved = stopped({
    kind: 'moved',
    failure: { class: 'unstable-input', paths: [origin.path] },
  });
  try {
    await copyReadOnly(join(context.project, origin.path), path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return moved;
    return failed(systemFailure(error, `copying \`./${origin.path}\``));
  }
  const copy = await context.store.digest(path);
  if (!copy.ok && copy.error.kind === 'absent') return moved;
  if (!copy.ok) return failed(storeFailure(copy.error, `\`./${origin.path}\``));
  return artifactKey(copy.value) === artifactKey(artifact) ? done(undefined) : moved;
}

/** An executor that has lent the folder takes it back; else it goes. */
async function giveBack(workdir: string, context: RunContext): Promise<void> {
  const { executor, leavings, trees } = context;
  if (executor.release !== undefined) await executor.release(workdir);
  trees.leave(workdir);
  rmSync(recordPath(workdir), { force: true });
  await leavings.take(workdir);
}

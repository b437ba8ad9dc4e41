/**
 * What a step is shown in place instead of being given a copy: large inputs. A local process sees
 * them in a mount namespace of its own, a container has them bound. Nobody keeps others from writing
 * to them meanwhile: therefore they are looked at again when it has ended.
 */
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { StepId } from '../schema/id.ts';
import type { Plan } from '../schema/plan.ts';
import { type Artifact, artifactKey } from '../schema/trace.ts';
import type { StoreError } from '../store/store.ts';
import { removeQuietly } from './clearing.ts';
import { isContained, liesIn } from './containment.ts';
import { type RunContext, workFolder } from './context.ts';
import type { Share } from './executors/executor.ts';
import { identityAt } from './file-identity.ts';
import { allInputs, type OutputOrigin, type ProjectOrigin, type StepInput } from './inputs.ts';
import { changedPaths, isOpenToAll, type Stamps, stampFiles, stampTrees } from './laid-out.ts';
import { mountsIn } from './mounts.ts';
import { programWords } from './program-words.ts';
import { quietly } from './quietly.ts';
import type { ResolvedStep } from './resolved-step.ts';
import { makeFolder, withStepUmask } from './step-umask.ts';
import { type Attempted, done, stopped, storeFailure } from './stop.ts';

/** `target`: its place in the working directory, where nothing of it lies. */
export type SharedInput = Share & {
  readonly way: Way;
  /** From before it was read. */
  readonly stamps: Stamps;
  /** Whether it is no longer what the key was made from, or was something else in between. */
  readonly hasChanged: () => Promise<boolean>;
};

/** How: in a mount namespace of a local process, or bound into a container. */
type Way = 'mount' | 'bind';

export type ShareOptions = {
  readonly resolved: ResolvedStep;
  readonly workdir: string;
  /** Whether its container can be given more binds. */
  readonly bindsInputs: boolean;
};

/** Below this a copy costs less than the mount. */
const LARGE_BYTES = 32 * 1024 * 1024;
const LARGE_FILES = 1_000;

/** Undefined where it has to be copied. */
export async function shareInput(
  input: StepInput,
  options: ShareOptions,
  context: RunContext,
): Promise<Attempted<SharedInput | undefined>> {
  const way = wayOf(input, options, context);
  if (way === undefined || !standsAlone(input, options.resolved)) return done(undefined);
  const source = await sourceOf(input, options, context);
  if (!source.ok) return source;
  if (source.value === undefined) return done(undefined);
  const { tried, watch } = source.value;
  const target = join(options.workdir, input.path);
  makeFolder(dirname(target));
  // First, because it costs little: to make a large folder, or look at all in it, does not.
  if (!(await prepare({ ...tried, target }, way, input, context))) return done(undefined);
  const watched = await watch();
  if (!watched.ok) return watched;
  const share = watched.value && { ...watched.value, target, way };
  if (share !== undefined && isSameInPlace(share, input)) return done(share);
  removeQuietly(target);
  return done(undefined);
}

function wayOf(
  { artifact: { kind, executable, bytes, files } }: StepInput,
  { resolved, bindsInputs }: ShareOptions,
  context: RunContext,
): Way | undefined {
  const isLarge = bytes >= LARGE_BYTES || (kind === 'tree' && files >= LARGE_FILES);
  // A program has a mode of its own.
  if (!isLarge || executable) return undefined;
  if (isContained(resolved.step, context)) return bindsInputs ? 'bind' : undefined;
  const isMounted = context.executor.prepareShare !== undefined;
  return isMounted && !namesEngine(resolved) ? 'mount' : undefined;
}

/** Their engines work outside of the step's mount namespace, with the paths that they are handed. */
const ENGINE_CLIENTS: ReadonlySet<string> = new Set([
  'docker',
  'docker-compose',
  'podman',
  'nerdctl',
  'ctr',
]);

/** As far as its commands tell: a script may start anything. */
const namesEngine = ({ command, probe, check }: ResolvedStep): boolean =>
  [command, probe ?? [], check ?? []]
    .flatMap(programWords)
    .some(word => ENGINE_CLIENTS.has(basename(word)));

/** Nothing else is laid out or written in it, nor is it part of anything that is. */
function standsAlone(input: StepInput, { step, inputs }: ResolvedStep): boolean {
  const others = [
    ...allInputs(inputs).filter(other => other !== input),
    ...Object.values(step.outputs),
  ];
  return others.every(({ path }) => !liesIn(path, input.path) && !liesIn(input.path, path));
}

/** Makes what it is mounted on. False: nothing is there. */
async function prepare(
  share: Share,
  way: Way,
  { artifact }: StepInput,
  { executor }: RunContext,
): Promise<boolean> {
  if (way === 'mount') return (await executor.prepareShare?.(share)) === true;
  const { target } = share;
  // The engine would make it, as root.
  withStepUmask(() => (artifact.kind === 'tree' ? mkdirSync(target) : writeFileSync(target, '')));
  return true;
}

/**
 * In place it has the modes that it has there, and whoever it belongs to: a container may run as any
 * user, and a folder that is the same to each is what a copy of it would be. Mounts below it would be
 * left out.
 */
function isSameInPlace({ way, source, stamps }: SharedInput, { artifact }: StepInput): boolean {
  if (way === 'mount' && artifact.kind === 'file') return true;
  return isOpenToAll(stamps) && mountsIn(source).every(point => point === source);
}

type Source = {
  /** It, or another folder that can be shown where it can. */
  readonly tried: Omit<Share, 'target'>;
  /** From now on it is seen when it changes; undefined where it has to be copied after all. */
  readonly watch: () => Promise<Attempted<Watched | undefined>>;
};

/** It is what the key was made from. */
type Watched = Omit<SharedInput, 'target' | 'way'>;

async function sourceOf(
  input: StepInput,
  options: ShareOptions,
  context: RunContext,
): Promise<Attempted<Source | undefined>> {
  const { origin, artifact } = input;
  if (origin.kind === 'project') return pathOfProject(artifact, origin, context);
  return artifact.kind === 'tree'
    ? done(storedTree(artifact, origin, options, context))
    : storedFile(artifact, origin, context);
}

async function storedFile(
  artifact: Artifact,
  origin: OutputOrigin,
  { store }: RunContext,
): Promise<Attempted<Source | undefined>> {
  const located = await store.locate(artifact);
  if (!located.ok) return unlessDamaged(located.error, origin);
  const source = located.value;
  if (source === undefined) return done(undefined);
  const stamps = await stampFiles([source]);
  // Another run may have stored the same bytes anew: then it is they that count.
  const isWhole = async () => (await store.locate(artifact)).ok;
  const hasChanged = async () => (await changedPaths(stamps)).length > 0 && !(await isWhole());
  return done({ tried: { source }, watch: async () => done({ source, stamps, hasChanged }) });
}

/** It lies in many places of the store. */
function storedTree(
  artifact: Artifact,
  origin: OutputOrigin,
  { resolved, workdir }: ShareOptions,
  { trees, plan, ...context }: RunContext,
): Source {
  const watch = async (): Promise<Attempted<Watched | undefined>> => {
    const takers = takersOf(origin, plan);
    const built = await trees.take(artifact, { workdir, step: resolved.step.id, takers });
    if (!built.ok) return unlessDamaged(built.error, origin);
    const { path: source, ...tree } = built.value;
    return done({ ...tree, source });
  };
  return { tried: { source: workFolder(context) }, watch };
}

const takersOf = ({ step, port }: OutputOrigin, plan: Plan): readonly StepId[] =>
  plan.steps
    .filter(({ inputs }) =>
      Object.values(inputs)
        .flatMap(({ from }) => from)
        .some(from => from.kind === 'output' && from.step === step && from.port === port),
    )
    .map(({ id }) => id);

/** Of anything else tells who copies it. */
function unlessDamaged(error: StoreError, { step, port }: OutputOrigin): Attempted<undefined> {
  if (error.kind !== 'corrupt' && error.kind !== 'absent') return done(undefined);
  const failure = storeFailure(error, `\`${step}.${port}\``);
  return stopped({ kind: 'damaged', producers: [step], failure });
}

async function pathOfProject(
  artifact: Artifact,
  origin: ProjectOrigin,
  { project, store }: RunContext,
): Promise<Attempted<Source | undefined>> {
  const source = quietly(() => realpathSync(join(project, origin.path)));
  const identity = source && identityAt(source);
  // Gone: who copies it says so.
  if (source === undefined || identity === undefined) return done(undefined);
  const watch = async (): Promise<Attempted<Watched>> => {
    // Stamped before it is read: what is then the same has been the same all the time. Folders as
    // well, so that what was laid into one and taken away again shows.
    const stamps = await stampTrees([source]);
    const now = await store.digest(source);
    if (!now.ok || artifactKey(now.value) !== artifactKey(artifact)) {
      const failure = { class: 'unstable-input', paths: [origin.path] } as const;
      return stopped({ kind: 'moved', failure });
    }
    // What has the stamp in the end is what was read; and the one of this identity was shown.
    const hasChanged = async () =>
      (await changedPaths(stamps)).length > 0 || identityAt(source) !== identity;
    return done({ source, identity, name: origin.path, stamps, hasChanged });
  };
  return done({ tried: { source, identity }, watch });
}

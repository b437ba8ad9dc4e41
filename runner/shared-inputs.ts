/**
 * Large inputs that a local process is shown in place instead of being given a copy. Nobody keeps
 * others from writing to them meanwhile: therefore they are looked at again when it has ended.
 */
import { realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { artifactKey } from '../schema/trace.ts';
import { isContained } from './containment.ts';
import type { RunContext } from './context.ts';
import type { Share } from './executors/executor.ts';
import type { ProjectOrigin, StepInput } from './inputs.ts';
import { changedPaths, stampFiles } from './laid-out.ts';
import { quietly } from './quietly.ts';
import type { ResolvedStep } from './resolved-step.ts';
import { makeFolder } from './step-umask.ts';
import { type Attempted, done, stopped, storeFailure } from './stop.ts';

export type SharedInput = Share & {
  /** Whether its bytes are no longer those that the key was made from. */
  readonly hasChanged: () => Promise<boolean>;
};

/** Below this a copy costs less than the mount. */
const LARGE_BYTES = 32 * 1024 * 1024;

/** Undefined where it has to be copied. */
export async function shareInput(
  input: StepInput,
  { resolved, workdir }: { readonly resolved: ResolvedStep; readonly workdir: string },
  context: RunContext,
): Promise<Attempted<SharedInput | undefined>> {
  const { executor } = context;
  if (executor.prepareShare === undefined || !isWorthIt(input, resolved, context)) {
    return done(undefined);
  }
  const found = await sourceOf(input, context);
  if (!found.ok) return found;
  if (found.value === undefined) return done(undefined);
  const target = join(workdir, input.path);
  makeFolder(dirname(target));
  const { source, identity } = found.value;
  const share = { source, target, identity };
  const isShown = await executor.prepareShare(share);
  return done(isShown ? { ...share, hasChanged: found.value.hasChanged } : undefined);
}

function isWorthIt(
  { artifact }: StepInput,
  { step, env }: ResolvedStep,
  context: RunContext,
): boolean {
  // A program has a mode of its own; a folder lies in many places of the store.
  if (artifact.kind === 'tree' || artifact.executable || artifact.bytes < LARGE_BYTES) return false;
  // What shows the files to the attempt is a shell, which has its own mind about this variable.
  return !isContained(step, context) && !('PWD' in env);
}

type Source = Pick<SharedInput, 'source' | 'identity' | 'hasChanged'>;

const sourceOf = (input: StepInput, context: RunContext): Promise<Attempted<Source | undefined>> =>
  input.origin.kind === 'project'
    ? fileOfProject(input, input.origin, context)
    : storedFile(input, context);

async function storedFile(
  { artifact, origin }: StepInput,
  { store }: RunContext,
): Promise<Attempted<Source | undefined>> {
  const located = await store.locate(artifact);
  if (!located.ok) {
    const { kind } = located.error;
    if ((kind !== 'corrupt' && kind !== 'absent') || origin.kind !== 'output')
      return done(undefined);
    const failure = storeFailure(located.error, `\`${origin.step}.${origin.port}\``);
    return stopped({ kind: 'damaged', producers: [origin.step], failure });
  }
  const source = located.value;
  if (source === undefined) return done(undefined);
  const stamps = await stampFiles([source]);
  // Another run may have stored the same bytes anew: then it is they that count.
  const isWhole = async () => (await store.locate(artifact)).ok;
  return done({
    source,
    identity: null,
    hasChanged: async () => changedPaths(stamps).length > 0 && !(await isWhole()),
  });
}

async function fileOfProject(
  { artifact }: StepInput,
  origin: ProjectOrigin,
  { project, store }: RunContext,
): Promise<Attempted<Source | undefined>> {
  const source = quietly(() => realpathSync(join(project, origin.path)));
  // Gone: who copies it says so.
  if (source === undefined) return done(undefined);
  // Stamped before it is read: what is then the same has been the same all the time.
  const stamps = await stampFiles([source]);
  const identity = identityOf(source);
  const now = await store.digest(source);
  if (!now.ok || artifactKey(now.value) !== artifactKey(artifact)) {
    const failure = { class: 'unstable-input', paths: [origin.path] } as const;
    return stopped({ kind: 'moved', failure });
  }
  // What has the stamp in the end is the file that was read; and the one of this identity was shown.
  const hasChanged = async () => changedPaths(stamps).length > 0 || identityOf(source) !== identity;
  return done({ source, identity, hasChanged });
}

function identityOf(path: string): string {
  const stat = quietly(() => statSync(path, { bigint: true }));
  return `${stat?.dev}:${stat?.ino}`;
}

/**
 * What a step that runs in a container sees of this machine, and where: its working directory, its
 * program, and the few folders of the runner that are its to write. Unaware of engines.
 */
import { dirname, join, relative, resolve } from 'node:path';
import type { Json } from '../schema/canonical-json.ts';
import type { Container, PlanStep, StepDefinition } from '../schema/plan.ts';
import { type Context, once } from './context.ts';
import { definitionFolder } from './definition.ts';
import { stateFolder } from './effects.ts';
import type { Bind, Executor, Share } from './executors/executor.ts';
import { allInputs } from './inputs.ts';
import { INSIDE, PRIVATE } from './places.ts';
import type { ResolvedStep } from './resolved-step.ts';
import { type Attempted, done, notStarted } from './stop.ts';

type FolderDefinition = Extract<StepDefinition, { readonly kind: 'folder' }>;

export const isContained = (
  step: PlanStep,
  { executor }: { readonly executor: Executor },
): boolean => step.container !== null && executor.imageOf !== undefined;

/** The working directory, as the step names it. */
export const seenWorkdir = (step: PlanStep, workdir: string, context: Context): string =>
  isContained(step, context) ? INSIDE.workdir : workdir;

/** The folder of the step's program, as the step names it. */
export function seenFolder(definition: FolderDefinition): string {
  const at = definition.folder.indexOf(':');
  const root = definition.folder.startsWith('library:') ? INSIDE.library : INSIDE.project;
  return join(root, definition.folder.slice(at + 1));
}

/** The identity of the image that the step runs in; null when it runs on this machine as it is. */
export async function imageOf(step: PlanStep, context: Context): Promise<Attempted<string | null>> {
  const { container } = step;
  const { executor } = context;
  if (container === null || executor.imageOf === undefined) return done(null);
  const ask = executor.imageOf;
  const question = `image ${container.build ?? ''} ${container.image ?? ''}`;
  const answer = await once(context, question, () => ask(container));
  return answer.ok ? done(answer.image) : notStarted(answer.message);
}

/**
 * What else of the container can influence a result, where it is not the default. Empty for most
 * steps; limits on processes are resources, which are in no key.
 */
export function loosened(container: Container): Readonly<Record<string, Json>> {
  const { entrypoint, user, network, writableRoot, capabilities = [] } = container;
  return {
    ...(entrypoint !== null && { entrypoint }),
    ...(user !== null && { user }),
    ...(network !== 'none' && { network }),
    ...(writableRoot === true && { 'writable-root': true }),
    ...(capabilities.length > 0 && { capabilities: [...capabilities].sort() }),
  };
}

/**
 * All of this machine that the step sees. It writes where its outputs belong and in the folder that
 * the runner gives it; everything that was laid out for it is read-only. `scratch`: the folder that
 * outlives the attempt; null where none does.
 */
export function bindsOf(
  resolved: ResolvedStep,
  { workdir, scratch }: { readonly workdir: string; readonly scratch: string | null },
  context: Context,
): readonly Bind[] {
  const { step } = resolved;
  const writable = writableFolders(step);
  const isWritable = (path: string) => writable.some(folder => liesIn(path, folder));
  const readOnly = allInputs(resolved.inputs)
    .map(({ path }) => path)
    .filter(isWritable);
  const below = (path: string, isWritten: boolean): Bind => ({
    source: join(workdir, path),
    target: join(INSIDE.workdir, path),
    writable: isWritten,
  });
  return [
    below('.', writable.includes('.')),
    ...writable.filter(path => path !== '.').map(path => below(path, true)),
    ...readOnly.map(path => below(path, false)),
    ...programBinds(step.definition, context),
    ...(scratch === null
      ? []
      : [{ source: scratch, target: join(INSIDE.workdir, PRIVATE.scratch), writable: true }]),
    ...stateBinds(step, context),
  ];
}

/** With what is shown in place, bound where a copy of it would lie. */
export function withShown(
  binds: readonly Bind[],
  shown: readonly Share[],
  workdir: string,
): readonly Bind[] {
  const more = shown.map(({ source, target, identity }) => ({
    source,
    target: join(INSIDE.workdir, relative(workdir, target)),
    writable: false,
    identity,
  }));
  const places = new Set(more.map(({ target }) => target));
  return [...binds.filter(({ target }) => !places.has(target)), ...more];
}

/** Relative to the working directory. */
function writableFolders(step: PlanStep): readonly string[] {
  const outputs = Object.values(step.outputs).map(({ path }) => dirname(path));
  return [...new Set([PRIVATE.folder, 'out', ...outputs])].sort();
}

export const liesIn = (path: string, folder: string): boolean =>
  folder === '.' || path === folder || path.startsWith(`${folder}/`);

/** Only what is in its key: the step's folder and what it includes. */
function programBinds(definition: StepDefinition, context: Context): readonly Bind[] {
  if (definition.kind === 'inline') return [];
  const folder = definitionFolder(definition, context);
  const seen = seenFolder(definition);
  return ['.', ...definition.includes].map(part => ({
    source: resolve(folder, part),
    target: resolve(seen, part),
    writable: false,
  }));
}

/** It outlives the attempt and lies at its own path, because the step is told that. */
function stateBinds(step: PlanStep, context: Context): readonly Bind[] {
  const state = stateFolder(step, context);
  return state === null ? [] : [{ source: state, target: state, writable: true }];
}

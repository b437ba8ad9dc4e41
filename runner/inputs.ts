/**
 * What a step's input ports and `files` hold right now, by content: outputs of needs as they were
 * made in this run, paths of the project as they are on the disk.
 */
import { join } from 'node:path';
import type { StepId } from '../schema/id.ts';
import type { InputSource, PlanStep } from '../schema/plan.ts';
import { type Artifact, artifactKey } from '../schema/trace.ts';
import type { Context } from './context.ts';
import { type Attempted, done, failed, storeFailure } from './stop.ts';

export type StepInput = {
  /** In the working directory. */
  readonly path: string;
  readonly artifact: Artifact;
  readonly origin: OutputOrigin | ProjectOrigin;
};

export type OutputOrigin = {
  readonly kind: 'output';
  readonly step: StepId;
  readonly port: string;
};

/** `path` is relative to the project's root. */
export type ProjectOrigin = { readonly kind: 'project'; readonly path: string };

export type StepInputs = {
  readonly ports: Readonly<Record<string, readonly StepInput[]>>;
  readonly files: readonly StepInput[];
};

export async function gatherInputs(
  step: PlanStep,
  context: Context,
): Promise<Attempted<StepInputs>> {
  const ports: Record<string, readonly StepInput[]> = {};
  for (const [port, input] of Object.entries(step.inputs)) {
    const items: StepInput[] = [];
    for (const [index, source] of input.from.entries()) {
      const path = input.paths[index];
      if (path === undefined) throw new Error(`bug: input ${step.id}.${port} has too few paths`);
      const item = await gather(source, path, context);
      if (!item.ok) return item;
      items.push(item.value);
    }
    ports[port] = items;
  }
  const files: StepInput[] = [];
  for (const path of step.files) {
    const item = await gather({ kind: 'project', path }, path, context);
    if (!item.ok) return item;
    files.push(item.value);
  }
  return done({ ports, files });
}

async function gather(
  source: InputSource,
  path: string,
  context: Context,
): Promise<Attempted<StepInput>> {
  if (source.kind === 'output') {
    const { step, port } = source;
    const artifact = context.outputs.get(step)?.[port];
    if (artifact === undefined) throw new Error(`bug: nothing at ${step}.${port} yet`);
    return done({ path, artifact, origin: { kind: 'output', step, port } });
  }
  const found = await context.store.digest(join(context.project, source.path));
  if (!found.ok) return failed(storeFailure(found.error, `\`./${source.path}\``));
  return done({ path, artifact: found.value, origin: { kind: 'project', path: source.path } });
}

export const allInputs = ({ ports, files }: StepInputs): readonly StepInput[] => [
  ...Object.values(ports).flat(),
  ...files,
];

/** Project paths that are not what they were when the key was made. */
export async function movedInputs(
  inputs: StepInputs,
  context: Context,
): Promise<readonly string[]> {
  const moved: string[] = [];
  for (const { origin, artifact } of allInputs(inputs)) {
    if (origin.kind !== 'project') continue;
    const now = await context.store.digest(join(context.project, origin.path));
    if (!now.ok || artifactKey(now.value) !== artifactKey(artifact)) moved.push(origin.path);
  }
  return moved;
}

/** Steps whose outputs are among the inputs and not all in the store any more. */
export async function lostProducers(
  inputs: StepInputs,
  { store }: Pick<Context, 'store'>,
): Promise<readonly StepId[]> {
  const lost = new Set<StepId>();
  for (const { origin, artifact } of allInputs(inputs)) {
    if (origin.kind !== 'output' || lost.has(origin.step)) continue;
    if (!(await store.has(artifact))) lost.add(origin.step);
  }
  return [...lost];
}

/**
 * Puts outputs with `to:` into the project. What is placed is owned exactly: it is swapped as a
 * whole, and what somebody has edited by hand is never overwritten but moved to `.sluice/replaced/`
 * and named.
 */
import { cpSync, lstatSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { StepId } from '../schema/id.ts';
import type { PlanStep } from '../schema/plan.ts';
import { type Artifact, artifactKey } from '../schema/trace.ts';
import { removeTree } from '../store/remove-tree.ts';
import type { StoreError } from '../store/store.ts';
import { type Context, type Outputs, type RunContext, workFolder } from './context.ts';
import { placedContent, recordPlaced } from './placed-record.ts';
import { type Attempted, done, failed, stopped, storeFailure, systemFailure } from './stop.ts';

type Placement = {
  readonly step: StepId;
  readonly port: string;
  readonly to: string;
  readonly artifact: Artifact;
};

function placements(step: PlanStep, outputs: Outputs): readonly Placement[] {
  return Object.entries(step.outputs).flatMap(([port, { to }]) => {
    const artifact = outputs[port];
    return to === null || artifact === undefined ? [] : [{ step: step.id, port, to, artifact }];
  });
}

/** Ports with `to:` whose place does not hold what was made. */
export async function unplacedPorts(
  step: PlanStep,
  outputs: Outputs,
  context: Context,
): Promise<readonly string[]> {
  const unplaced: string[] = [];
  for (const { port, to, artifact } of placements(step, outputs)) {
    if ((await contentAt(to, context)) !== artifactKey(artifact)) unplaced.push(port);
  }
  return unplaced;
}

/** `damaged` where stored bytes turn out not to be what they should: the step has to make them anew. */
export async function place(
  step: PlanStep,
  outputs: Outputs,
  context: RunContext,
  onReplaced: (path: string, savedAs: string) => void,
): Promise<Attempted<void>> {
  for (const placement of placements(step, outputs)) {
    const result = await placeOne(placement, context, onReplaced);
    if (!result.ok) return result;
  }
  return done(undefined);
}

async function placeOne(
  placement: Placement,
  context: RunContext,
  onReplaced: (path: string, savedAs: string) => void,
): Promise<Attempted<void>> {
  const { to, artifact } = placement;
  const target = join(context.project, to);
  const content = artifactKey(artifact);
  try {
    if ((await contentAt(to, context)) === content) {
      recordPlaced(context.home, to, content);
      return done(undefined);
    }
    mkdirSync(dirname(target), { recursive: true });
    const aside = asideFor(target, context);
    removeTree(aside);
    const built = await context.store.materialise(artifact, aside, { readOnly: false });
    if (!built.ok) return unbuilt(built.error, placement);
    const savedAs = (await isOurs(to, context)) ? undefined : save(to, context);
    if (savedAs !== undefined) onReplaced(to, savedAs);
    swap(aside, target);
    recordPlaced(context.home, to, content);
    return done(undefined);
  } catch (error) {
    return failed(systemFailure(error, `placing \`${to}\``));
  }
}

/**
 * Where it is built: on the target's file system, so that the swap is a rename; if that can be with
 * the run's own folder, then a run that dies here leaves nothing in the project.
 */
function asideFor(target: string, context: RunContext): string {
  const work = workFolder(context);
  mkdirSync(work, { recursive: true });
  return statSync(work).dev === statSync(dirname(target)).dev
    ? join(work, `placing-${context.nextNumber()}`)
    : join(dirname(target), `.${basename(target)}.${context.run}`);
}

/** A hit whose bytes cannot be had is none: the store has put them aside, and judging sees that. */
function unbuilt(error: StoreError, { step, to }: Placement): Attempted<never> {
  const failure = storeFailure(error, `\`${to}\``);
  const isLost = error.kind === 'corrupt' || error.kind === 'absent';
  return isLost ? stopped({ kind: 'damaged', producers: [step], failure }) : failed(failure);
}

/** Is there nothing, or what we placed? Asked at the last moment: somebody may be editing it. */
async function isOurs(to: string, context: RunContext): Promise<boolean> {
  const target = join(context.project, to);
  if (!isThere(target)) return true;
  // Whatever it leads to, the link itself is somebody else's.
  if (lstatSync(target).isSymbolicLink()) return false;
  const now = await contentAt(to, context);
  return now !== undefined && now === placedContent(context.home, to);
}

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** A file is replaced by the rename itself; a folder has to step aside first. */
function swap(made: string, target: string): void {
  const old = `${made}.old`;
  if (isThere(target) && (lstatSync(target).isDirectory() || lstatSync(made).isDirectory())) {
    removeTree(old);
    renameSync(target, old);
  }
  renameSync(made, target);
  removeTree(old);
}

/** Keeps what somebody else wrote; returns where. */
function save(to: string, context: RunContext): string {
  const target = join(context.project, to);
  const folder = join(context.home, 'replaced');
  mkdirSync(folder, { recursive: true });
  const time = new Date(context.clock.now()).toISOString().replace(/[-:.]/g, '');
  const plain = `${time}-${to.replaceAll('/', '_')}`;
  for (let count = 1; ; count += 1) {
    const path = join(folder, count === 1 ? plain : `${plain}-${count}`);
    if (isThere(path)) continue;
    moveAway(target, path);
    return path;
  }
}

/** `.sluice` and the target may lie on different file systems: then it is copied, and whole first. */
function moveAway(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EXDEV')) throw error;
    cpSync(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    removeTree(from);
  }
}

async function contentAt(to: string, context: Context): Promise<string | undefined> {
  const found = await context.store.digest(join(context.project, to));
  return found.ok ? artifactKey(found.value) : undefined;
}

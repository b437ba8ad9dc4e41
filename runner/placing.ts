/**
 * Puts outputs with `to:` into the project. What is placed is owned exactly: it is swapped as a
 * whole, and what somebody has edited by hand is never overwritten but kept, and named. One run at a
 * time swaps, with the record of what is whose; what takes long, building and judging, lies outside.
 */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmdirSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { parseRunId, type StepId } from '../schema/id.ts';
import type { PlanStep } from '../schema/plan.ts';
import { type Artifact, artifactKey } from '../schema/trace.ts';
import { handOver, ownerToServe } from '../store/hand-over.ts';
import { acquireLock } from '../store/lock.ts';
import { removeTree } from '../store/remove-tree.ts';
import type { StoreError } from '../store/store.ts';
import { type Context, type Outputs, type RunContext, workFolder } from './context.ts';
import { workLock } from './orphans.ts';
import { placedContent, recordPlaced } from './placed-record.ts';
import { projectPart } from './project-part.ts';
import { quietly } from './quietly.ts';
import { type Attempted, done, failed, stopped, storeFailure, systemFailure } from './stop.ts';
import { keptName, makeFolderOf, swap } from './swapping.ts';

type Placement = {
  readonly step: StepId;
  readonly port: string;
  readonly to: string;
  readonly artifact: Artifact;
};

/** What was in the way, and was not what we had placed. */
export type Replaced = {
  readonly to: string;
  /** Absolute. */
  readonly savedAs: string;
  /** Did we place anything there before? */
  readonly isOwned: boolean;
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
    const now = await contentAt(join(context.project, to), context);
    if (now !== artifactKey(artifact)) unplaced.push(port);
  }
  return unplaced;
}

/** A place of an output that holds what we have not placed there. */
export type InTheWay = {
  readonly to: string;
  /** Did we place anything there before? */
  readonly isOwned: boolean;
};

/** What placing these outputs of the step would move aside and keep; any others, if it gives none. */
export async function inTheWay(
  step: PlanStep,
  outputs: Outputs,
  context: Context,
): Promise<readonly InTheWay[]> {
  const found: InTheWay[] = [];
  for (const [port, { to }] of Object.entries(step.outputs)) {
    if (to === null || !isThere(join(context.project, to))) continue;
    const owned = placedContent(projectPart(context), to);
    const now = await contentAt(join(context.project, to), context);
    const made = outputs[port];
    const isRight = now !== undefined && (now === owned || (made && now === artifactKey(made)));
    if (!isRight) found.push({ to, isOwned: owned !== undefined });
  }
  return found;
}

const isThere = (path: string): boolean => quietly(() => lstatSync(path)) !== undefined;

/** `damaged` where stored bytes turn out not to be what they should: the step has to make them anew. */
export async function place(
  step: PlanStep,
  outputs: Outputs,
  context: RunContext,
  onReplaced: (replaced: Replaced) => void,
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
  onReplaced: (replaced: Replaced) => void,
): Promise<Attempted<void>> {
  const { to, artifact } = placement;
  const target = join(context.project, to);
  const content = artifactKey(artifact);
  const part = projectPart(context);
  try {
    if ((await contentAt(target, context)) !== content) {
      return await build(placement, context, made =>
        putInPlace(placement, made, { ...context, part }, onReplaced),
      );
    }
    if (placedContent(part, to) === content) return done(undefined);
    return await alone(part, context, () => recordPlaced(part, to, content));
  } catch (error) {
    return failed(systemFailure(error, `placing \`${to}\``));
  }
}

/** Builds it aside, and leaves nothing there. */
async function build(
  placement: Placement,
  context: RunContext,
  use: (made: string) => Promise<Attempted<void>>,
): Promise<Attempted<void>> {
  const { claim, project, store } = context;
  if (!claim.ok) return failed(storeFailure(claim.error, 'the lock of the working directory'));
  const target = join(project, placement.to);
  const astray = leadsAstray(target, context);
  if (astray !== undefined) {
    const message = `placing \`${placement.to}\`: a link on the way leads to ${astray}, where no output belongs`;
    return failed({ class: 'environment', message });
  }
  const owner = ownerToServe(project);
  const folder = makeFolderOf(target, project);
  if (owner !== undefined && folder !== undefined) handOver(folder, owner);
  const { made, room } = asideFor(target, context);
  try {
    const built = await store.materialise(placement.artifact, made, { readOnly: false });
    if (!built.ok) return unbuilt(built.error, placement);
    if (owner !== undefined) handOver(made, owner);
    return await use(made);
  } finally {
    removeTree(room);
  }
}

/**
 * The folder that it would really come into, when that is not the project's to fill. The compiler
 * has looked as well; since then somebody, or the step, may have made a link.
 */
function leadsAstray(target: string, { project, home }: Context): string | undefined {
  let folder = dirname(target);
  while (!existsSync(folder)) folder = dirname(folder);
  const real = realpathSync(folder);
  const isIn = (root: string) => `${real}/`.startsWith(`${realpathSync(root)}/`);
  return isIn(project) && !isIn(home) ? undefined : real;
}

async function putInPlace(
  placement: Placement,
  made: string,
  context: RunContext & { readonly part: string },
  onReplaced: (replaced: Replaced) => void,
): Promise<Attempted<void>> {
  const { to, artifact } = placement;
  const { part } = context;
  const swapped = await alone(part, context, () => {
    const owned = placedContent(part, to);
    const between = () => recordPlaced(part, to, artifactKey(artifact));
    return { owned, taken: swap({ ...swapOf(placement, context), made, between }) };
  });
  if (!swapped.ok) return swapped;
  const { owned, taken } = swapped.value;
  for (const savedAs of taken) {
    if (await isContent(savedAs, owned, context)) removeTaken(savedAs, context);
    else onReplaced({ to, savedAs, isOwned: owned !== undefined });
  }
  return done(undefined);
}

const swapOf = ({ to }: Placement, { project, home, clock }: RunContext) => ({
  target: join(project, to),
  project,
  folder: join(home, 'replaced'),
  name: keptName(to, clock.now()),
});

/** While no other run places anything in this project, nor writes down that it has. */
async function alone<T>(
  part: string,
  { signal }: RunContext,
  work: () => T,
): Promise<Attempted<T>> {
  const lock = await acquireLock(join(part, 'placing.lock'), 'exclusive', { signal });
  if (!lock.ok) return failed(storeFailure(lock.error, 'the lock of what is placed'));
  if (lock.value === undefined) return stopped({ kind: 'cancelled' });
  try {
    return done(work());
  } finally {
    lock.value.release();
  }
}

const BESIDE = '.sluice-placing-';

/** `room`: what goes in the end, with all that building may leave beside what is made. */
type Aside = { readonly made: string; readonly room: string };

/**
 * Where it is built: on the target's file system, so that the swap is a rename; if that can be with
 * the run's own folder, then a run that dies here leaves nothing in the project.
 */
function asideFor(target: string, context: RunContext): Aside {
  const work = workFolder(context);
  const folder = dirname(target);
  const number = context.nextNumber();
  mkdirSync(work, { recursive: true });
  if (statSync(work).dev === statSync(folder).dev) {
    const made = join(work, `placing-${number}`);
    return { made, room: made };
  }
  removeDead(folder, context.home);
  const room = join(folder, `${BESIDE}${context.run}-${number}`);
  mkdirSync(room);
  return { made: join(room, 'made'), room };
}

/** What runs have left there that died while they built. */
function removeDead(folder: string, home: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(BESIDE)) continue;
    const run = parseRunId(name.slice(BESIDE.length).replace(/-\d+$/, ''));
    const isDead = run !== undefined && !existsSync(workLock(workFolder({ home, run })));
    if (isDead) removeTree(join(folder, name));
  }
}

/** A hit whose bytes cannot be had is none: the store has put them aside, and judging sees that. */
function unbuilt(error: StoreError, { step, to }: Placement): Attempted<never> {
  const failure = storeFailure(error, `\`${to}\``);
  const isLost = error.kind === 'corrupt' || error.kind === 'absent';
  return isLost ? stopped({ kind: 'damaged', producers: [step], failure }) : failed(failure);
}

/** Whatever a link leads to, the link itself is somebody else's. */
async function isContent(
  path: string,
  content: string | undefined,
  context: Context,
): Promise<boolean> {
  if (content === undefined || lstatSync(path).isSymbolicLink()) return false;
  return (await contentAt(path, context)) === content;
}

function removeTaken(path: string, { home }: Context): void {
  removeTree(path);
  try {
    rmdirSync(join(home, 'replaced'));
  } catch {
    // It holds what somebody wrote, or was never made.
  }
}

async function contentAt(path: string, context: Context): Promise<string | undefined> {
  const found = await context.store.digest(path);
  return found.ok ? artifactKey(found.value) : undefined;
}

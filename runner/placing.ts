/**
 * Puts outputs with `to:` into the project. What is placed is owned exactly: it is swapped as a
 * whole, and what somebody has edited by hand is never overwritten but moved to `.sluice/replaced/`
 * and named. Which paths are ours, and with what content, stands in `.sluice/placed.json`.
 */
import {
  cpSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { StepId } from '../schema/id.ts';
import type { PlanStep } from '../schema/plan.ts';
import { type Artifact, artifactKey } from '../schema/trace.ts';
import { removeTree } from '../store/remove-tree.ts';
import type { StoreError } from '../store/store.ts';
import { type Context, type Outputs, type RunContext, workFolder } from './context.ts';
import { type Attempted, done, failed, stopped, storeFailure, systemFailure } from './stop.ts';

const FORMAT = 1;

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
  const now = await contentAt(to, context);
  if (now === artifactKey(artifact)) {
    own(to, artifactKey(artifact), context);
    return done(undefined);
  }
  try {
    mkdirSync(dirname(target), { recursive: true });
    const aside = asideFor(target, context);
    removeTree(aside);
    const built = await context.store.materialise(artifact, aside, { readOnly: false });
    if (!built.ok) return unbuilt(built.error, placement);
    const savedAs = (await isOurs(to, context)) ? undefined : save(to, context);
    if (savedAs !== undefined) onReplaced(to, savedAs);
    swap(aside, target);
    own(to, artifactKey(artifact), context);
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
  return now !== undefined && now === ownedContent(context.home).get(to);
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

const recordPath = (home: string): string => join(home, 'placed.json');

/** Path → content that we placed there. */
type Owned = Map<string, string>;

/**
 * What was read or written last, by the stamp of the file: thousands of outputs are thousands of
 * questions. Another run of the project may write it meanwhile; then its stamp is another.
 */
let last: { readonly path: string; readonly stamp: string; readonly owned: Owned } | undefined;

/** Unreadable counts as empty: then everything is kept. */
function ownedContent(home: string): Owned {
  const path = recordPath(home);
  const stamp = stampOf(path);
  if (last?.path !== path || last.stamp !== stamp) last = { path, stamp, owned: readOwned(path) };
  return last.owned;
}

function stampOf(path: string): string {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
}

function readOwned(path: string): Owned {
  try {
    const record: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof record !== 'object' || record === null || !('paths' in record)) return new Map();
    const { paths } = record;
    if (typeof paths !== 'object' || paths === null) return new Map();
    const entries = Object.entries(paths).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    );
    return new Map(entries);
  } catch {
    return new Map();
  }
}

function own(to: string, content: string, { home, run }: RunContext): void {
  const owned = ownedContent(home);
  if (owned.get(to) === content) return;
  owned.set(to, content);
  const path = recordPath(home);
  const aside = `${path}.${run}`;
  writeFileSync(aside, `${JSON.stringify({ format: FORMAT, paths: Object.fromEntries(owned) })}\n`);
  renameSync(aside, path);
  last = { path, stamp: stampOf(path), owned };
}

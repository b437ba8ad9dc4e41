/**
 * Makes a plan true. Wires the parts of the runner for one run: the schedule says what may begin,
 * judging and executing say how it ended, and every end becomes an event. The parts know nothing of
 * one another.
 */
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { EVENT_FORMAT, type Outcome, type Stamped } from '../schema/event.ts';
import type { RunId, StepId } from '../schema/id.ts';
import type { Plan, PlanStep } from '../schema/plan.ts';
import type { Store } from '../store/store.ts';
import { BuiltTrees } from './built-trees.ts';
import type { Machine } from './capacity.ts';
import { removeQuietly } from './clearing.ts';
import type { Clock } from './clock.ts';
import { type Commit, type RunContext, workFolder } from './context.ts';
import { masking } from './event-masking.ts';
import { type Emit, eventStream } from './event-stream.ts';
import type { Executor } from './executors/executor.ts';
import { runFolder } from './history.ts';
import { openLatest } from './latest.ts';
import { Leavings } from './leavings.ts';
import { claimWork, endOrphans } from './orphans.ts';
import { projectPart } from './project-part.ts';
import { openRecorder } from './recorder.ts';
import { RunLoop } from './run-loop.ts';
import { readSecrets } from './secrets.ts';
import { namedSteps, selectSteps } from './selection.ts';
import type { StepCommands } from './step-commands.ts';

export type RunRequest = {
  readonly plan: Plan;
  /** Absolute root of the project. */
  readonly project: string;
  /** Absolute `.sluice`. */
  readonly home: string;
  /** Absolute `steps/` of the installed Sluice. */
  readonly libraryFolder: string;
  readonly store: Store;
  readonly executor: Executor;
  readonly events: (event: Stamped) => void;
  /** The first Ctrl-C: nothing new starts, running steps are ended and may tidy up. */
  readonly signal: AbortSignal;
  /** The second: they are killed. */
  readonly kill: AbortSignal;
  /** Nothing new starts; what executes goes on to its end, and its result is kept. */
  readonly finishUp?: AbortSignal | undefined;
  /** What is asked of single steps meanwhile. */
  readonly commands?: StepCommands | undefined;
  readonly parallel: number | undefined;
  readonly machine: Machine;
  readonly pools: Readonly<Record<string, number>>;
  readonly keepGoing: boolean;
  /** Addresses or names of steps that execute whatever is known about them. */
  readonly force: 'all' | ReadonlySet<string> | undefined;
  /** Addresses or names; their needs come along. Undefined for the whole plan. */
  readonly only: ReadonlySet<string> | undefined;
  /** For secrets and for PATH; nothing else of it reaches a step. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly commit: Commit | undefined;
  readonly run: RunId;
  readonly clock: Clock;
};

export type RunSummary = {
  readonly result: 'succeeded' | 'failed' | 'cancelled';
  readonly counts: Readonly<Record<Outcome['kind'], number>>;
  readonly outcomes: ReadonlyMap<StepId, Outcome>;
};

export async function run(request: RunRequest): Promise<RunSummary> {
  const steps = selectSteps(request.plan.steps, request.only);
  let emit: Emit = () => undefined;
  const recorder = openRecorder(
    runFolder(projectPart(request), request.run),
    request.plan,
    message =>
      queueMicrotask(() => emit({ type: 'warning', step: null, code: 'recorder-failed', message })),
  );
  emit = eventStream(request.clock, [recorder.record, request.events]);
  announce(request, steps, emit);
  const start = request.clock.elapsed();
  const leftovers: Promise<void>[] = [];
  const later = (work: Promise<void>) => void leftovers.push(work);
  const { claim, strays } = await prepare(request, steps, emit);
  const context = contextOf({ ...request, later, emit, claim, strays }, steps);
  const outcomes = await new RunLoop(steps, context, {
    limits: request,
    keepGoing: request.keepGoing,
  }).run();
  await Promise.all([...leftovers, strays.close()]);
  if (!removeQuietly(workFolder(request))) {
    const message = `what steps have left in ${workFolder(request)} cannot be removed; nothing reads it, and each run tries again`;
    emit({ type: 'warning', step: null, code: 'work-left', message });
  }
  if (claim.ok) claim.value?.release({ remove: true });
  context.latest.save(request.run);
  // What could not be recorded is told before the end, in the next turn.
  recorder.flush();
  await Promise.resolve();
  const counts = countOutcomes(outcomes.values());
  const result = resultOf(counts, wasStopped(request, outcomes.values()));
  const durationMs = Math.round(request.clock.elapsed() - start);
  emit({ type: 'run-finished', result, durationMs, counts });
  recorder.close();
  return { result, counts, outcomes };
}

function announce(request: RunRequest, steps: readonly PlanStep[], emit: Emit): void {
  const { pipeline } = request.plan;
  const params = Object.entries(request.plan.params);
  const given = params.filter(([, { origin }]) => origin !== pipeline.path);
  const chosen = new Set(steps.map(({ id }) => id));
  emit({
    type: 'run-started',
    format: EVENT_FORMAT,
    run: request.run,
    pipeline: pipeline.name,
    startedAt: new Date(request.clock.now()).toISOString(),
    executor: request.executor.name,
    params: Object.fromEntries(params.map(([name, { value }]) => [name, value])),
    given: given.map(([name]) => name),
    ...(request.plan.sample !== undefined && { sample: request.plan.sample.fraction }),
    steps: steps.map(({ id, needs }) => ({ id, needs: needs.filter(need => chosen.has(need)) })),
  });
}

/** The run's own working folder, and the end of what dead runs have left behind. */
async function prepare(request: RunRequest, steps: readonly PlanStep[], emit: Emit) {
  const onEnded = (ended: number) => {
    const message = `${ended} ${ended === 1 ? 'process' : 'processes'} of a run that died before were still running and have been ended`;
    emit({ type: 'warning', step: null, code: 'orphans-ended', message });
  };
  const wanted = new Set(steps.map(({ id }) => id));
  const strays = await endOrphans(request.home, request.executor, { steps: wanted, onEnded });
  return { claim: await claimWork(workFolder(request)), strays };
}

function contextOf(
  request: RunRequest & Pick<RunContext, 'later' | 'emit' | 'claim' | 'strays'>,
  steps: readonly PlanStep[],
): RunContext {
  const { plan, project, home, environment, store, later } = request;
  let number = 0;
  const nextNumber = () => {
    number += 1;
    return number;
  };
  const leavings = new Leavings();
  const secrets = readSecrets(steps, project, environment);
  return {
    ...request,
    emit: masking(request.emit, secrets),
    outputs: new Map(),
    bytesNeeded: namedSteps(steps, request.only),
    latest: openLatest(projectPart({ project, home }), plan),
    memory: new Map(),
    hinted: new Set(),
    secrets,
    host: hostname(),
    user: userName(environment),
    leavings,
    trees: new BuiltTrees({
      store,
      newPath: () => join(workFolder(request), `tree-${nextNumber()}`),
      remove: path => later(leavings.take(path)),
    }),
    nextNumber,
  };
}

function userName(environment: RunRequest['environment']): string {
  try {
    return userInfo().username;
  } catch {
    return environment['USER'] ?? 'unknown'; // A container's user need not have a name.
  }
}

function wasStopped({ signal, kill, finishUp }: RunRequest, outcomes: Iterable<Outcome>): boolean {
  if (signal.aborted || kill.aborted) return true;
  if (finishUp?.aborted !== true) return false;
  return [...outcomes].some(end => end.kind === 'skipped' && end.because === 'not-reached');
}

function countOutcomes(outcomes: Iterable<Outcome>): Record<Outcome['kind'], number> {
  const counts: Record<Outcome['kind'], number> = {
    succeeded: 0,
    'up-to-date': 0,
    restored: 0,
    failed: 0,
    cancelled: 0,
    skipped: 0,
  };
  for (const { kind } of outcomes) counts[kind] += 1;
  return counts;
}

function resultOf(
  { failed, cancelled }: Readonly<Record<Outcome['kind'], number>>,
  isAborted: boolean,
): RunSummary['result'] {
  if (isAborted) return 'cancelled';
  // Who has cancelled one step knows of it; a failure beside it is news.
  if (failed > 0) return 'failed';
  return cancelled > 0 ? 'cancelled' : 'succeeded';
}

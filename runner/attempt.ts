/**
 * One try at a step: a working directory, a process in it, and what it left behind. Publishes
 * nothing and does not try again.
 */
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Failure } from '../schema/event.ts';
import type { CacheKey, StepId } from '../schema/id.ts';
import { commandLine } from './command-line.ts';
import type { RunContext } from './context.ts';
import type { Attempt, Handle, Termination } from './executors/executor.ts';
import { missingFileHint } from './hint.ts';
import { logFile } from './history.ts';
import { PRIVATE } from './places.ts';
import { projectPart } from './project-part.ts';
import type { ResolvedStep } from './resolved-step.ts';
import { environmentOf } from './step-environment.ts';
import { openStepLog, type StepLog } from './step-log.ts';
import { followReports } from './step-reports.ts';
import { followUsage } from './step-usage.ts';
import { type Attempted, done, failed, stopped } from './stop.ts';
import { failureOf } from './termination.ts';
import { openWorkspace, reopenWorkspace, type Workspace } from './workspace.ts';

export type AttemptOptions = {
  readonly resolved: ResolvedStep;
  readonly key: CacheKey;
  readonly attempt: number;
  readonly estimateMs: number | null;
};

/** The workspace is the caller's to remove, once it has taken what it wants from it. */
export type Finished = { readonly workspace: Workspace; readonly durationMs: number };

/** Absolute. */
export const logPath = (step: StepId, context: RunContext): string =>
  logFile(projectPart(context), context.run, step);

export async function attemptStep(
  options: AttemptOptions,
  context: RunContext,
): Promise<Attempted<Finished>> {
  const { resolved, key, attempt } = options;
  const adopted = await goOn(options, context);
  if (adopted !== undefined) return adopted;
  const opened = await openWorkspace(resolved, { attempt, key }, context);
  if (!opened.ok) return opened;
  const workspace = opened.value;
  const env = environmentOf(resolved, workspace, context);
  if (!env.ok) {
    workspace.remove();
    return env;
  }
  const { elapsed } = context.clock;
  let ranAt = elapsed();
  // Until then it waited: for a GPU, for an image.
  const onRunning = () => {
    ranAt = elapsed();
  };
  const end = await executeIn(workspace, env.value, { ...options, onRunning }, context);
  // Whatever it ended with: without it nothing could have come of it.
  const isGone = !existsSync(workspace.workdir);
  if (end.ok && !isGone) return done({ workspace, durationMs: Math.round(elapsed() - ranAt) });
  workspace.remove();
  return end.ok || (isGone && end.stop.kind === 'failed') ? removedMeanwhile(context) : end;
}

function removedMeanwhile({ home }: RunContext): Attempted<never> {
  const what = existsSync(join(home, 'format')) ? 'its working directory' : '`.sluice`';
  return failed({ class: 'environment', message: `${what} was removed while it ran` });
}

/** With what a dead run has begun and left running. Undefined where there is none, or it got lost. */
async function goOn(
  options: AttemptOptions,
  context: RunContext,
): Promise<Attempted<Finished> | undefined> {
  const { step } = options.resolved;
  const stray = await context.strays.take(step.id, options.key);
  if (stray === undefined) return undefined;
  const { handle, run } = stray;
  const tell = (message: string) =>
    context.emit({ type: 'warning', step: step.id, code: 'adopted', message });
  tell(`run ${run} died, and it was still running: this run goes on with it`);
  const workspace = reopenWorkspace(stray, context);
  const age = () => Math.max(0, context.clock.now() - handle.startedAt.getTime());
  const adopts = { handle, ageMs: age() };
  const end = await executeIn(workspace, {}, options, context, adopts);
  if (end.ok) return done({ workspace, durationMs: age() });
  // Nobody may have got as far as to it: then it runs, and its working directory goes.
  await stray.end();
  workspace.remove();
  if (end.stop.kind !== 'failed' || end.stop.failure.class !== 'lost') return end;
  tell(`${end.stop.failure.message}: it begins anew`);
  return undefined;
}

type Adopted = { readonly handle: Handle; readonly ageMs: number };

/** Of an attempt, what the step and its workspace say. */
function whatRuns(
  { workdir, binds, shared }: Workspace,
  { resolved, key, adopts }: AttemptOptions & { readonly adopts: Adopted | undefined },
  context: RunContext,
) {
  const { step, command } = resolved;
  return {
    step: step.id,
    command: commandLine(command, resolved, context),
    workdir,
    resources: step.policy.resources,
    timeoutMs: timeLeft(step.policy.timeoutMs, adopts?.ageMs),
    container: step.container,
    binds,
    shared,
    ...(adopts !== undefined && { adopts: adopts.handle }),
    labels: { home: context.home, run: context.run, key, workdir },
    kill: context.kill,
  };
}

async function executeIn(
  workspace: Workspace,
  env: Readonly<Record<string, string>>,
  options: AttemptOptions & Pick<Attempt, 'onRunning'>,
  context: RunContext,
  adopts?: Adopted,
): Promise<Attempted<void>> {
  const { resolved, onRunning } = options;
  const { step } = resolved;
  const { workdir } = workspace;
  const { secrets, emit } = context;
  const log = openStepLog({ step: step.id, path: logPath(step.id, context), secrets, emit });
  const path = join(workdir, PRIVATE.events);
  const reports = followReports({ step: step.id, path, secrets, emit });
  const usage = followUsage({ step: step.id, clock: context.clock, emit, given: context.hinted });
  const begin = announcement(options, context);
  const attempt: Attempt = {
    ...whatRuns(workspace, { ...options, adopts }, context),
    env,
    onProgress: (progress, message) =>
      emit({ type: 'step-progress', step: step.id, progress, message }),
    onStarted: begin,
    ...(onRunning !== undefined && { onRunning }),
    onUsage: usage.sample,
    onUnsampled: message =>
      emit({ type: 'warning', step: step.id, code: 'usage-unknown', message }),
    onOutput: (stream, chunk) => {
      begin(null);
      log.write(stream, chunk);
    },
  };
  const ending = context.executor.execute(attempt, context.signal);
  begin(null); // Executors that have a process have named it by now.
  const termination = await ending;
  reports.finish();
  usage.finish();
  log.close();
  const usedBytes = usage.memoryPeakBytes();
  return judgeEnd(termination, { log, workdir, resolved, context, usedBytes });
}

/** Of what was begun before, some has passed. */
const timeLeft = (timeoutMs: number | null, ageMs = 0): number | null =>
  timeoutMs === null ? null : Math.max(1, timeoutMs - ageMs);

/** Says once that the step has started. */
function announcement(
  { resolved: { step }, attempt, estimateMs }: AttemptOptions,
  { executor, emit }: RunContext,
): (pid: number | null) => void {
  let isSaid = false;
  return pid => {
    if (isSaid) return;
    isSaid = true;
    const { cpus } = step.policy.resources;
    emit({
      type: 'step-started',
      step: step.id,
      attempt,
      executor: executor.name,
      cpus,
      pid,
      estimateMs,
    });
  };
}

type Ended = {
  readonly log: StepLog;
  readonly workdir: string;
  readonly resolved: ResolvedStep;
  readonly context: RunContext;
  /** The most memory that anybody saw in use. */
  readonly usedBytes: number | undefined;
};

function judgeEnd(termination: Termination, end: Ended): Attempted<void> {
  if (termination.kind === 'cancelled') return stopped({ kind: 'cancelled' });
  const { timeoutMs, resources } = end.resolved.step.policy;
  const { memoryBytes: limitBytes, diskBytes } = resources;
  const { usedBytes } = end;
  const failure: Failure | undefined = failureOf(termination, {
    timeoutMs,
    diskBytes,
    memory: {
      ...(usedBytes !== undefined && { usedBytes }),
      ...(limitBytes !== null && { limitBytes }),
    },
    hint: termination.kind === 'exited' && termination.code !== 0 ? hintOf(end) : null,
  });
  if (failure !== undefined) return failed(failure);
  const logFailure = end.log.failure();
  if (logFailure === undefined) return done(undefined);
  return failed({ class: 'environment', message: `its log could not be written: ${logFailure}` });
}

function hintOf(end: Ended): string | null {
  const { step } = end.resolved;
  if (step.definition.kind !== 'inline') return null;
  return missingFileHint({
    printed: end.log.tail(),
    project: end.context.project,
    workdir: end.workdir,
    files: step.files,
  });
}

/** As events name it. */
export const shownLogPath = (step: StepId, context: RunContext): string =>
  relative(context.project, logPath(step, context));

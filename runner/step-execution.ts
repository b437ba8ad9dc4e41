/**
 * Executes a step that must execute: alone with its key, as often as its policy says, and up to the
 * published result. Unaware of other steps.
 */
import { rmdirSync } from 'node:fs';
import type { Failure, Outcome } from '../schema/event.ts';
import type { Trace } from '../schema/trace.ts';
import { withKeyLock } from '../store/lock.ts';
import { attemptStep, type Finished } from './attempt.ts';
import { removeQuietly } from './clearing.ts';
import type { Outputs, RunContext } from './context.ts';
import { forgetLastDone, noteDone, traceOfLastDone } from './last-done.ts';
import { lastDuration } from './latest.ts';
import { place } from './placing.ts';
import { watchProgram } from './program-watch.ts';
import { publish } from './publishing.ts';
import { findWhole } from './rebuilder.ts';
import type { ResolvedStep } from './resolved-step.ts';
import type { JudgedStep } from './step-judging.ts';
import { type Attempted, done, failed, stopped, storeFailure, systemFailure } from './stop.ts';
import { resourcesAfter, retryAfter } from './termination.ts';
import { scratchFolder } from './workspace.ts';

/** What a step gives to others, and how it came to it. */
export type Result = { readonly outcome: Outcome; readonly outputs: Outputs };

/** `onProcessEnded`: what follows needs no more of the machine than any other bookkeeping. */
export async function executeStep(
  judged: JudgedStep,
  context: RunContext,
  onProcessEnded: () => void,
): Promise<Attempted<Result>> {
  const { signal } = context;
  const wait = longWait(judged, context);
  const options = { signal, onWait: wait.begin };
  const locked = await withKeyLock(context.home, judged.key, options, () => {
    wait.end();
    return executeAlone(judged, context, onProcessEnded);
  });
  wait.end();
  if (locked.ok) return locked.value ?? stopped({ kind: 'cancelled' });
  return stopped({ kind: 'failed', failure: storeFailure(locked.error, 'the lock of its key') });
}

/** From here on somebody who watches wonders why nothing happens. */
const LONG_WAIT_MS = 1_000;

/** Says once that a step waits for what another run, or a step of this run with the same key, makes of it. */
function longWait({ resolved: { step } }: JudgedStep, { emit }: RunContext) {
  let timer: NodeJS.Timeout | undefined;
  const tell = () =>
    emit({
      type: 'warning',
      step: step.id,
      code: 'waits-for-run',
      message: 'another step or run is executing the same: waiting for what that one makes',
    });
  return {
    begin: () => {
      timer = setTimeout(tell, LONG_WAIT_MS);
    },
    end: () => clearTimeout(timer),
  };
}

async function executeAlone(
  judged: JudgedStep,
  context: RunContext,
  onProcessEnded: () => void,
): Promise<Attempted<Result>> {
  const byAnother = await madeMeanwhile(judged, context);
  if (byAnother !== undefined) return restore(judged, byAnother, context);
  if (isMadeAnew(judged)) await context.strays.drop(judged.resolved.step.id);
  const program = await watchProgram(judged, context);
  if (!program.ok) return program;
  const { step } = judged.resolved;
  if (step.kind === 'effect') {
    try {
      forgetLastDone(step, context);
    } catch (error) {
      return failed(systemFailure(error, 'the record of what it did last'));
    }
  }
  const finished = await tryUntilDone(judged, context);
  if (!finished.ok) return finished;
  // A source is looked at once more by a process of its own, an effect may be the last of its kind.
  if (step.kind === 'pure') onProcessEnded();
  const outputs = await publish({ ...judged, program: program.value }, finished.value, context);
  finished.value.workspace.remove();
  if (!outputs.ok) return outputs;
  if (step.kind === 'effect') noteDone({ step, key: judged.key, outputs: outputs.value }, context);
  removeScratch(scratchFolder(context.home, judged.key));
  return placed(judged, { outcome: { kind: 'succeeded' }, outputs: outputs.value }, context);
}

/** Most steps leave nothing in it: then one system call does. */
function removeScratch(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    removeQuietly(folder);
  }
}

/** Its key does not say all that counts, or somebody insists: what others make or began is of no use. */
function isMadeAnew({ verdict, resolved: { step } }: JudgedStep): boolean {
  if (verdict.kind !== 'execute' || step.kind === 'effect') return true;
  const { kind } = verdict.because;
  return kind === 'forced' || kind === 'not-cached';
}

/** Whoever held the key's lock before us may have made it: then there is nothing left to do. */
async function madeMeanwhile(judged: JudgedStep, context: RunContext): Promise<Trace | undefined> {
  if (judged.resolved.step.kind === 'effect') return doneMeanwhile(judged, context);
  return isMadeAnew(judged) ? undefined : findWhole(judged.resolved.step, judged.key, context);
}

/** An effect which was not the last that this project had done when it was judged, and now is. */
async function doneMeanwhile(
  { verdict, key, resolved: { step } }: JudgedStep,
  context: RunContext,
): Promise<Trace | undefined> {
  if (verdict.kind !== 'execute') return undefined;
  const { kind } = verdict.because;
  const isUndone =
    kind === 'never-run' || kind === 'changed' || (kind === 'drifted' && step.check === null);
  return isUndone ? traceOfLastDone(step, await context.store.findTraces(key), context) : undefined;
}

/** A hit whose outputs have to be placed in the project, or one that another run has just made. */
export async function restore(
  judged: JudgedStep,
  trace: Trace,
  context: RunContext,
): Promise<Attempted<Result>> {
  const outcome = { kind: 'restored', madeBy: trace.made.run } as const;
  return placed(judged, { outcome, outputs: trace.outputs }, context);
}

async function placed(
  { resolved: { step } }: JudgedStep,
  result: Result,
  context: RunContext,
): Promise<Attempted<Result>> {
  const placing = await place(step, result.outputs, context, ({ to, savedAs, isOwned }) =>
    context.emit({
      type: 'warning',
      step: step.id,
      code: 'replaced-file',
      message: `${to} was ${isOwned ? 'edited by hand' : 'there before'}; that version is kept in ${savedAs}`,
    }),
  );
  return placing.ok ? done(result) : placing;
}

/** What ran out of memory gets more of it, where its author says so. */
function withMemoryAfter(given: ResolvedStep, failure: Failure): ResolvedStep {
  const { step } = given;
  const resources = resourcesAfter(failure, step.policy);
  return { ...given, step: { ...step, policy: { ...step.policy, resources } } };
}

async function tryUntilDone(judged: JudgedStep, context: RunContext): Promise<Attempted<Finished>> {
  const { resolved, key } = judged;
  const { step } = resolved;
  const estimateMs = await lastDuration(step.id, context);
  let given = resolved;
  for (let attempt = 1; ; attempt += 1) {
    const tried = await attemptStep({ resolved: given, key, attempt, estimateMs }, context);
    if (tried.ok || tried.stop.kind !== 'failed') return tried;
    const { failure }: { failure: Failure } = tried.stop;
    const waitMs = retryAfter(failure, attempt, step.policy.retries);
    if (waitMs === undefined) return tried;
    context.emit({ type: 'step-retried', step: step.id, attempt, failure, waitMs });
    given = withMemoryAfter(given, failure);
    await context.clock.sleep(waitMs, context.signal);
    if (context.signal.aborted) return stopped({ kind: 'cancelled' });
  }
}

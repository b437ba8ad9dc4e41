/**
 * Decides whether a step has to execute. The scheduler knows which step is next, the rebuilder
 * whether at all; neither knows of the other. Executes nothing and writes nothing.
 */
import type { Reason } from '../schema/event.ts';
import { cacheKey, explain, type Fingerprint } from '../schema/fingerprint.ts';
import type { CacheKey } from '../schema/id.ts';
import type { PlanStep } from '../schema/plan.ts';
import type { Trace } from '../schema/trace.ts';
import type { Context } from './context.ts';
import { receiptDrift } from './effects.ts';
import { traceOfLastDone } from './last-done.ts';
import { unplacedPorts } from './placing.ts';

export type Verdict =
  /** Verifying trace: nothing moves. */
  | { readonly kind: 'up-to-date'; readonly trace: Trace }
  /** Constructive trace: outputs have to be placed in the project from the store. */
  | { readonly kind: 'restore'; readonly trace: Trace }
  | { readonly kind: 'execute'; readonly because: Reason };

export type Judgement = {
  readonly fingerprint: Fingerprint;
  readonly key: CacheKey;
  readonly verdict: Verdict;
};

/** What a `check` command says about the effect: undefined when it is in place. */
export type CheckCommand = () => Promise<string | undefined>;

export async function judge(options: {
  readonly step: PlanStep;
  readonly fingerprint: Fingerprint;
  readonly context: Context;
  readonly check: CheckCommand;
}): Promise<Judgement> {
  const { step, fingerprint, context, check } = options;
  const key = cacheKey(fingerprint);
  const execute = (because: Reason): Judgement => ({
    fingerprint,
    key,
    verdict: { kind: 'execute', because },
  });
  if (context.force === 'all' || context.force?.has(step.id) || context.force?.has(step.name)) {
    return execute({ kind: 'forced' });
  }
  if (!step.cache.enabled) return execute({ kind: 'not-cached' });
  const oldest = await context.store.findTrace(key);
  if (oldest === undefined) return execute(await reason(step, fingerprint, context));
  const drift: Drift =
    step.kind === 'effect'
      ? await effectDrift(step, key, context, check)
      : { kind: 'in-place', trace: undefined };
  if (drift.kind === 'drifted') return execute({ kind: 'drifted', detail: drift.detail });
  const trace = drift.trace ?? oldest.trace;
  return { fingerprint, key, verdict: await hit(step, trace, context) };
}

/**
 * A trace answers without its bytes for as long as nobody asks for them: no consumer that executes,
 * no place in the project that does not hold them, no output of the pipeline as a whole.
 */
async function hit(step: PlanStep, trace: Trace, context: Context): Promise<Verdict> {
  const unplaced = await unplacedPorts(step, trace.outputs, context);
  const isNeeded = context.bytesNeeded.has(step.id);
  const asked = Object.keys(step.outputs).filter(
    port =>
      isNeeded ||
      unplaced.includes(port) ||
      trace.outputs[port] === undefined ||
      isPipelineOutput(step, port, context),
  );
  const paths = await missingPorts(asked, trace, context);
  if (paths.length > 0) return { kind: 'execute', because: { kind: 'outputs-damaged', paths } };
  return { kind: unplaced.length === 0 ? 'up-to-date' : 'restore', trace };
}

const isPipelineOutput = (step: PlanStep, port: string, { plan }: Context): boolean =>
  Object.values(plan.outputs).some(output => output.step === step.id && output.port === port);

/** The oldest trace of a key whose bytes are all in the store. */
export async function findWhole(
  step: PlanStep,
  key: CacheKey,
  context: Pick<Context, 'store'>,
): Promise<Trace | undefined> {
  const oldest = await context.store.findTrace(key);
  if (oldest === undefined) return undefined;
  const traces = oldest.count > 1 ? await context.store.findTraces(key) : [oldest.trace];
  for (const trace of traces) {
    const missing = await missingPorts(Object.keys(step.outputs), trace, context);
    if (missing.length === 0) return trace;
  }
  return undefined;
}

/** Of the ports: those whose bytes are not all in the store. */
export async function missingPorts(
  ports: readonly string[],
  { outputs }: Pick<Trace, 'outputs'>,
  { store }: Pick<Context, 'store'>,
): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const port of ports) {
    const artifact = outputs[port];
    if (artifact === undefined || !(await store.has(artifact))) missing.push(port);
  }
  return missing;
}

async function reason(step: PlanStep, now: Fingerprint, context: Context): Promise<Reason> {
  const key = context.latest.keyOf(step.id);
  const last = key === undefined ? undefined : await context.store.findTrace(key);
  if (last === undefined) return { kind: 'never-run' };
  return { kind: 'changed', changes: explain(last.trace.fingerprint, now) };
}

type Drift =
  | { readonly kind: 'drifted'; readonly detail: string }
  /** `trace` is of what the world holds: what was done last, or what left the receipt. */
  | { readonly kind: 'in-place'; readonly trace: Trace | undefined };

async function effectDrift(
  step: PlanStep,
  key: CacheKey,
  context: Context,
  check: CheckCommand,
): Promise<Drift> {
  const newestFirst = (await context.store.findTraces(key)).toReversed();
  const last = traceOfLastDone(step, newestFirst, context);
  if (step.check === null) {
    // Nothing tells whether it is in place; known is only what was done last.
    return last === undefined
      ? { kind: 'drifted', detail: 'something else was done since' }
      : { kind: 'in-place', trace: last };
  }
  if (step.check.kind === 'command') {
    const detail = await check();
    return detail === undefined
      ? { kind: 'in-place', trace: last ?? newestFirst[0] }
      : { kind: 'drifted', detail };
  }
  let detail = 'it left no receipt';
  // The newest receipt is the likeliest to be in place: the world holds what was done last.
  for (const trace of newestFirst) {
    const drift = await receiptDrift(step, trace.receipt, context);
    if (drift === undefined) return { kind: 'in-place', trace };
    detail = drift;
  }
  return { kind: 'drifted', detail };
}

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
import { isPlaced } from './placing.ts';

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
  const known = await findWhole(step, key, context);
  if (known.kind === 'none') return execute(await reason(step, fingerprint, context));
  if (known.kind === 'damaged') return execute({ kind: 'outputs-damaged', paths: known.ports });
  if (step.kind === 'effect') {
    const drift = await effectDrift(step, key, context, check);
    if (drift.kind === 'drifted') return execute({ kind: 'drifted', detail: drift.detail });
    return { fingerprint, key, verdict: await hit(step, drift.trace ?? known.trace, context) };
  }
  return { fingerprint, key, verdict: await hit(step, known.trace, context) };
}

async function hit(step: PlanStep, trace: Trace, context: Context): Promise<Verdict> {
  const placed = await isPlaced(step, trace.outputs, context);
  return { kind: placed ? 'up-to-date' : 'restore', trace };
}

type Known =
  | { readonly kind: 'none' }
  | { readonly kind: 'damaged'; readonly ports: readonly string[] }
  | { readonly kind: 'whole'; readonly trace: Trace };

/** The oldest trace of a key whose bytes are all in the store. */
export async function findWhole(
  step: PlanStep,
  key: CacheKey,
  { store }: Pick<Context, 'store'>,
): Promise<Known> {
  const oldest = await store.findTrace(key);
  if (oldest === undefined) return { kind: 'none' };
  const missing = (trace: Trace) => missingPorts(step, trace, store);
  const ports = await missing(oldest.trace);
  if (ports.length === 0) return { kind: 'whole', trace: oldest.trace };
  if (oldest.count > 1) {
    for (const trace of await store.findTraces(key)) {
      if ((await missing(trace)).length === 0) return { kind: 'whole', trace };
    }
  }
  return { kind: 'damaged', ports };
}

async function missingPorts(
  step: PlanStep,
  trace: Trace,
  store: Context['store'],
): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const port of Object.keys(step.outputs)) {
    const artifact = trace.outputs[port];
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
  /** `trace` is the one whose receipt is in place. */
  | { readonly kind: 'in-place'; readonly trace: Trace | undefined };

async function effectDrift(
  step: PlanStep,
  key: CacheKey,
  context: Context,
  check: CheckCommand,
): Promise<Drift> {
  if (step.check === null) {
    // Nothing tells whether it is in place; known is only what was done last.
    const isLast = context.latest.keyOf(step.id) === key;
    return isLast
      ? { kind: 'in-place', trace: undefined }
      : { kind: 'drifted', detail: 'something else was done since' };
  }
  if (step.check.kind === 'command') {
    const detail = await check();
    return detail === undefined
      ? { kind: 'in-place', trace: undefined }
      : { kind: 'drifted', detail };
  }
  let detail = 'it left no receipt';
  // The newest receipt is the likeliest to be in place: the world holds what was done last.
  for (const trace of (await context.store.findTraces(key)).toReversed()) {
    if ((await missingPorts(step, trace, context.store)).length > 0) continue;
    const drift = await receiptDrift(step, trace.receipt, context);
    if (drift === undefined) return { kind: 'in-place', trace };
    detail = drift;
  }
  return { kind: 'drifted', detail };
}

/**
 * What a run would do, without doing it: the same judging as a run's, in the same order, with
 * nothing executed and nothing written. Where an answer depends on what a step will make, it says
 * so and does not guess.
 */
import { assertNever } from '../schema/assert-never.ts';
import type { Failure, Outcome, Reason } from '../schema/event.ts';
import type { Fingerprint } from '../schema/fingerprint.ts';
import type { CacheKey, StepId } from '../schema/id.ts';
import type { PlanStep } from '../schema/plan.ts';
import type { Trace } from '../schema/trace.ts';
import type { Context } from './context.ts';
import { fingerprintOf } from './fingerprinting.ts';
import { stepsConsumed } from './late-values.ts';
import { lastDuration, openLatest } from './latest.ts';
import { type Judgement, judge } from './rebuilder.ts';
import { type ResolvedStep, resolveStep } from './resolved-step.ts';
import type { RunRequest } from './run.ts';
import { selectSteps } from './selection.ts';
import type { Stop } from './stop.ts';

export type Forecast = {
  readonly step: StepId;
  readonly answer: Answer;
  /** How long it took when it last came out well; null when it never did. */
  readonly estimateMs: number | null;
};

export type Answer =
  | (Known & { readonly kind: 'up-to-date' | 'restore'; readonly made: Trace['made'] })
  | (Known & { readonly kind: 'execute'; readonly because: Reason })
  /** These steps decide, because it takes what they will have made. */
  | { readonly kind: 'known-later'; readonly waitsFor: readonly StepId[] }
  /** A source's probe or an effect's check decides, and both are run by `run` alone. */
  | { readonly kind: 'asked-later'; readonly asks: 'probe' | 'check' }
  | Extract<Outcome, { readonly kind: 'skipped' }>
  /** It cannot even be judged: an input is missing, an expression has no value. */
  | { readonly kind: 'fails'; readonly failure: Failure };

type Known = { readonly key: CacheKey; readonly fingerprint: Fingerprint };

export type ForecastRequest = Pick<
  RunRequest,
  | 'plan'
  | 'project'
  | 'home'
  | 'libraryFolder'
  | 'store'
  | 'executor'
  | 'environment'
  | 'force'
  | 'only'
>;

/** In the plan's order. */
export async function forecast(request: ForecastRequest): Promise<readonly Forecast[]> {
  const context: Context = {
    ...request,
    outputs: new Map(),
    latest: openLatest(request.home, request.plan.pipeline.name),
    memory: new Map(),
  };
  const answers = new Map<StepId, Promise<Answer>>();
  const limited = limiter(AT_A_TIME);
  const forecasts = selectSteps(request.plan.steps, request.only).map(async step => {
    const needs = step.needs.map(async need => ({ need, answer: await answers.get(need) }));
    const answer = Promise.all(needs).then(
      known => consequence(step, known) ?? limited(() => answerOf(step, context)),
    );
    answers.set(step.id, answer);
    return {
      step: step.id,
      answer: await answer,
      estimateMs: await lastDuration(step.id, context),
    };
  });
  return Promise.all(forecasts);
}

const AT_A_TIME = 32;

/** What the needs' answers already say about a step; undefined when it can be judged. */
function consequence(
  step: PlanStep,
  needs: readonly { readonly need: StepId; readonly answer: Answer | undefined }[],
): Answer | undefined {
  const consumed = stepsConsumed(step);
  const waitsFor: StepId[] = [];
  for (const { need, answer } of needs) {
    if (answer?.kind === 'fails') return { kind: 'skipped', because: 'need-failed', need };
    if (!consumed.has(need)) continue; // Order alone: what it makes cannot matter here.
    if (answer?.kind === 'skipped') {
      return answer.because === 'need-failed'
        ? answer
        : { kind: 'skipped', because: 'need-skipped', need: answer.need ?? need };
    }
    if (answer?.kind === 'known-later') waitsFor.push(...answer.waitsFor);
    else if (answer?.kind === 'execute' || answer?.kind === 'asked-later') waitsFor.push(need);
  }
  return waitsFor.length === 0
    ? undefined
    : { kind: 'known-later', waitsFor: [...new Set(waitsFor)] };
}

async function answerOf(step: PlanStep, context: Context): Promise<Answer> {
  const resolved = await resolveStep(step, context);
  if (!resolved.ok) return unjudged(resolved.stop);
  if (resolved.value === undefined) return { kind: 'skipped', because: 'condition', need: null };
  if (resolved.value.probe !== null) return { kind: 'asked-later', asks: 'probe' };
  return judged(step, resolved.value, context);
}

async function judged(step: PlanStep, resolved: ResolvedStep, context: Context): Promise<Answer> {
  const fingerprint = await fingerprintOf(resolved, null, context);
  if (!fingerprint.ok) return unjudged(fingerprint.stop);
  let isAsked = false;
  const judgement = await judge({
    step,
    fingerprint: fingerprint.value,
    context,
    check: async () => {
      isAsked = true;
      return undefined;
    },
  });
  if (isAsked) return { kind: 'asked-later', asks: 'check' };
  return answerFrom(step, judgement, context);
}

function answerFrom(
  step: PlanStep,
  { key, fingerprint, verdict }: Judgement,
  context: Context,
): Answer {
  if (verdict.kind === 'execute') {
    return { kind: 'execute', key, fingerprint, because: verdict.because };
  }
  context.outputs.set(step.id, verdict.trace.outputs);
  return { kind: verdict.kind, key, fingerprint, made: verdict.trace.made };
}

function unjudged(stop: Stop): Answer {
  switch (stop.kind) {
    case 'damaged':
      return { kind: 'known-later', waitsFor: [stop.producer] };
    case 'failed':
    case 'moved':
      return { kind: 'fails', failure: stop.failure };
    case 'cancelled':
      throw new Error('bug: nobody can cancel a forecast');
    default:
      return assertNever(stop);
  }
}

/** At most so many of them at a time; the others wait in the order in which they came. */
function limiter(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async work => {
    if (running >= limit) await new Promise<void>(resolve => waiting.push(resolve));
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}

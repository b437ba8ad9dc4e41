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
import { allInputs } from './inputs.ts';
import { stepsConsumed } from './late-values.ts';
import { lastDuration, openLatest } from './latest.ts';
import { type InTheWay, inTheWay } from './placing.ts';
import { projectPart } from './project-part.ts';
import { type Judgement, judge, missingPorts } from './rebuilder.ts';
import { isSkipped, outsideSample, type ResolvedStep, resolveStep } from './resolved-step.ts';
import type { RunRequest } from './run.ts';
import { readSecrets } from './secrets.ts';
import { namedSteps, selectSteps } from './selection.ts';
import type { Stop } from './stop.ts';

export type Forecast = {
  readonly step: StepId;
  readonly answer: Answer;
  /** Secrets without a value that it wants when it executes. */
  readonly lacks: readonly string[];
  /** How long it took when it last came out well; null when it never did. */
  readonly estimateMs: number | null;
};

export type Answer =
  | (Known & {
      readonly kind: 'up-to-date' | 'restore';
      readonly made: Trace['made'];
      /** Ports whose bytes are not in the store any more; it executes once somebody asks for them. */
      readonly gone: readonly string[];
    })
  | (Known & { readonly kind: 'execute'; readonly because: Reason })
  /** These steps decide, because it takes what they will have made. */
  | { readonly kind: 'known-later'; readonly waitsFor: readonly StepId[] }
  /** A source's probe or an effect's check decides, and both are run by `run` alone. */
  | { readonly kind: 'asked-later'; readonly asks: 'probe' | 'check' }
  | Extract<Outcome, { readonly kind: 'skipped' }>
  /** It cannot even be judged: an input is missing, an expression has no value. */
  | { readonly kind: 'fails'; readonly failure: Failure };

type Known = {
  readonly key: CacheKey;
  readonly fingerprint: Fingerprint;
  /** What somebody has edited or put where its outputs will go. */
  readonly inTheWay: readonly InTheWay[];
};

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
  const bytesNeeded = namedSteps(request.plan.steps, request.only);
  for (;;) {
    const survey: Survey = { bytesNeeded, gone: new Map(), lacking: new Map() };
    const forecasts = await forecastOnce(request, survey);
    const before = bytesNeeded.size;
    for (const { step, answer } of forecasts) {
      // A hit asks for nothing; whoever is still to be asked may become one.
      if (!('gone' in answer) && answer.kind !== 'asked-later') askForBytes(step, survey);
    }
    if (bytesNeeded.size === before) return forecasts;
  }
}

/**
 * Who lacks bytes of whom. A hit may lack what it was made from for as long as it stays one; what
 * executes asks for it, and so it goes on.
 */
type Survey = {
  readonly bytesNeeded: Set<StepId>;
  /** Ports of hits. */
  readonly gone: Map<StepId, readonly string[]>;
  readonly lacking: Map<StepId, readonly StepId[]>;
};

function askForBytes(first: StepId, { bytesNeeded, lacking }: Survey): void {
  const asking = [first];
  for (let step = asking.pop(); step !== undefined; step = asking.pop()) {
    for (const producer of lacking.get(step) ?? []) {
      if (bytesNeeded.has(producer)) continue;
      bytesNeeded.add(producer);
      asking.push(producer);
    }
  }
}

async function forecastOnce(
  request: ForecastRequest,
  survey: Survey,
): Promise<readonly Forecast[]> {
  const context: ForecastContext = { ...lookingContext(request), ...survey };
  const answers = new Map<StepId, Promise<Answer>>();
  const limited = limiter(AT_A_TIME);
  const { plan, project, environment } = request;
  const secrets = readSecrets(plan.steps, project, environment);
  const forecasts = selectSteps(request.plan.steps, request.only).map(async step => {
    const needs = step.needs.map(async need => ({ need, answer: await answers.get(need) }));
    const answer =
      step.onSample === 'left-out'
        ? Promise.resolve(outsideSample)
        : Promise.all(needs).then(
            known => consequence(step, known) ?? limited(() => answerOf(step, context)),
          );
    answers.set(step.id, answer);
    return {
      step: step.id,
      answer: await answer,
      lacks: mayExecute(await answer) ? step.secrets.filter(name => !secrets.has(name)) : [],
      estimateMs: await lastDuration(step.id, context),
    };
  });
  return Promise.all(forecasts);
}

const mayExecute = ({ kind }: Answer): boolean =>
  kind === 'execute' || kind === 'known-later' || kind === 'asked-later';

type ForecastContext = Context & Survey;

/** For who only looks: nothing has been asked yet. */
export const lookingContext = (request: ForecastRequest): Context => ({
  ...request,
  outputs: new Map(),
  latest: openLatest(projectPart(request), request.plan),
  memory: new Map(),
  bytesNeeded: new Set(),
});

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

async function answerOf(step: PlanStep, context: ForecastContext): Promise<Answer> {
  const resolved = await resolveStep(step, context);
  if (!resolved.ok) return unjudged(step, resolved.stop, context);
  if (isSkipped(resolved.value)) return resolved.value;
  const lacking = allInputs(resolved.value.inputs).flatMap(({ origin }) =>
    origin.kind === 'output' && context.gone.get(origin.step)?.includes(origin.port)
      ? [origin.step]
      : [],
  );
  context.lacking.set(step.id, lacking);
  if (resolved.value.probe !== null) return { kind: 'asked-later', asks: 'probe' };
  return judged(step, resolved.value, context);
}

async function judged(
  step: PlanStep,
  resolved: ResolvedStep,
  context: ForecastContext,
): Promise<Answer> {
  const made = await fingerprintOf(resolved, null, context);
  if (!made.ok) return unjudged(step, made.stop, context);
  let isAsked = false;
  const judgement = await judge({
    step,
    fingerprint: made.value.fingerprint,
    context,
    check: async () => {
      isAsked = true;
      return undefined;
    },
  });
  if (isAsked) return { kind: 'asked-later', asks: 'check' };
  return answerFrom(step, judgement, context);
}

async function answerFrom(
  step: PlanStep,
  { key, fingerprint, verdict }: Judgement,
  context: ForecastContext,
): Promise<Answer> {
  const outputs = verdict.kind === 'execute' ? {} : verdict.trace.outputs;
  const known = { key, fingerprint, inTheWay: await inTheWay(step, outputs, context) };
  if (verdict.kind === 'execute') return { kind: 'execute', ...known, because: verdict.because };
  const { trace } = verdict;
  context.outputs.set(step.id, trace.outputs);
  const gone = await missingPorts(Object.keys(step.outputs), trace, context);
  context.gone.set(step.id, gone);
  return { kind: verdict.kind, ...known, made: trace.made, gone };
}

function unjudged(step: PlanStep, stop: Stop, { lacking }: ForecastContext): Answer {
  switch (stop.kind) {
    case 'damaged':
      lacking.set(step.id, stop.producers);
      return { kind: 'known-later', waitsFor: stop.producers };
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
  // Counted on: taking the first of a hundred thousand off moves all others.
  let next = 0;
  return async work => {
    if (running >= limit) await new Promise<void>(resolve => waiting.push(resolve));
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
      waiting[next++]?.();
    }
  };
}

/**
 * A recorded run as a report needs it: when each step executed, what it measured, how it ended.
 * Pure; unaware of markup.
 */
import type { Outcome, Reason, RunEvent, Stamped, Usage } from '../../schema/event.ts';
import type { CacheKey, StepId } from '../../schema/id.ts';
import type { Artifact } from '../../schema/trace.ts';
import { highest, usageOf } from '../usage.ts';
import { describeHint } from '../words.ts';

type Started = Extract<RunEvent, { type: 'run-started' }>;

export type RunRecord = {
  /** Undefined for a stream without a beginning. */
  readonly start: Started | undefined;
  /** Undefined: it still runs, or was killed. */
  readonly result: 'succeeded' | 'failed' | 'cancelled' | undefined;
  readonly durationMs: number;
  /** In the order of the plan: each after what it needs. */
  readonly steps: readonly StepRecord[];
  readonly warnings: readonly string[];
};

export type StepRecord = {
  readonly id: StepId;
  /** Milliseconds of the run; the last one is open while it executes. */
  readonly attempts: readonly { readonly from: number; readonly to: number }[];
  readonly because: Reason | null;
  readonly outcome: Outcome | undefined;
  readonly key: CacheKey | null;
  readonly outputs: Readonly<Record<string, Artifact>>;
  readonly log: string | null;
  readonly metrics: Readonly<Record<string, readonly Point[]>>;
  /** The most that its last attempt used; undefined where it was not sampled. */
  readonly peak: Usage | undefined;
};

/** `index`: of what the step counts, epochs or batches. `at`: milliseconds of its run. */
export type Point = { readonly index: number | null; readonly at: number; readonly value: number };

const NOTHING: Omit<StepRecord, 'id'> = {
  attempts: [],
  because: null,
  outcome: undefined,
  key: null,
  outputs: {},
  log: null,
  metrics: {},
  peak: undefined,
};

export function recordOf(events: Iterable<Stamped<RunEvent>>): RunRecord {
  const steps = new Map<StepId, StepRecord>();
  const warnings: string[] = [];
  let start: Started | undefined;
  let result: RunRecord['result'];
  let durationMs = 0;
  for (const event of events) {
    if (event.type !== 'run-finished') durationMs = event.at;
    switch (event.type) {
      case 'run-started':
        start = event;
        for (const { id } of event.steps) steps.set(id, { id, ...NOTHING });
        break;
      case 'run-finished':
        ({ result, durationMs } = event);
        break;
      case 'warning':
        warnings.push(event.step === null ? event.message : `${event.step}: ${event.message}`);
        break;
      case 'step-hint':
        warnings.push(`${event.step}: ${describeHint(event.hint)}`);
        break;
      default: {
        const step = steps.get(event.step) ?? { id: event.step, ...NOTHING };
        steps.set(event.step, follow(step, event));
      }
    }
  }
  const closed = [...steps.values()].map(step => close(step, durationMs));
  return { start, result, durationMs, steps: closed, warnings };
}

type StepEvent = Exclude<
  Extract<Stamped<RunEvent>, { readonly type: `step-${string}` }>,
  { readonly type: 'step-hint' }
>;

function follow(step: StepRecord, event: StepEvent): StepRecord {
  switch (event.type) {
    case 'step-judged':
      return { ...step, because: event.because, key: event.key };
    case 'step-started':
      return {
        ...step,
        peak: undefined,
        attempts: [...step.attempts, { from: event.at, to: OPEN }],
      };
    case 'step-usage':
      return { ...step, peak: highest(step.peak, usageOf(event)) };
    case 'step-metric':
      return { ...step, metrics: extended(step.metrics, event) };
    case 'step-retried':
      return close(step, event.at);
    case 'step-reopened':
      return { ...NOTHING, id: step.id, attempts: close(step, event.at).attempts };
    case 'step-finished': {
      const { outcome, key, outputs, log } = event;
      return { ...close(step, event.at), outcome, key: key ?? step.key, outputs, log };
    }
    default:
      return step; // What it printed and how far it was is in its log.
  }
}

const OPEN = Number.POSITIVE_INFINITY;

const close = (step: StepRecord, at: number): StepRecord => ({
  ...step,
  attempts: step.attempts.map(({ from, to }) => ({ from, to: to === OPEN ? at : to })),
});

/** The metrics of some steps alone: what a hit's own run had measured. */
export function metricsOf(
  events: Iterable<Stamped<RunEvent>>,
  step: StepId,
): StepRecord['metrics'] {
  let metrics: StepRecord['metrics'] = {};
  for (const event of events) {
    if (event.type === 'step-metric' && event.step === step) metrics = extended(metrics, event);
  }
  return metrics;
}

function extended(
  metrics: StepRecord['metrics'],
  { values, index, at }: Extract<Stamped<RunEvent>, { type: 'step-metric' }>,
): StepRecord['metrics'] {
  const points = Object.entries(values).map(
    ([name, value]) => [name, [...(metrics[name] ?? []), { index, at, value }]] as const,
  );
  return { ...metrics, ...Object.fromEntries(points) };
}

/**
 * A run as its readers see it: every event reduced into one immutable snapshot. Pure; unaware of
 * terminals, clocks and wording. Cost per event is independent of the number of waiting steps.
 */
import { assertNever } from '../schema/assert-never.ts';
import type { Failure, Outcome, Reason, RunEvent, Stamped } from '../schema/event.ts';
import type { RunId, StepId } from '../schema/id.ts';

export type RunState = {
  readonly run: RunId | undefined;
  readonly pipeline: string;
  readonly executor: string;
  readonly total: number;
  readonly running: ReadonlyMap<StepId, RunningStep>;
  /** In order of completion and append-only: a screen may print by index. */
  readonly finished: readonly FinishedStep[];
  readonly result: 'succeeded' | 'failed' | 'cancelled' | undefined;
  readonly durationMs: number;
};

export type RunningStep = {
  /** Undefined while the rebuilder has judged it and it waits for resources. */
  readonly since: number | undefined;
  readonly because: Reason | null;
  readonly attempt: number;
  readonly progress: number | undefined;
  readonly message: string | undefined;
  readonly metrics: Readonly<Record<string, number>>;
  readonly estimateMs: number | null;
  /** The last lines it printed, complete ones only; `partial` is what has no line end yet. */
  readonly tail: readonly string[];
  readonly partial: string;
};

export type FinishedStep = {
  readonly step: StepId;
  readonly outcome: Outcome;
  readonly durationMs: number;
  readonly because: Reason | null;
  readonly metrics: Readonly<Record<string, number>>;
  readonly tail: readonly string[];
  readonly log: string | null;
  readonly attempts: number;
};

/** How much of a step's output a failure shows. The whole is in its log. */
const TAIL_LINES = 20;

export const initial: RunState = {
  run: undefined,
  pipeline: '',
  executor: '',
  total: 0,
  running: new Map(),
  finished: [],
  result: undefined,
  durationMs: 0,
};

const idle: RunningStep = {
  since: undefined,
  because: null,
  attempt: 0,
  progress: undefined,
  message: undefined,
  metrics: {},
  estimateMs: null,
  tail: [],
  partial: '',
};

export function reduce(state: RunState, event: Stamped<RunEvent>): RunState {
  switch (event.type) {
    case 'run-started': {
      const { run, pipeline, executor } = event;
      return { ...initial, run, pipeline, executor, total: event.steps.length };
    }
    case 'step-judged':
      // A hit is finished at once by its own event; only what executes is worth an entry.
      return event.verdict === 'execute'
        ? update(state, event.step, { because: event.because })
        : state;
    case 'step-started': {
      const { at, attempt, estimateMs } = event;
      return update(state, event.step, { since: at, attempt, estimateMs, tail: [], partial: '' });
    }
    case 'step-output':
      return update(state, event.step, appended(state.running.get(event.step) ?? idle, event.text));
    case 'step-progress':
      return update(state, event.step, {
        progress: event.progress,
        message: event.message ?? undefined,
      });
    case 'step-metric': {
      const { metrics } = state.running.get(event.step) ?? idle;
      return update(state, event.step, { metrics: { ...metrics, ...event.values } });
    }
    case 'step-finished':
      return finish(state, event);
    case 'run-finished':
      return { ...state, result: event.result, durationMs: event.durationMs };
    case 'step-retried':
    case 'warning':
      return state;
    default:
      return assertNever(event);
  }
}

function update(state: RunState, step: StepId, change: Partial<RunningStep>): RunState {
  const now = { ...(state.running.get(step) ?? idle), ...change };
  return { ...state, running: new Map(state.running).set(step, now) };
}

function finish(state: RunState, event: Extract<RunEvent, { type: 'step-finished' }>): RunState {
  const { step, outcome, durationMs, log } = event;
  const was = state.running.get(step) ?? idle;
  const running = new Map(state.running);
  running.delete(step);
  const { because, metrics, attempt } = was;
  const tail = was.partial === '' ? was.tail : [...was.tail, was.partial];
  const entry = { step, outcome, durationMs, because, metrics, tail, log, attempts: attempt };
  return { ...state, running, finished: [...state.finished, entry] };
}

/** A progress bar redraws its line with `\r`: only its last state is kept. */
function appended({ tail, partial }: RunningStep, text: string): Partial<RunningStep> {
  const lines = (partial + text).split('\n').map(line => line.slice(lastDrawn(line)));
  const open = lines.pop() ?? '';
  return { tail: [...tail, ...lines].slice(-TAIL_LINES), partial: open };
}

const lastDrawn = (line: string): number => line.replace(/\r+$/, '').lastIndexOf('\r') + 1;

export type Counts = Readonly<Record<Outcome['kind'], number>>;

export function countOutcomes(finished: readonly FinishedStep[]): Counts {
  const counts = {
    succeeded: 0,
    'up-to-date': 0,
    restored: 0,
    failed: 0,
    cancelled: 0,
    skipped: 0,
  };
  for (const { outcome } of finished) counts[outcome.kind]++;
  return counts;
}

export const failureOf = (outcome: Outcome): Failure | undefined =>
  outcome.kind === 'failed' ? outcome.failure : undefined;

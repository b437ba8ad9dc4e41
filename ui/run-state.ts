/**
 * A run as its readers see it: every event reduced into one immutable snapshot. Pure; unaware of
 * terminals, clocks and wording. Cost per event is independent of the number of waiting steps.
 */
import { assertNever } from '../schema/assert-never.ts';
import type {
  Hint,
  Outcome,
  Reason,
  RunEvent,
  Stamped,
  Usage,
  WarningCode,
} from '../schema/event.ts';
import type { RunId, StepId } from '../schema/id.ts';
import { GrowingList } from './growing-list.ts';
import { highest, usageOf } from './usage.ts';

export type RunState = {
  readonly run: RunId | undefined;
  readonly pipeline: string;
  readonly executor: string;
  /** About this share of each dataset; undefined for all of it. */
  readonly sample: number | undefined;
  /** ISO 8601, UTC: when the stream's clock began. */
  readonly startedAt: string;
  readonly total: number;
  /** In an order in which each comes after what it needs. */
  readonly steps: readonly StepShape[];
  readonly running: ReadonlyMap<StepId, RunningStep>;
  /** In order of completion, each once: one that is taken up again leaves until it ends anew. */
  readonly finished: GrowingList<FinishedStep>;
  readonly result: 'succeeded' | 'failed' | 'cancelled' | undefined;
  readonly durationMs: number;
};

export type StepShape = { readonly id: StepId; readonly needs: readonly StepId[] };

export type RunningStep = {
  /** Undefined while the rebuilder has judged it and it waits for resources. */
  readonly since: number | undefined;
  /** Another run executes it: this one waits for what that makes of it. */
  readonly isElsewhere: boolean;
  readonly because: Reason | null;
  readonly attempt: number;
  readonly progress: number | undefined;
  readonly message: string | undefined;
  readonly metrics: Readonly<Record<string, number>>;
  /** Each metric over the time of the step, thinned out where it is long. */
  readonly series: Readonly<Record<string, readonly number[]>>;
  readonly estimateMs: number | null;
  /** The latest sample of its attempt; undefined until there is one. */
  readonly usage: Usage | undefined;
  /** The most of each figure that any sample of its attempt had. */
  readonly peak: Usage | undefined;
  readonly hints: readonly Hint[];
  /** The last lines it printed, complete ones only; `partial` is what has no line end yet. */
  readonly tail: readonly string[];
  readonly partial: string;
  /** When it last printed; undefined when it never did. */
  readonly spokeAt: number | undefined;
  /** It printed more than the stream carries: what it prints now is in its log only. */
  readonly isTruncated: boolean;
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
  readonly peak: Usage | undefined;
  readonly hints: readonly Hint[];
};

/** How much of a step's output a failure shows. The whole is in its log. */
const TAIL_LINES = 20;
/** Points kept of one metric, and metrics kept of one step: more than a row has columns for. */
const SERIES_POINTS = 128;
const SERIES_NAMES = 24;

export const initial: RunState = {
  run: undefined,
  pipeline: '',
  executor: '',
  sample: undefined,
  startedAt: '',
  total: 0,
  steps: [],
  running: new Map(),
  finished: GrowingList.of<FinishedStep>([]),
  result: undefined,
  durationMs: 0,
};

const idle: RunningStep = {
  since: undefined,
  isElsewhere: false,
  because: null,
  attempt: 0,
  progress: undefined,
  message: undefined,
  metrics: {},
  series: {},
  estimateMs: null,
  usage: undefined,
  peak: undefined,
  hints: [],
  tail: [],
  partial: '',
  spokeAt: undefined,
  isTruncated: false,
};

export function reduce(state: RunState, event: Stamped<RunEvent>): RunState {
  switch (event.type) {
    case 'run-started': {
      const { run, pipeline, executor, sample, startedAt, steps } = event;
      const total = steps.length;
      return { ...initial, run, pipeline, executor, sample, startedAt, steps, total };
    }
    case 'step-judged':
      // A hit is finished at once by its own event; only what executes is worth an entry.
      return event.verdict === 'execute'
        ? update(state, event.step, { because: event.because })
        : state;
    case 'step-started': {
      const { at, attempt, estimateMs } = event;
      const { because, hints } = state.running.get(event.step) ?? idle;
      return update(state, event.step, { ...idle, because, hints, since: at, attempt, estimateMs });
    }
    case 'step-output': {
      const tail = appended(state.running.get(event.step) ?? idle, event.text);
      return update(state, event.step, { ...tail, spokeAt: event.at });
    }
    case 'step-progress':
      return update(state, event.step, {
        progress: event.progress,
        message: event.message ?? undefined,
      });
    case 'step-metric': {
      const { metrics, series } = state.running.get(event.step) ?? idle;
      return update(state, event.step, {
        metrics: { ...metrics, ...event.values },
        series: extended(series, event.values),
      });
    }
    case 'step-usage': {
      const usage = usageOf(event);
      const { peak } = state.running.get(event.step) ?? idle;
      return update(state, event.step, { usage, peak: highest(peak, usage) });
    }
    case 'step-hint': {
      const { hints } = state.running.get(event.step) ?? idle;
      return update(state, event.step, { hints: [...hints, event.hint] });
    }
    case 'step-finished':
      return finish(state, event);
    case 'step-reopened':
      return reopen(state, event.step);
    case 'run-finished':
      return { ...state, result: event.result, durationMs: event.durationMs };
    case 'warning':
      return event.step === null ? state : warn(state, event.step, event.code);
    case 'step-retried':
      // Until its next attempt begins it waits, as for resources.
      return update(state, event.step, { since: undefined, progress: undefined });
    default:
      return assertNever(event);
  }
}

function update(state: RunState, step: StepId, change: Partial<RunningStep>): RunState {
  const now = { ...(state.running.get(step) ?? idle), ...change };
  return { ...state, running: new Map(state.running).set(step, now) };
}

function warn(state: RunState, step: StepId, code: WarningCode): RunState {
  if (code === 'output-truncated') return update(state, step, { isTruncated: true });
  return code === 'waits-for-run' ? update(state, step, { isElsewhere: true }) : state;
}

function finish(state: RunState, event: Extract<RunEvent, { type: 'step-finished' }>): RunState {
  const { step, outcome, durationMs, log } = event;
  const was = state.running.get(step) ?? idle;
  const running = without(state.running, step);
  const { because, metrics, attempt: attempts, peak, hints } = was;
  const tail = was.partial === '' ? was.tail : [...was.tail, was.partial];
  const entry = { step, outcome, durationMs, because, metrics, tail, log, attempts, peak, hints };
  return { ...state, running, finished: state.finished.with(entry) };
}

function reopen(state: RunState, step: StepId): RunState {
  const finished = GrowingList.of(state.finished.filter(entry => entry.step !== step));
  return { ...state, running: without(state.running, step), finished };
}

function without(running: RunState['running'], step: StepId): RunState['running'] {
  if (!running.has(step)) return running;
  const others = new Map(running);
  others.delete(step);
  return others;
}

function extended(
  series: RunningStep['series'],
  values: Readonly<Record<string, number>>,
): RunningStep['series'] {
  const longer: Record<string, readonly number[]> = { ...series };
  for (const [name, value] of Object.entries(values)) {
    const known = longer[name];
    if (known === undefined && Object.keys(longer).length >= SERIES_NAMES) continue;
    const points = [...(known ?? []), value];
    longer[name] =
      points.length <= SERIES_POINTS ? points : points.filter((_, index) => index % 2 === 1);
  }
  return longer;
}

/** A progress bar redraws its line with `\r`: only its last state is kept. */
function appended({ tail, partial }: RunningStep, text: string): Partial<RunningStep> {
  const lines = (partial + text).split('\n').map(line => line.slice(lastDrawn(line)));
  const open = lines.pop() ?? '';
  return { tail: [...tail, ...lines].slice(-TAIL_LINES), partial: open };
}

const lastDrawn = (line: string): number => line.replace(/\r+$/, '').lastIndexOf('\r') + 1;

export type Counts = Readonly<Record<Outcome['kind'], number>>;

export function countOutcomes(finished: Iterable<FinishedStep>): Counts {
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

/**
 * The RunEvent stream: what happened, in one order, from one emitter. Everything that shows or
 * remembers a run reads it; `runs/<id>/events.jsonl` is this stream. Events name things by id, are
 * never mutated and carry no text that a reader could compute. A field may be added, never renamed.
 */
import type { Json } from './canonical-json.ts';
import type { Expression } from './expression.ts';
import type { Change } from './fingerprint.ts';
import type { CacheKey, RunId, StepId } from './id.ts';
import type { Artifact } from './trace.ts';

export const EVENT_FORMAT = 1;

export type RunEvent =
  | {
      readonly type: 'run-started';
      readonly format: typeof EVENT_FORMAT;
      readonly run: RunId;
      readonly pipeline: string;
      /** ISO 8601, UTC: `at` counts from here. */
      readonly startedAt: string;
      readonly executor: string;
      readonly params: Readonly<Record<string, Json>>;
      /** Which of them somebody asked for: not left at what the pipeline itself says. */
      readonly given?: readonly string[];
      /** The run is on about this share of each dataset; absent for all of it. */
      readonly sample?: number;
      readonly steps: readonly { readonly id: StepId; readonly needs: readonly StepId[] }[];
    }
  /** The rebuilder has decided; `because` says why a step executes. */
  | {
      readonly type: 'step-judged';
      readonly step: StepId;
      readonly key: CacheKey;
      readonly verdict: VerdictKind;
      readonly because: Reason | null;
    }
  | {
      readonly type: 'step-started';
      readonly step: StepId;
      readonly attempt: number;
      readonly executor: string;
      readonly cpus: number;
      readonly pid: number | null;
      /** From earlier runs of the step; null when there is none. */
      readonly estimateMs: number | null;
    }
  | {
      readonly type: 'step-output';
      readonly step: StepId;
      readonly stream: 'stdout' | 'stderr';
      readonly text: string;
    }
  | {
      readonly type: 'step-progress';
      readonly step: StepId;
      readonly progress: number;
      readonly message: string | null;
    }
  | {
      readonly type: 'step-metric';
      readonly step: StepId;
      readonly values: Readonly<Record<string, number>>;
      readonly index: number | null;
    }
  /** What its processes use of the machine; told only when it says something new. */
  | ({ readonly type: 'step-usage'; readonly step: StepId } & Usage)
  /** What its author may want to change; each kind once per step and run. */
  | { readonly type: 'step-hint'; readonly step: StepId; readonly hint: Hint }
  | {
      readonly type: 'step-retried';
      readonly step: StepId;
      readonly attempt: number;
      readonly failure: Failure;
      readonly waitMs: number;
    }
  | {
      readonly type: 'step-finished';
      readonly step: StepId;
      readonly outcome: Outcome;
      readonly key: CacheKey | null;
      readonly durationMs: number;
      readonly outputs: Readonly<Record<string, Artifact>>;
      /** Project-relative path of the log; null when nothing was executed. */
      readonly log: string | null;
    }
  /** It had ended, or its attempt was ended for this, and it is judged once more. */
  | { readonly type: 'step-reopened'; readonly step: StepId; readonly because: Reopening }
  /** Something a user should know that ends nothing: a quarantined blob, a moved input. */
  | {
      readonly type: 'warning';
      readonly step: StepId | null;
      readonly code: WarningCode;
      readonly message: string;
    }
  | {
      readonly type: 'run-finished';
      readonly result: 'succeeded' | 'failed' | 'cancelled';
      readonly durationMs: number;
      readonly counts: Readonly<Record<Outcome['kind'], number>>;
    };

/** As emitted: `seq` has no gaps, `at` is milliseconds since the run started. */
export type Stamped<E = RunEvent> = E & { readonly seq: number; readonly at: number };

/** Of one attempt, as sampled while it runs. */
export type Usage = {
  /** Processor time per time since the last sample: 1 is one core that is never idle. */
  readonly cpuCores: number;
  /** Processor time since the attempt began. */
  readonly cpuMs: number;
  /** In memory now, without what the kernel could drop at once. */
  readonly memoryBytes: number;
  /** The most that any sample has seen so far. */
  readonly memoryPeakBytes: number;
  /** More than this ends it; null where nothing does. */
  readonly memoryLimitBytes: number | null;
  /** Of the devices that are leased to it alone. */
  readonly gpus: readonly GpuUsage[];
};

/** Null for what the device does not tell. */
export type GpuUsage = {
  readonly index: number;
  readonly uuid: string;
  /** From 0 to 1: the share of the time in which it computed anything. */
  readonly utilization: number | null;
  readonly memoryUsedBytes: number | null;
  readonly memoryTotalBytes: number | null;
  readonly celsius: number | null;
};

/** `gpu`: the device's index. */
export type Hint =
  /** It has waited for its step for most of `forMs`; `utilization` is the mean of that time. */
  | {
      readonly kind: 'gpu-starved';
      readonly gpu: number;
      readonly utilization: number;
      readonly forMs: number;
    }
  | {
      readonly kind: 'gpu-memory-full';
      readonly gpu: number;
      readonly usedBytes: number;
      readonly totalBytes: number;
    }
  | { readonly kind: 'gpu-hot'; readonly gpu: number; readonly celsius: number }
  /** Its own memory, near the limit that would end it. */
  | { readonly kind: 'memory-full'; readonly usedBytes: number; readonly limitBytes: number };

export type Reopening =
  /** By a person: it executes, whatever is known of it. */
  | 'asked'
  /** It was not reached because of a step that is taken up again. */
  | 'need-reopened'
  /** What it took is not what its need gives now. */
  | 'need-changed'
  /** Somebody needs bytes that it made and that are not in the store any more. */
  | 'bytes-gone';

export type VerdictKind = 'up-to-date' | 'restore' | 'execute';

/** Why a step executes. */
export type Reason =
  | { readonly kind: 'never-run' }
  | { readonly kind: 'changed'; readonly changes: readonly Change[] }
  /** The trace is there, what it names is not: `paths` are ports. */
  | { readonly kind: 'outputs-damaged'; readonly paths: readonly string[] }
  | { readonly kind: 'forced' }
  | { readonly kind: 'not-cached' }
  /** An effect whose check says that the world has drifted. */
  | { readonly kind: 'drifted'; readonly detail: string };

export type Outcome =
  /** Executed, and what it made is published. */
  | { readonly kind: 'succeeded' }
  /** Not executed: a verified trace has its key. `madeBy` is the run that made it. */
  | { readonly kind: 'up-to-date' | 'restored'; readonly madeBy: RunId }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'cancelled' }
  /** Its condition is false, it is an effect behind a slice, or a step it needs has no output to give. */
  | {
      readonly kind: 'skipped';
      readonly because:
        | 'condition'
        | 'sample'
        | 'need-skipped'
        | 'need-failed'
        /** Somebody has cancelled it alone. */
        | 'need-cancelled'
        /** The run was stopped. */
        | 'not-reached';
      readonly need: StepId | null;
      /** Where results made its own condition false. */
      readonly condition?: FalseCondition;
    };

/** The part of a condition that decides, and what it read there: `eval.metrics.accuracy` → 0.97. */
export type FalseCondition = {
  readonly expression: Expression;
  readonly values: Readonly<Record<string, Json>>;
};

/** semantics.md §6. Each class has its own words (ui/), retry default and exit code. */
export type Failure =
  | { readonly class: 'exit'; readonly code: number; readonly hint: string | null }
  | { readonly class: 'killed'; readonly signal: string }
  | { readonly class: 'timed-out'; readonly timeoutMs: number }
  | ({ readonly class: 'out-of-memory' } & MemoryAtEnd)
  /** It wrote more than its resources say, to its working directory and to what outlives that. */
  | { readonly class: 'out-of-disk'; readonly usedBytes: number; readonly limitBytes: number }
  | { readonly class: 'not-started'; readonly message: string }
  | { readonly class: 'lost'; readonly message: string }
  /** Exit 0, but what it declared is not there or not of its type. */
  /** `hint`: where the outputs were written and what is in them is not as declared. */
  | { readonly class: 'bad-output'; readonly message: string; readonly hint?: string }
  /**
   * An input moved: while it ran, then its result is not published but kept aside, in that folder of
   * the project; or while it was read, and nothing ran.
   */
  | { readonly class: 'unstable-input'; readonly paths: readonly string[]; readonly kept?: string }
  /** An expression that needs a result met something that is not there. */
  | { readonly class: 'bad-expression'; readonly message: string }
  /** The world under the runner: a full disk, a store that cannot be written. */
  | { readonly class: 'environment'; readonly message: string };

export type MemoryAtEnd = {
  /** The most that any sample saw; absent where it ended before the first. */
  readonly usedBytes?: number;
  /** What its resources say; absent where they say nothing. */
  readonly limitBytes?: number;
};

export type WarningCode =
  | 'corrupt-blob'
  | 'unstable-input'
  | 'nondeterministic'
  | 'replaced-file'
  | 'step-warning'
  | 'ignored-report'
  | 'recorder-failed'
  | 'orphans-ended'
  | 'work-left'
  | 'adopted'
  | 'output-truncated'
  | 'usage-unknown'
  | 'waits-for-run'
  | 'missing-secret';

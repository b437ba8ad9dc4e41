/** What the end of an attempt means: for the step's outcome, and for another try. All judgement about it is here. */
import { assertNever } from '../schema/assert-never.ts';
import type { Failure, MemoryAtEnd } from '../schema/event.ts';
import type { Policy, Resources, Retries, RetryCause } from '../schema/plan.ts';
import type { Termination } from './executors/executor.ts';

export type Circumstances = {
  readonly timeoutMs: number | null;
  readonly diskBytes: number | null;
  /** What its memory was, where anybody looked. */
  readonly memory?: MemoryAtEnd;
  readonly hint?: string | null;
};

/** Undefined when it ended well. An abort is not a failure: the caller asks for it before. */
export function failureOf(
  termination: Termination,
  { timeoutMs, diskBytes, memory, hint = null }: Circumstances,
): Failure | undefined {
  switch (termination.kind) {
    case 'exited':
      return termination.code === 0 ? undefined : { class: 'exit', code: termination.code, hint };
    case 'killed':
      return { class: 'killed', signal: termination.signal };
    case 'timed-out':
      return { class: 'timed-out', timeoutMs: timeoutMs ?? 0 };
    case 'out-of-memory':
      return { class: 'out-of-memory', ...memory };
    case 'out-of-disk':
      return { class: 'out-of-disk', usedBytes: termination.usedBytes, limitBytes: diskBytes ?? 0 };
    case 'not-started':
      return { class: 'not-started', message: termination.message };
    case 'input-replaced':
      return { class: 'unstable-input', paths: [termination.path] };
    case 'lost':
      return { class: 'lost', message: termination.message };
    case 'cancelled':
      throw new Error('bug: an abort is not a failure');
    default:
      return assertNever(termination);
  }
}

/** How long to wait before attempt `attempt + 1`; undefined when there is to be none. */
export function retryAfter(
  failure: Failure,
  attempt: number,
  retries: Retries,
): number | undefined {
  const cause = retryCause(failure);
  if (attempt > retries.max || cause === undefined || !retries.on.includes(cause)) return undefined;
  return Math.min(retries.backoffMs * 2 ** (attempt - 1), LONGEST_BACKOFF_MS);
}

const LONGEST_BACKOFF_MS = 15 * 60_000;

/** What the next attempt is given. */
export function resourcesAfter(
  failure: Failure,
  { resources, retries }: Pick<Policy, 'resources' | 'retries'>,
): Resources {
  const { memoryBytes } = resources;
  if (failure.class !== 'out-of-memory' || memoryBytes === null) return resources;
  return { ...resources, memoryBytes: Math.ceil(memoryBytes * (retries.memoryFactor ?? 1)) };
}

/** Only what another try may change. */
function retryCause(failure: Failure): RetryCause | undefined {
  switch (failure.class) {
    case 'exit':
    case 'killed':
      return 'exit';
    case 'timed-out':
      return 'timeout';
    case 'out-of-memory':
      return 'oom';
    case 'lost':
      return 'lost';
    default:
      return undefined;
  }
}

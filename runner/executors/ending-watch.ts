/**
 * Watches for what ends an attempt before its time: an abort, a timeout, a user who insists. First
 * it may tidy up, then it is killed. Unaware of what runs and of how it is told.
 */
import type { Attempt } from './executor.ts';

/** Longer than this setTimeout cannot count; a step of 24 days has no use for a timeout. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export type EndingWatch = {
  readonly isAborted: () => boolean;
  readonly timedOut: () => boolean;
  readonly stop: () => void;
};

/** What was aborted before is told at once: whoever aborted it then has reached nobody. */
export function watchForEnding(work: {
  readonly attempt: Pick<Attempt, 'timeoutMs' | 'kill'>;
  readonly signal: AbortSignal;
  readonly graceMs: number;
  /** Asks it to end. */
  readonly terminate: () => void;
  readonly kill: () => void;
}): EndingWatch {
  const { signal, graceMs, kill } = work;
  const { timeoutMs, kill: insisted } = work.attempt;
  let timedOut = false;
  let killTimer: NodeJS.Timeout | undefined;
  const terminate = () => {
    work.terminate();
    killTimer ??= setTimeout(kill, graceMs);
  };
  const timer =
    timeoutMs === null || timeoutMs > LONGEST_TIMER_MS
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          terminate();
        }, timeoutMs);
  signal.addEventListener('abort', terminate);
  insisted?.addEventListener('abort', kill);
  if (signal.aborted) terminate();
  if (insisted?.aborted) kill();
  return {
    isAborted: () => signal.aborted || insisted?.aborted === true,
    timedOut: () => timedOut,
    stop: () => {
      clearTimeout(timer);
      clearTimeout(killTimer);
      signal.removeEventListener('abort', terminate);
      insisted?.removeEventListener('abort', kill);
    },
  };
}

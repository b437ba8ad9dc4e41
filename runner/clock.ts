/** Time, as an argument: everything in the runner that waits or says when asks this. */
import { setTimeout as delay } from 'node:timers/promises';

export type Clock = {
  /** Milliseconds since 1970: for people. */
  readonly now: () => number;
  /** Milliseconds from anywhere, never backwards: for durations. */
  readonly elapsed: () => number;
  /** Settles after the time, or as soon as the signal aborts. */
  readonly sleep: (timeMs: number, signal: AbortSignal) => Promise<void>;
};

export const systemClock: Clock = {
  now: Date.now,
  elapsed: () => performance.now(),
  sleep: (timeMs, signal) => delay(timeMs, undefined, { signal }).catch(() => undefined),
};

/**
 * The two-press rule: the first Ctrl-C (or TERM) lets running steps end gracefully, the second
 * kills them. Signals reach only us, because every attempt leads a process group of its own.
 */

export type Interruption = {
  /** First press: nothing new starts, running steps are asked to end. */
  readonly stop: AbortSignal;
  /** Second press: running steps are killed. */
  readonly kill: AbortSignal;
  /** Puts the default behaviour back. */
  readonly release: () => void;
};

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function listenForInterrupts(announce: (press: 1 | 2) => void): Interruption {
  const stop = new AbortController();
  const kill = new AbortController();
  const onSignal = () => {
    if (kill.signal.aborted) return;
    const second = stop.signal.aborted;
    announce(second ? 2 : 1);
    (second ? kill : stop).abort();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    stop: stop.signal,
    kill: kill.signal,
    release: () => {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}

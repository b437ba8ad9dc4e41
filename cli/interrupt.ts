/**
 * The two-press rule: the first Ctrl-C (or TERM) lets running steps end gracefully, the second
 * kills them. Signals reach only us, because every attempt leads a process group of its own.
 */

export type Interruption = {
  /** First press: nothing new starts, running steps are asked to end. */
  readonly stop: AbortSignal;
  /** Second press: running steps are killed. */
  readonly kill: AbortSignal;
  /** A press that arrives as a key: a terminal in raw mode sends no signal. */
  readonly press: () => void;
  /** Puts the default behaviour back. */
  readonly release: () => void;
};

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function listenForInterrupts(announce: (press: 1 | 2) => void): Interruption {
  const stop = new AbortController();
  const kill = new AbortController();
  const press = () => {
    if (kill.signal.aborted) return;
    const second = stop.signal.aborted;
    announce(second ? 2 : 1);
    (second ? kill : stop).abort();
  };
  for (const signal of SIGNALS) process.on(signal, press);
  return {
    stop: stop.signal,
    kill: kill.signal,
    press,
    release: () => {
      for (const signal of SIGNALS) process.off(signal, press);
    },
  };
}

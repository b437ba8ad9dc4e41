/**
 * The two-press rule: the first Ctrl-C (or TERM) lets running steps end gracefully, the second
 * kills them. Signals reach only us, because every attempt leads a process group of its own. Output
 * that nobody takes is a first press as well.
 */
import { onLostOutput } from './lost-output.ts';

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

/** `lost`: nobody pressed anything, and nobody is there to be told. */
export type Press = 1 | 2 | 'lost';

export function listenForInterrupts(announce: (press: Press) => void): Interruption {
  const stop = new AbortController();
  const kill = new AbortController();
  const press = () => {
    if (kill.signal.aborted) return;
    const second = stop.signal.aborted;
    announce(second ? 2 : 1);
    (second ? kill : stop).abort();
  };
  for (const signal of SIGNALS) process.on(signal, press);
  const forgetOutput = onLostOutput(() => {
    if (stop.signal.aborted) return;
    announce('lost');
    stop.abort();
  });
  return {
    stop: stop.signal,
    kill: kill.signal,
    press,
    release: () => {
      for (const signal of SIGNALS) process.off(signal, press);
      forgetOutput();
    },
  };
}

/**
 * An executor that does nothing until a test tells it to: each attempt waits, visible, and the test
 * writes its outputs and ends it. No process, no time.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Attempt, Executor, Termination } from '../executors/executor.ts';

export type HeldStep = {
  readonly step: string;
  readonly attempt: Attempt;
  /** Writes below the working directory. */
  readonly write: (path: string, content: string) => void;
  readonly print: (text: string, stream?: 'stdout' | 'stderr') => void;
  readonly end: (termination: Termination) => void;
  readonly exit: (code: number) => void;
};

export type HeldExecutor = Executor & {
  /** The next attempt that has started and was not yet returned; waits for one. */
  readonly next: () => Promise<HeldStep>;
  /** Started and not ended, by step. */
  readonly running: () => readonly string[];
  /** Every attempt that ever started, by step, in order. */
  readonly started: readonly string[];
};

/** `play` ends attempts by itself where it returns true; the rest is held. */
export function heldExecutor(play: (step: HeldStep) => boolean = () => false): HeldExecutor {
  const arrived: HeldStep[] = [];
  const wanted: ((step: HeldStep) => void)[] = [];
  const running = new Set<string>();
  const started: string[] = [];
  const execute = (attempt: Attempt, signal: AbortSignal): Promise<Termination> =>
    new Promise(resolve => {
      if (signal.aborted) return resolve({ kind: 'cancelled' });
      running.add(attempt.step);
      started.push(attempt.step);
      const end = (termination: Termination) => {
        running.delete(attempt.step);
        resolve(signal.aborted ? { kind: 'cancelled' } : termination);
      };
      signal.addEventListener('abort', () => end({ kind: 'cancelled' }));
      const step: HeldStep = {
        step: attempt.step,
        attempt,
        write: (path, content) => writeBelow(attempt.workdir, path, content),
        print: (text, stream = 'stdout') => attempt.onOutput(stream, Buffer.from(text)),
        end,
        exit: code => end({ kind: 'exited', code }),
      };
      if (play(step)) return;
      const taker = wanted.shift();
      if (taker === undefined) arrived.push(step);
      else taker(step);
    });
  return {
    name: 'process',
    execute,
    next: () => {
      const step = arrived.shift();
      return step === undefined
        ? new Promise(resolve => wanted.push(resolve))
        : Promise.resolve(step);
    },
    running: () => [...running].sort(),
    started,
  };
}

function writeBelow(workdir: string, path: string, content: string): void {
  mkdirSync(dirname(join(workdir, path)), { recursive: true });
  writeFileSync(join(workdir, path), content);
}

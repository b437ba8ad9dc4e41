/**
 * What to do when nobody takes what we print: a reader went away (`sluice runs | head`), or the disk
 * behind standard output is full. A command that has something to put in order first, steps that
 * run, listens here; all others end at once. Unaware of commands.
 */

type Loss = 'reader-gone' | 'not-written';

/** The world's fault, as everywhere (semantics.md §6). */
const NOT_WRITTEN = 3;

const listeners = new Set<() => void>();
let loss: Loss | undefined;

/** Calls `stop`, once, when output is lost; until the returned function is called. */
export function onLostOutput(stop: () => void): () => void {
  listeners.add(stop);
  return () => void listeners.delete(stop);
}

/**
 * What the process ends with, when it would have ended with `code`. A reader that went away changes
 * nothing: who only prints has ended well, and a run that was cut short says so to `pipefail`.
 */
export const codeAfterLoss = (code: number): number =>
  loss === 'not-written' ? NOT_WRITTEN : code;

/** Looks after the errors of both streams: without a listener each would be the end of the process. */
export function watchOutput({
  stdout,
  stderr,
  exit,
}: Pick<NodeJS.Process, 'stdout' | 'stderr' | 'exit'>): void {
  const lose = (kind: Loss) => {
    if (loss !== undefined) return;
    loss = kind;
    if (listeners.size === 0) exit(codeAfterLoss(0));
    for (const stop of listeners) stop();
  };
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The terminal is gone: the hang-up that comes with it ends what there is to end.
    if (error.code === 'EIO' && stdout.isTTY) return;
    if (error.code === 'EPIPE') return lose('reader-gone');
    if (loss === undefined) {
      stderr.write(`error: standard output cannot be written: ${reasonOf(error)}\n`);
    }
    lose('not-written');
  });
  stderr.on('error', (error: NodeJS.ErrnoException) => {
    // Of anything else there is nowhere left to tell.
    if (error.code === 'EPIPE') lose('reader-gone');
  });
}

/** `ENOSPC: no space left on device, write` → what a person would say. */
const reasonOf = ({ message }: Error): string =>
  /^[A-Z]\w+: (.*), \w+$/.exec(message)?.[1] ?? message;

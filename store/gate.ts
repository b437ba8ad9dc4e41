/**
 * Lets somebody who begins many things go on while some of them are unfinished, but no more than a
 * few: what is begun takes memory. Unaware of what is begun.
 */

export type Gate = {
  /**
   * Counts it until it has settled, and answers with a promise when it is time to wait. Whoever
   * began it must still look at how it ended.
   */
  readonly pass: (unfinished: Promise<unknown>) => Promise<void> | undefined;
};

export function gate(most: number): Gate {
  let open = 0;
  let resume: (() => void) | undefined;
  const settled = () => {
    open -= 1;
    resume?.();
    resume = undefined;
  };
  return {
    pass: unfinished => {
      open += 1;
      unfinished.then(settled, settled);
      return open <= most ? undefined : new Promise(resolve => (resume = resolve));
    },
  };
}

/** Begins only so many things at a time; the others wait for their turn, in the order they came. */
export function turns(most: number): <T>(work: () => T | Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let open = 0;
  return async work => {
    if (open >= most) await new Promise<void>(resolve => waiting.push(resolve));
    else open += 1;
    try {
      return await work();
    } finally {
      // The place is handed on, so that nobody who comes meanwhile takes it.
      const next = waiting.shift();
      if (next === undefined) open -= 1;
      else next();
    }
  };
}

/** What all came to, in order; the first that failed in that order decides, once all have ended. */
export async function inOrder<T>(work: readonly (T | Promise<T>)[]): Promise<readonly T[]> {
  // One that fails before its turn is not unheard of: its turn comes.
  for (const one of work) if (one instanceof Promise) one.catch(() => undefined);
  const results: T[] = [];
  let failure: { readonly reason: unknown } | undefined;
  for (const one of work) {
    try {
      // Most are there already, and waiting is not free.
      results.push(one instanceof Promise ? await one : one);
    } catch (reason) {
      failure ??= { reason };
    }
  }
  if (failure !== undefined) throw failure.reason;
  return results;
}

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

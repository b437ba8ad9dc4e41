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

/**
 * What many things come to, each at its place. Who holds a promise for each until the end holds
 * several times as much as what they came to.
 */
export class Gathering<T> {
  readonly #results: T[] = [];
  readonly #unfinished = new Set<Promise<void>>();
  #failure: { readonly place: number; readonly reason: unknown } | undefined;

  add(work: T | Promise<T>): void {
    if (!(work instanceof Promise)) {
      this.#results.push(work);
      return;
    }
    // The place is taken at once: what comes later must not move.
    const place = this.#results.push(undefined as T) - 1;
    const settled = work
      .then(
        result => {
          this.#results[place] = result;
        },
        reason => this.#fail(place, reason),
      )
      .finally(() => this.#unfinished.delete(settled));
    this.#unfinished.add(settled);
  }

  #fail(place: number, reason: unknown): void {
    if (this.#failure === undefined || place < this.#failure.place)
      this.#failure = { place, reason };
  }

  /** In the order in which they were added; the first that failed decides, once all have ended. */
  async all(): Promise<readonly T[]> {
    for (const one of this.#unfinished) await one;
    if (this.#failure !== undefined) throw this.#failure.reason;
    return this.#results;
  }
}

/** What all came to, in order; the first that failed in that order decides, once all have ended. */
export function inOrder<T>(work: readonly (T | Promise<T>)[]): Promise<readonly T[]> {
  const gathering = new Gathering<T>();
  for (const one of work) gathering.add(one);
  return gathering.all();
}

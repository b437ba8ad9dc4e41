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
 * Hands on what many things come to, in the order in which they were begun and as soon as that can
 * be. Who keeps a promise for each until the end keeps several times as much as what they came to.
 */
export class Sequence<T> {
  readonly #use: (result: T) => void;
  #begun = 0;
  #used = 0;
  /** By their place: what came before its turn. */
  readonly #early = new Map<number, { readonly result: T }>();
  /** So many have not ended; who waits for the last. */
  #open = 0;
  #onEnd: (() => void) | undefined;
  #failure: { readonly place: number; readonly reason: unknown } | undefined;

  constructor(use: (result: T) => void) {
    this.#use = use;
  }

  add(work: T | Promise<T>): void {
    const place = this.#begun++;
    if (!(work instanceof Promise)) {
      this.#came(place, work);
      return;
    }
    this.#open += 1;
    work.then(
      result => {
        this.#came(place, result);
        this.#ended();
      },
      reason => {
        this.#fail(place, reason);
        this.#ended();
      },
    );
  }

  #ended(): void {
    this.#open -= 1;
    if (this.#open === 0) this.#onEnd?.();
  }

  #came(place: number, result: T): void {
    if (place !== this.#used) {
      this.#early.set(place, { result });
      return;
    }
    this.#hand(result);
    for (let next = this.#early.get(this.#used); next; next = this.#early.get(this.#used)) {
      this.#early.delete(this.#used);
      this.#hand(next.result);
    }
  }

  #hand(result: T): void {
    this.#used += 1;
    this.#use(result);
  }

  #fail(place: number, reason: unknown): void {
    if (this.#failure === undefined || place < this.#failure.place)
      this.#failure = { place, reason };
  }

  /** When all have ended. Of those that failed, the first in order decides. */
  async end(): Promise<void> {
    if (this.#open > 0) await new Promise<void>(resolve => (this.#onEnd = resolve));
    if (this.#failure !== undefined) throw this.#failure.reason;
  }
}

/** What all came to, in order; the first that failed in that order decides, once all have ended. */
export async function inOrder<T>(work: readonly (T | Promise<T>)[]): Promise<readonly T[]> {
  const results: T[] = [];
  const sequence = new Sequence<T>(result => results.push(result));
  for (const one of work) sequence.add(one);
  await sequence.end();
  return results;
}

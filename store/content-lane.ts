/**
 * One thread of the store, as seen from the one that asks: what it was given, in order, and what
 * becomes of that. A thread that does not come up is unusable, and nothing was given to it. Unaware
 * of what is worth giving away.
 */
import { existsSync } from 'node:fs';
import type { Worker } from 'node:worker_threads';
import type { Digest } from '../schema/id.ts';
import { type Answer, portable, taken, type Work } from './content-work.ts';

/** A second parcel waits over there, so that nobody idles while an answer is on its way. */
export const MOST_PARCELS = 2;

type Ends = {
  readonly resolve: (index: number, digest: Digest) => void;
  readonly reject: (index: number, error: unknown) => void;
};

/** Beside this file; in the bundle it is a program of its own, beside the folder of chunks. */
function program(): URL {
  const name = import.meta.url.endsWith('.ts') ? './content-thread.ts' : '../content-thread.js';
  const url = new URL(name, import.meta.url);
  // A machine without room for threads is one thing, a package without its program another.
  if (!existsSync(url)) throw new Error(`bug: there is no ${url.pathname}`);
  return url;
}

export class ContentLane {
  readonly #onChange: () => void;
  readonly #worker: Worker;
  readonly #sent: (Ends & { readonly count: number })[] = [];
  #state: 'starting' | 'ready' | 'unusable' = 'starting';

  /** `onChange`: it has room, or will never have any. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
    // Not loaded before it is needed: every start would pay for it.
    const threads = process.getBuiltinModule('node:worker_threads');
    this.#worker = new threads.Worker(program(), { name: 'content', execArgv: [] });
    this.#worker.on('message', (said: 'ready' | readonly Answer[]) => {
      if (said === 'ready') this.#isReady();
      else this.#answered(said);
    });
    this.#worker.on('error', error => this.#broke(error));
    this.#worker.once('exit', () => this.#broke(new Error('bug: a thread of the store has ended')));
  }

  get state(): 'starting' | 'ready' | 'unusable' {
    return this.#state;
  }

  get parcels(): number {
    return this.#sent.length;
  }

  get hasRoom(): boolean {
    return this.#state === 'ready' && this.#sent.length < MOST_PARCELS;
  }

  /** `ends` hears of each piece of work by its index. */
  send(works: readonly Work[], ends: Ends): void {
    this.#sent.push({ ...ends, count: works.length });
    this.#worker.ref();
    this.#worker.postMessage(works.map(portable));
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #isReady(): void {
    this.#state = 'ready';
    // From here on only work keeps the process alive.
    this.#worker.unref();
    this.#onChange();
  }

  #answered(answers: readonly Answer[]): void {
    const parcel = this.#sent.shift();
    if (this.#sent.length === 0) this.#worker.unref();
    for (const [index, answer] of answers.entries()) {
      try {
        parcel?.resolve(index, taken(answer));
      } catch (error) {
        parcel?.reject(index, error);
      }
    }
    this.#onChange();
  }

  #broke(error: unknown): void {
    for (const parcel of this.#sent.splice(0)) {
      for (let index = 0; index < parcel.count; index += 1) parcel.reject(index, error);
    }
    this.#state = 'unusable';
    this.#onChange();
  }
}

/**
 * The connection that carries what a container, or a command in it, prints. Hands every byte on as
 * it comes and keeps the last words. Unaware of who prints.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Attempt } from '../executor.ts';
import { frameReader } from './output.ts';

/** Output may still be under way when its source has ended; silence for this long ends it. */
const SILENCE_MS = 2_000;
const LAST_WORDS_BYTES = 2_048;

export class OutputConnection {
  /** Settles when nothing more can come. */
  readonly done: Promise<void>;
  #isOpen = true;
  readonly #stream: NodeJS.ReadableStream;
  #lastByteAt = performance.now();
  #lastWords = '';

  constructor(stream: NodeJS.ReadableStream, onOutput: Attempt['onOutput']) {
    this.#stream = stream;
    const read = frameReader((name, chunk) => {
      this.#remember(chunk);
      onOutput(name, chunk);
    });
    stream.on('data', (chunk: Buffer) => {
      this.#lastByteAt = performance.now();
      read(chunk);
    });
    this.done = new Promise<void>(resolve => {
      for (const event of ['end', 'close', 'error']) stream.once(event, () => resolve());
    }).then(() => {
      this.#isOpen = false;
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The last that was printed, on either stream. */
  get lastWords(): string {
    return this.#lastWords;
  }

  /** Settles when everything has come, or, with false, when nothing has for long enough. */
  async ended(): Promise<boolean> {
    let isOver = false;
    const over = this.done.then(() => {
      isOver = true;
    });
    while (!isOver) {
      // A connection may die without a word: then nothing else keeps this process waiting.
      const stop = new AbortController();
      const pause = sleep(SILENCE_MS / 4, undefined, { signal: stop.signal }).catch(
        () => undefined,
      );
      await Promise.race([over, pause]);
      stop.abort();
      if (performance.now() - this.#lastByteAt > SILENCE_MS) break;
    }
    this.close();
    return isOver;
  }

  close(): void {
    if ('destroy' in this.#stream && typeof this.#stream.destroy === 'function') {
      this.#stream.destroy();
    }
  }

  #remember(chunk: Buffer): void {
    const tail = chunk.subarray(-LAST_WORDS_BYTES).toString('utf8');
    this.#lastWords = (this.#lastWords + tail).slice(-LAST_WORDS_BYTES);
  }
}

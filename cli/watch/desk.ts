/**
 * Who has the terminal: between rounds the watching itself, with the keyboard; during a round its
 * reader. What is said meanwhile goes through the reader, or waits.
 */
import type { Reader } from '../readers.ts';
import type { Terminal } from '../terminal.ts';
import type { Keyboard } from './keyboard.ts';

export type DeskOptions = {
  readonly terminal: Terminal;
  /** A screen draws over what others print, and reads the keys itself. */
  readonly isScreen: boolean;
  readonly keyboard: Keyboard | undefined;
};

export class Desk {
  readonly #options: DeskOptions;
  #reader: Reader | undefined;
  #waiting: string[] = [];

  constructor(options: DeskOptions) {
    this.#options = options;
    options.keyboard?.listen();
  }

  /** Hands the terminal to a round's reader until that has ended. */
  lend(reader: Reader): Reader {
    this.#options.keyboard?.release();
    this.#reader = reader;
    return {
      ...reader,
      end: async () => {
        await reader.end();
        if (this.#reader === reader) this.#takeBack();
      },
    };
  }

  /** One line. */
  say(text: string): void {
    if (this.#reader === undefined) this.#options.terminal.err(text);
    else this.#reader.announce(text);
  }

  /** Many lines: a screen has no place for them, they follow it. */
  print(text: string): void {
    if (this.#reader !== undefined && this.#options.isScreen) this.#waiting.push(text);
    else this.#options.terminal.err(text);
  }

  close(): void {
    this.#options.keyboard?.release();
  }

  #takeBack(): void {
    this.#reader = undefined;
    for (const text of this.#waiting) this.#options.terminal.err(text);
    this.#waiting = [];
    this.#options.keyboard?.listen();
  }
}

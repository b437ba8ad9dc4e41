/**
 * What the store, the project and the world hold by now, as far as the oracle's rules speak of it:
 * which results are remembered, which bytes are there, what is placed. Edits that damage something
 * tell it here. Unaware of the rules.
 */
import { type ModelStep, placedPath } from './world.ts';

/** A result is bytes by port. Each content is made by one step alone, so it names its bytes. */
export type Result = Readonly<Record<string, string>>;

export class Memory {
  /** What was seen → what was made of it. */
  readonly #traces = new Map<string, Result>();
  /** Content → are its stored bytes right? What is not in here is not in the store. */
  readonly #bytes = new Map<string, 'right' | 'wrong'>();
  /** Path → what lies in the project. */
  readonly placed = new Map<string, string>();
  /** Effect → what is in place. */
  readonly #effects = new Map<string, string>();
  /** Step → what it saw when it was last judged. */
  readonly #lastKeys = new Map<string, string>();

  undo(effect: string): void {
    this.#effects.delete(effect);
  }

  /** Every byte of it has the right length but one is wrong: nobody knows until it is read. */
  spoil(content: string): void {
    if (this.#bytes.has(content)) this.#bytes.set(content, 'wrong');
  }

  /** Gone, or of another length: that is seen without reading. */
  lose(content: string): void {
    this.#bytes.delete(content);
  }

  /** The remembered result of what a step saw in the last run. */
  forget(step: string): void {
    this.#traces.delete(this.lastKey(step));
  }

  holdsRight(content: string): boolean {
    return this.#bytes.get(content) === 'right';
  }

  known(key: string): Result | undefined {
    return this.#traces.get(key);
  }

  noteKey(step: string, key: string): void {
    this.#lastKeys.set(step, key);
  }

  lastKey(step: string): string {
    return this.#lastKeys.get(step) ?? '';
  }

  isInPlace(effect: string, result: Result): boolean {
    return this.#effects.get(effect) === JSON.stringify(result);
  }

  /** A step has made this. */
  keep({ name, kind }: ModelStep, key: string, result: Result): void {
    if (kind === 'effect') this.#effects.set(name, JSON.stringify(result));
    this.#traces.set(key, result);
    for (const content of Object.values(result)) this.#bytes.set(content, 'right');
  }

  /** Contents that lie not yet, or no longer, where they belong in the project. */
  toPlace(step: ModelStep, result: Result): readonly string[] {
    return placements(step, result)
      .filter(([path, content]) => this.placed.get(path) !== content)
      .map(([, content]) => content);
  }

  place(step: ModelStep, result: Result): void {
    for (const [path, content] of placements(step, result)) this.placed.set(path, content);
  }
}

function placements({ name, makes }: ModelStep, result: Result) {
  return makes.flatMap(port => {
    const content = result[port.name];
    const isPlaced = port.isPlaced && content !== undefined;
    return isPlaced ? [[placedPath(name, port.name), content] as const] : [];
  });
}

/**
 * A list that never changes, and of which a longer one costs a step and not a copy: the longer one
 * goes on in the same array, for as long as it is the only one to. Unaware of what it holds.
 */
export class GrowingList<T> implements Iterable<T> {
  /** Of all lists that share it; each ends where its own length says. */
  readonly #items: T[];
  readonly length: number;

  private constructor(items: T[]) {
    this.#items = items;
    this.length = items.length;
  }

  static of<T>(items: Iterable<T>): GrowingList<T> {
    return new GrowingList([...items]);
  }

  /** This one and one more. */
  with(item: T): GrowingList<T> {
    const isLongest = this.#items.length === this.length;
    const items = isLongest ? this.#items : this.#items.slice(0, this.length);
    items.push(item);
    return new GrowingList(items);
  }

  get last(): T | undefined {
    return this.#items[this.length - 1];
  }

  [Symbol.iterator](): IteratorObject<T> {
    return this.#items.values().take(this.length);
  }

  map<R>(change: (item: T) => R): readonly R[] {
    return this[Symbol.iterator]().map(change).toArray();
  }

  filter(wanted: (item: T) => boolean): readonly T[] {
    return this[Symbol.iterator]().filter(wanted).toArray();
  }

  some(wanted: (item: T) => boolean): boolean {
    return this[Symbol.iterator]().some(wanted);
  }

  find(wanted: (item: T) => boolean): T | undefined {
    return this[Symbol.iterator]().find(wanted);
  }
}

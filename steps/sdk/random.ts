/**
 * Seeded randomness that is the same on every platform: xoshiro128** (Blackman, Vigna 2018), seeded
 * by splitmix64, in 32-bit integer arithmetic alone. Not for secrets. Unaware of what is drawn for.
 */

/** Four 32-bit words: all there is to know about a generator, e.g. for a checkpoint. */
export type RandomState = readonly [number, number, number, number];

export type Random = {
  /** The next 32 bits, as an unsigned integer. */
  next(): number;
  /** Uniform among 0 … bound - 1, without the bias of a plain remainder; bound up to 2^32. */
  below(bound: number): number;
  /** Uniform in [0, 1), with 53 bits. */
  float(): number;
  state(): RandomState;
};

/** The same seed gives the same sequence. `stream` separates uses that share one seed. */
export const randomFrom = (seed: number, stream = 0): Random =>
  continueRandom(seedState(seed, stream));

/** Goes on where `state()` was taken. */
export function continueRandom(state: RandomState): Random {
  let [a, b, c, d] = state;
  const next = (): number => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return result;
  };
  return {
    next,
    below: bound => {
      // The largest multiple of `bound`: what lies above would favour small results.
      const limit = 2 ** 32 - (2 ** 32 % bound);
      for (;;) {
        const drawn = next();
        if (drawn < limit) return drawn % bound;
      }
    },
    float: () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53,
    state: () => [a >>> 0, b >>> 0, c >>> 0, d >>> 0],
  };
}

/** Fisher–Yates, in place; gives the array back. */
export function shuffle<T>(items: T[], random: Random): T[] {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = random.below(last + 1);
    const moved = items[last] as T;
    items[last] = items[other] as T;
    items[other] = moved;
  }
  return items;
}

const rotateLeft = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

const MASK_64 = (1n << 64n) - 1n;

/** splitmix64, as its authors recommend for seeding; exact for every safe integer. */
function seedState(seed: number, stream: number): RandomState {
  let counter = BigInt.asUintN(64, BigInt(seed) ^ (BigInt(stream) << 56n));
  const draw = (): bigint => {
    counter = (counter + 0x9e3779b97f4a7c15n) & MASK_64;
    let mixed = counter;
    mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK_64;
    mixed = ((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn) & MASK_64;
    return mixed ^ (mixed >> 31n);
  };
  const [first, second] = [draw(), draw()];
  const low = (word: bigint) => Number(word & 0xffffffffn);
  return [low(first), low(first >> 32n), low(second), low(second >> 32n)];
}

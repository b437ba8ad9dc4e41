import fc from 'fast-check';
import { expect, test } from 'vitest';
import { continueRandom, randomFrom, shuffle } from './random.ts';

const draw = (random: { next(): number }, count: number) =>
  Array.from({ length: count }, () => random.next());

// From the authors' C code (prng.di.unimi.it/xoshiro128starstar.c) with the state 1, 2, 3, 4.
test('the sequence is that of the published xoshiro128**', () => {
  const random = continueRandom([1, 2, 3, 4]);
  expect(draw(random, 10)).toEqual([
    11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597,
    4258142804,
  ]);
  draw(random, 990);
  expect(random.next()).toBe(136054147);
});

// The first outputs of splitmix64 for the seed 1234567, as published: 6457827717110365317, 3203168211198807973.
test('a seed is spread by the published splitmix64', () => {
  const words = randomFrom(1234567).state().map(BigInt);
  const [a = 0n, b = 0n, c = 0n, d = 0n] = words;
  expect([(b << 32n) | a, (d << 32n) | c]).toEqual([6457827717110365317n, 3203168211198807973n]);
});

test('a shuffle of ten is the same everywhere', () => {
  const items = shuffle(
    Array.from({ length: 10 }, (_, index) => index),
    randomFrom(7),
  );
  expect(items).toMatchInlineSnapshot(`
    [
      8,
      3,
      6,
      7,
      1,
      0,
      5,
      2,
      4,
      9,
    ]
  `);
});

test('a generator goes on where its state was taken', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.nat(100), (seed, skipped) => {
      const random = randomFrom(seed);
      draw(random, skipped);
      const copy = continueRandom(random.state());
      expect(draw(copy, 20)).toEqual(draw(random, 20));
    }),
  );
});

test('streams of one seed differ', () => {
  expect(draw(randomFrom(7, 0), 4)).not.toEqual(draw(randomFrom(7, 1), 4));
});

test('a bounded draw stays below its bound, also where 2^32 is no multiple of it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 32 }), fc.nat(), (bound, seed) => {
      const random = randomFrom(seed);
      for (let round = 0; round < 20; round += 1) {
        const drawn = random.below(bound);
        expect(drawn >= 0 && drawn < bound && Number.isInteger(drawn)).toBe(true);
      }
    }),
  );
});

test('a bound just below 2^32 favours no half', () => {
  const random = randomFrom(2);
  const bound = 3 * 2 ** 30;
  const low = Array.from({ length: 9_000 }, () => random.below(bound)).filter(
    drawn => drawn < bound / 3,
  );
  // A plain remainder would put half of the draws into the lowest third.
  expect(Math.abs(low.length - 3_000)).toBeLessThan(5 * 45);
});

test('draws below six are even: no face is off by more than five standard deviations', () => {
  const random = randomFrom(1);
  const faces = [0, 0, 0, 0, 0, 0];
  for (let round = 0; round < 60_000; round += 1) {
    const face = random.below(6);
    faces[face] = (faces[face] ?? 0) + 1;
  }
  for (const count of faces) expect(Math.abs(count - 10_000)).toBeLessThan(5 * 92);
});

test('fractions lie in [0, 1) and a shuffle keeps every item', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.nat(), (items, seed) => {
      const random = randomFrom(seed);
      const fraction = random.float();
      expect(fraction >= 0 && fraction < 1).toBe(true);
      expect(shuffle([...items], random).sort()).toEqual([...items].sort());
    }),
  );
});

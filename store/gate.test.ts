import { expect, test } from 'vitest';
import { gate, inOrder, Sequence, turns } from './gate.ts';

test('of what failed, the first in order is told, and only when all have ended', async () => {
  const { promise: slow, resolve } = Promise.withResolvers<number>();
  const { promise: first, reject } = Promise.withResolvers<number>();
  let isTold = false;
  const told = inOrder([1, first, Promise.reject(new Error('second')), slow]).catch(error => {
    isTold = true;
    return error.message;
  });
  await new Promise(setImmediate);
  reject(new Error('first'));
  await new Promise(setImmediate);
  expect(isTold).toBe(false);
  resolve(4);
  expect(await told).toBe('first');
});

test('what came to be is in order', async () => {
  expect(await inOrder([1, Promise.resolve(2), 3])).toEqual([1, 2, 3]);
});

test('what came is handed on at its turn, and then at once', async () => {
  const handed: number[] = [];
  const sequence = new Sequence<number>(result => handed.push(result));
  const { promise: second, resolve } = Promise.withResolvers<number>();
  sequence.add(1);
  expect(handed).toEqual([1]);
  sequence.add(second);
  sequence.add(Promise.resolve(3));
  sequence.add(4);
  await new Promise(setImmediate);
  expect(handed).toEqual([1]);
  resolve(2);
  await sequence.end();
  sequence.add(5);
  expect(handed).toEqual([1, 2, 3, 4, 5]);
});

test('a gate lets pass what it may, and is open again when something has ended', async () => {
  const { pass } = gate(1);
  const { promise: one, resolve } = Promise.withResolvers<void>();
  expect(pass(one)).toBeUndefined();
  let hasPassed = false;
  const passed = pass(new Promise(() => undefined))?.then(() => {
    hasPassed = true;
  });
  await new Promise(setImmediate);
  expect(hasPassed).toBe(false);
  resolve();
  await passed;
  expect(hasPassed).toBe(true);
});

test('only so many have a turn at a time, and each has one in the order it came', async () => {
  const turn = turns(2);
  const begun: number[] = [];
  const endings: (() => void)[] = [];
  const works = [0, 1, 2, 3].map(index =>
    turn(() => {
      begun.push(index);
      return new Promise<void>((resolve, reject) =>
        endings.push(index === 0 ? () => reject(new Error('the first')) : resolve),
      );
    }),
  );
  expect(begun).toEqual([0, 1]);
  endings[0]?.();
  await expect(works[0]).rejects.toThrow('the first');
  expect(begun).toEqual([0, 1, 2]);
  endings[1]?.();
  endings[2]?.();
  await Promise.all([works[1], works[2]]);
  expect(begun).toEqual([0, 1, 2, 3]);
  endings[3]?.();
  await works[3];
});

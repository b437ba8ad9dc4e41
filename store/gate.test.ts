import { expect, test } from 'vitest';
import { gate, inOrder } from './gate.ts';

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

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BUSY_MS, Calm, LONGEST_MS, QUIET_MS, STORM_MS } from './calm.ts';

let busy = false;
let heard: string[][] = [];
let calm: Calm;

beforeEach(() => {
  vi.useFakeTimers();
  busy = false;
  heard = [];
  calm = new Calm({
    onCalm: noted => heard.push([...noted]),
    isBusy: () => busy,
    now: () => Date.now(),
  });
});

afterEach(() => {
  calm.close();
  vi.useRealTimers();
});

test('changes that follow one another closely are one', () => {
  calm.note('a');
  vi.advanceTimersByTime(QUIET_MS - 1);
  calm.note('b');
  calm.note('a');
  vi.advanceTimersByTime(QUIET_MS - 1);
  expect(heard).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(heard).toEqual([['a', 'b']]);
  vi.advanceTimersByTime(BUSY_MS);
  expect(heard).toHaveLength(1);
});

test('changes that never end are looked at now and then, ever less often', () => {
  for (let ms = 0; ms < 2_000; ms += 10) {
    calm.note('a');
    vi.advanceTimersByTime(10);
  }
  expect(heard.length).toBeGreaterThanOrEqual(3);
  expect(heard.length).toBeLessThanOrEqual(Math.ceil(2_000 / LONGEST_MS));
});

test('who saves again and again is waited for longer each time, and a pause forgets it', () => {
  const saveOnce = () => {
    calm.note('a');
    vi.advanceTimersByTime(QUIET_MS);
  };
  saveOnce();
  expect(heard).toHaveLength(1);
  saveOnce();
  expect(heard).toHaveLength(1);
  vi.advanceTimersByTime(QUIET_MS);
  expect(heard).toHaveLength(2);
  vi.advanceTimersByTime(STORM_MS);
  saveOnce();
  expect(heard).toHaveLength(3);
});

test('while git holds its lock nothing is looked at, but a lock that stays stops nobody', () => {
  busy = true;
  calm.note('a');
  vi.advanceTimersByTime(1_000);
  expect(heard).toEqual([]);
  busy = false;
  vi.advanceTimersByTime(QUIET_MS);
  expect(heard).toEqual([['a']]);
  busy = true;
  vi.advanceTimersByTime(STORM_MS);
  calm.note('b');
  vi.advanceTimersByTime(BUSY_MS + QUIET_MS);
  expect(heard).toEqual([['a'], ['b']]);
});

test('once closed, nothing is heard any more', () => {
  calm.note('a');
  calm.close();
  vi.advanceTimersByTime(BUSY_MS);
  expect(heard).toEqual([]);
});

import { expect, test } from 'vitest';
import { stepId } from '../../schema/id.ts';
import {
  begun,
  ended,
  failed,
  judged,
  reopened,
  started,
  stateAfter,
} from '../../test/harness/run-events.ts';
import { allRows, fitRows, liveRows, nearestNeeds, type Row, windowAround } from './rows.ts';

const grid = Object.fromEntries(
  [1, 2, 3].flatMap(a => [1, 2, 3].map(b => [`train[a=${a},b=${b}]`, ['prep']])),
);

const told = (row: Row): string => {
  switch (row.kind) {
    case 'group':
      return `${row.name} ${row.done}/${row.total} ${row.running} running ${row.failed} failed`;
    case 'more':
      return `plus ${row.running} running ${row.waiting} waiting`;
    default:
      return `${row.kind} ${row.id}`;
  }
};

test('what has ended leaves the rows; the others stand in the order of the pipeline', () => {
  const state = stateAfter([
    started({ a: [], b: ['a'], c: ['a'], d: ['b', 'c'] }),
    ended('a'),
    judged('c'),
    begun('c'),
    judged('b'),
  ]);
  expect(liveRows(state).map(told)).toEqual(['ready b', 'running c', 'waiting d']);
});

test('instances of a matrix are one row, and those that run stand below it', () => {
  const state = stateAfter([
    started({ prep: [], ...grid, eval: Object.keys(grid) }),
    ended('prep'),
    ended('train[a=1,b=1]'),
    failed('train[a=1,b=2]'),
    begun('train[a=1,b=3]'),
    judged('train[a=2,b=1]'),
  ]);
  expect(liveRows(state).map(told)).toEqual([
    'train 2/9 1 running 1 failed',
    'running train[a=1,b=3]',
    'waiting eval',
  ]);
});

test('choosing a step shows every step, also those that have ended', () => {
  const state = stateAfter([started({ a: [], b: ['a'] }), ended('a')]);
  expect(allRows(state).map(told)).toEqual(['finished a', 'waiting b']);
});

test('a step that has to be made again is among the rows again', () => {
  const events = [started({ a: [], b: ['a'] }), ended('a'), begun('b'), reopened('a')];
  expect(liveRows(stateAfter(events)).map(told)).toEqual(['waiting a', 'running b']);
  const state = stateAfter([...events, begun('a')]);
  expect(liveRows(state).map(told)).toEqual(['running a', 'running b']);
});

test('where there is no room, what runs stays and what waits is counted', () => {
  const state = stateAfter([
    started({ a: [], b: [], c: [], d: [], e: [] }),
    begun('c'),
    begun('e'),
  ]);
  expect(fitRows(liveRows(state), 4).map(told)).toEqual([
    'waiting a',
    'running c',
    'running e',
    'plus 0 running 2 waiting',
  ]);
  expect(fitRows(liveRows(state), 2).map(told)).toEqual(['running c', 'plus 1 running 3 waiting']);
  expect(fitRows(liveRows(state), 0)).toEqual([]);
  expect(fitRows(liveRows(state), 5)).toHaveLength(5);
});

test('a step waits for what is nearest: what that waits for goes without saying', () => {
  const state = stateAfter([started({ split: [], train: ['split'], eval: ['split', 'train'] })]);
  const needs = ['split', 'train'].map(stepId);
  expect(nearestNeeds(needs, state)).toEqual(['train']);
});

test.each([
  [0, [0, 1, 2]],
  [5, [4, 5, 6]],
  [9, [7, 8, 9]],
])('the window around row %d holds it and ends where the rows end', (chosen, shown) => {
  const rows: readonly Row[] = Array.from({ length: 10 }, (_, index) => ({
    kind: 'more',
    waiting: index,
    running: 0,
  }));
  expect(windowAround(rows, chosen, 3).map(row => row.kind === 'more' && row.waiting)).toEqual(
    shown,
  );
});

/** How a session looks at what was noticed, with a world that the test makes up. */
import { expect, test } from 'vitest';
import { Session } from './session.ts';
import type { SessionPorts } from './session-ports.ts';
import { ABSENT, EMPTY, type Sight } from './sight.ts';

const FILE = '/p/pipelines/p.yaml';
const set = { root: '/p', points: [FILE], trees: [], globs: [] };

/**
 * `sights`: what each look at the file finds, in order; the last one stays. `diagnostics`: of each
 * compilation. `moves`: so many times git is found at work.
 */
function sessionOf(
  sights: readonly string[],
  { diagnostics = ['broken'], moves = 0 }: { diagnostics?: readonly string[]; moves?: number } = {},
) {
  const told: string[] = [];
  let looks = 0;
  let compilations = 0;
  let moving = moves;
  const ports: SessionPorts = {
    compile: async () => {
      told.push(`compiled at ${sights[Math.min(looks, sights.length) - 1] ?? 'first'}`);
      compilations += 1;
      const wrong = diagnostics[Math.min(compilations, diagnostics.length) - 1] ?? '';
      return { planned: undefined, diagnostics: wrong, set };
    },
    lookAgain: async (before, paths): Promise<Sight> => {
      if ([...paths].length === 0) return before;
      const found = sights[Math.min(looks, sights.length - 1)] ?? ABSENT;
      looks += 1;
      return new Map([...before, [FILE, found]]);
    },
    follow: async () => false,
    startRound: async () => undefined,
    wait: async timeMs => {
      told.push(`waited ${timeMs > 0}`);
    },
    isMoving: () => {
      moving -= 1;
      return moving >= 0;
    },
    checkAll: () => {},
    tell: {
      broken: text => told.push(text),
      warned: () => {},
      changed: () => {},
      unchanged: () => {},
      notice: () => {},
      roundEnded: async () => {},
      idle: () => told.push('idle'),
    },
  };
  const session = new Session(ports, { root: '/p', library: '/lib' }, { kind: 'all' });
  return { session, told };
}

const changed = { kind: 'changed', paths: new Set([FILE]) } as const;

async function after(sights: readonly string[]): Promise<readonly string[]> {
  const { session, told } = sessionOf(sights);
  const over = session.run();
  session.notice(changed);
  // Rest comes after the notice: what is told before it is what the notice led to.
  while (told.filter(word => word === 'idle').length < 1) await new Promise(setImmediate);
  session.quit();
  await over;
  return told.slice(told.indexOf('broken') + 1);
}

test.each([
  [
    'gone for a moment',
    ['one', ABSENT, ABSENT, 'two'],
    ['waited true', 'waited true', 'compiled at two', 'idle'],
  ],
  ['empty for a moment', ['one', EMPTY, 'two'], ['waited true', 'compiled at two', 'idle']],
  ['as it was before', ['one', 'one'], ['idle']],
  ['gone and back as it was', ['one', ABSENT, 'one'], ['waited true', 'idle']],
  [
    'gone for good',
    ['one', ABSENT],
    ['waited true', 'waited true', 'waited true', `compiled at ${ABSENT}`, 'idle'],
  ],
])('a file that is %s', async (_, sights, expected) => {
  expect(await after(sights)).toEqual(expected);
});

test.each([
  ['that nobody moves', { diagnostics: ['torn', 'broken'] }, 1],
  ['while git works', { diagnostics: ['torn', 'broken'], moves: 2 }, 3],
  ['while a lock of a dead git stays', { diagnostics: ['torn', 'broken'], moves: 1_000_000 }, 100],
])('a pipeline is broken where it still is after a while: one %s', async (_, world, waits) => {
  const { session, told } = sessionOf([], world);
  const over = session.run();
  while (!told.includes('idle')) await new Promise(setImmediate);
  session.quit();
  await over;
  const compiled = 'compiled at first';
  const waited = Array.from({ length: waits }, () => 'waited true');
  expect(told).toEqual([compiled, ...waited, compiled, 'broken', 'idle']);
});

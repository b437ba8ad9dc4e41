import { describe, expect, test } from 'vitest';
import { stepId } from '../../schema/id.ts';
import { begun, ended, progressed, started, stateAfter } from '../../test/harness/run-events.ts';
import type { RunState } from '../run-state.ts';
import { remainingMs, runRemainingMs, shareOf } from './estimate.ts';

const running = (state: RunState) =>
  state.running.get(stepId('a')) ?? expect.fail('a does not run');

describe('a running step', () => {
  test('is estimated by its own progress', () => {
    const step = running(stateAfter([started({ a: [] }), begun('a'), progressed('a', 0.25)]));
    expect(shareOf(step, 11_000)).toEqual({ share: 0.25, isGuess: false });
    expect(remainingMs(step, 11_000)).toBe(30_000);
  });

  test('without progress is guessed from the last time, and never looks finished', () => {
    const step = running(stateAfter([started({ a: [] }), begun('a', { estimateMs: 4_000 })]));
    expect(shareOf(step, 3_000)).toEqual({ share: 0.5, isGuess: true });
    expect(remainingMs(step, 3_000)).toBe(2_000);
    expect(shareOf(step, 900)).toEqual({ share: 0, isGuess: true });
    expect(shareOf(step, 60_000)).toEqual({ share: 0.99, isGuess: true });
    expect(remainingMs(step, 60_000)).toBe(0);
  });

  test('with neither is not estimated', () => {
    const step = running(stateAfter([started({ a: [] }), begun('a')]));
    expect(shareOf(step, 3_000)).toBeUndefined();
    expect(remainingMs(step, 3_000)).toBeUndefined();
  });
});

describe('the end of the run', () => {
  const steps = { a: [], b: ['a'], c: ['a'], d: ['b', 'c'] };
  const history = new Map([
    [stepId('a'), 1_000],
    [stepId('b'), 5_000],
    [stepId('c'), 2_000],
    [stepId('d'), 3_000],
  ]);

  test('is that of the longest chain of what is left', () => {
    expect(runRemainingMs(stateAfter([started(steps)]), 0, history)).toBe(9_000);
    expect(runRemainingMs(stateAfter([started(steps), ended('a')]), 0, history)).toBe(8_000);
  });

  test('is not guessed when one of the steps has no history', () => {
    const partly = new Map([...history].slice(0, 3));
    expect(runRemainingMs(stateAfter([started(steps)]), 0, partly)).toBeUndefined();
  });
});

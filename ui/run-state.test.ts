import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RunEvent } from '../schema/event.ts';
import { cacheKeyOf, sha256, stepId } from '../schema/id.ts';
import {
  begun,
  ended,
  hinted,
  reopened,
  retried,
  stateAfter,
  used,
} from '../test/harness/run-events.ts';
import { countOutcomes, initial, reduce } from './run-state.ts';

const key = cacheKeyOf(sha256('key'));
const names = ['a', 'b', 'c'].map(stepId);
const step = fc.constantFrom(...names);

const anyEvent: fc.Arbitrary<RunEvent> = fc.oneof(
  step.map(
    (id): RunEvent => ({
      type: 'step-started',
      step: id,
      attempt: 1,
      executor: 'process',
      cpus: 1,
      pid: null,
      estimateMs: null,
    }),
  ),
  fc
    .tuple(step, fc.string())
    .map(([id, text]): RunEvent => ({ type: 'step-output', step: id, stream: 'stdout', text })),
  fc
    .tuple(step, fc.double({ min: 0, max: 1, noNaN: true }))
    .map(
      ([id, progress]): RunEvent => ({ type: 'step-progress', step: id, progress, message: null }),
    ),
  fc
    .tuple(step, fc.nat())
    .map(([id, memoryBytes]) => used(id, { memoryBytes, cpuCores: memoryBytes % 7 })),
  step.map(id => reopened(id)),
  step.map(id => hinted(id, { kind: 'gpu-hot', gpu: 0, celsius: 90 })),
  step.map(
    (id): RunEvent => ({
      type: 'step-finished',
      step: id,
      outcome: { kind: 'succeeded' },
      key,
      durationMs: 1,
      outputs: {},
      log: null,
    }),
  ),
);

test('any stream of events reduces: earlier snapshots stay as they were, a step has ended once or not at all', () => {
  fc.assert(
    fc.property(fc.array(anyEvent), events => {
      let state = initial;
      const open = new Set<string>(names);
      for (const [seq, event] of events.entries()) {
        if (event.type === 'step-finished' && !open.delete(event.step)) continue;
        if (event.type === 'step-reopened') open.add(event.step);
        const before = structuredClone(state);
        const next = reduce(state, { ...event, seq, at: seq });
        expect(state).toEqual(before);
        state = next;
      }
      expect(countOutcomes(state.finished).succeeded).toBe(names.length - open.size);
    }),
  );
});

test('however a text is cut into chunks, its last lines are the same', () => {
  const text = 'one\ntwo\r2 of 2\nthree\n';
  fc.assert(
    fc.property(fc.array(fc.nat(text.length)), cuts => {
      const at = [0, ...cuts.sort((x, y) => x - y), text.length];
      const chunks = at.slice(1).map((end, index) => text.slice(at[index], end));
      const state = chunks.reduce(
        (now, chunk, seq) =>
          reduce(now, {
            type: 'step-output',
            step: stepId('a'),
            stream: 'stdout',
            text: chunk,
            seq,
            at: seq,
          }),
        initial,
      );
      expect(state.running.get(stepId('a'))).toMatchObject({
        tail: ['one', '2 of 2', 'three'],
        partial: '',
      });
    }),
  );
});

test('a running step shows its latest sample and the most of each figure so far', () => {
  const [a] = names;
  if (a === undefined) return expect.fail('no step');
  const state = stateAfter([
    begun(a),
    used(a, { memoryBytes: 700, cpuCores: 3 }),
    used(a, { memoryBytes: 500, memoryPeakBytes: 900, cpuCores: 1, cpuMs: 4_000 }),
  ]);
  expect(state.running.get(a)?.usage).toMatchObject({ memoryBytes: 500, cpuCores: 1 });
  expect(state.running.get(a)?.peak).toMatchObject({ memoryBytes: 900, cpuCores: 3, cpuMs: 4_000 });
});

test('what another attempt used is not its own, but a hint holds for the step', () => {
  const hint = { kind: 'gpu-hot', gpu: 0, celsius: 91 } as const;
  const events = [begun('a'), used('a'), hinted('a', hint), retried('a'), begun('a'), ended('a')];
  const [finished] = stateAfter(events).finished;
  expect(finished).toMatchObject({ peak: undefined, hints: [hint] });
});

test('a step that is taken up again leaves what has ended, with all that its attempt had said', () => {
  const events = [begun('a'), hinted('a', { kind: 'gpu-hot', gpu: 0, celsius: 90 })];
  expect(stateAfter([...events, reopened('a')]).running.size).toBe(0);
  const state = stateAfter([ended('a'), ended('b'), reopened('a')]);
  expect(state.finished.map(entry => entry.step)).toEqual(['b']);
});

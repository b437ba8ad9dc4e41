import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RunEvent } from '../schema/event.ts';
import { cacheKeyOf, sha256, stepId } from '../schema/id.ts';
import { begun, ended, hinted, retried, stateAfter, used } from '../test/harness/run-events.ts';
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

test('any stream of events reduces: earlier snapshots stay as they were, what is finished only grows', () => {
  fc.assert(
    fc.property(fc.array(anyEvent), events => {
      let state = initial;
      for (const [seq, event] of events.entries()) {
        const before = structuredClone(state);
        const next = reduce(state, { ...event, seq, at: seq });
        expect(state).toEqual(before);
        expect(next.finished.slice(0, state.finished.length)).toEqual(state.finished);
        state = next;
      }
      // A step may end twice: its bytes may be needed again. It counts once.
      const finished = events.flatMap(event => (event.type === 'step-finished' ? event.step : []));
      expect(countOutcomes(state.finished).succeeded).toBe(new Set(finished).size);
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

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RunEvent, Usage } from '../schema/event.ts';
import { stepId } from '../schema/id.ts';
import { followUsage } from './step-usage.ts';
import { GIB, gpuOf, usageOf } from './testing/usage-samples.ts';

const MIB = 1024 ** 2;
const step = stepId('train');

/** A step with a clock of the test's: each sample comes two seconds after the one before. */
function follow(given = new Set<string>()) {
  const events: RunEvent[] = [];
  let now = 0;
  const clock = { elapsed: () => now };
  const reader = followUsage({ step, clock, emit: event => events.push(event), given });
  const sample = (usage: Usage) => {
    now += 2_000;
    reader.sample(usage);
  };
  return { events, sample, reader };
}

const usages = (events: readonly RunEvent[]) => events.filter(event => event.type === 'step-usage');

test.each<[string, Partial<Usage>, Partial<Usage>, number]>([
  ['the same again', {}, {}, 1],
  ['a little more memory', {}, { memoryBytes: GIB + 15 * MIB }, 1],
  ['clearly more memory', {}, { memoryBytes: 1.1 * GIB }, 2],
  [
    'much memory that grew by little of it',
    { memoryBytes: 100 * GIB },
    { memoryBytes: 104 * GIB },
    1,
  ],
  ['another core', {}, { cpuCores: 2 }, 2],
  ['a little more work', {}, { cpuCores: 1.2 }, 1],
  ['a device that works more', { gpus: [gpuOf()] }, { gpus: [gpuOf({ utilization: 0.7 })] }, 2],
  ['a device that grew warmer', { gpus: [gpuOf()] }, { gpus: [gpuOf({ celsius: 65 })] }, 2],
  ['a device as before', { gpus: [gpuOf()] }, { gpus: [gpuOf({ celsius: 62 })] }, 1],
  ['a device that tells no more', { gpus: [gpuOf()] }, { gpus: [] }, 2],
  ['a device that fills', { gpus: [gpuOf()] }, { gpus: [gpuOf({ memoryUsedBytes: 20 * GIB })] }, 2],
])('%s', (_, before, after, told) => {
  const { events, sample } = follow();
  sample(usageOf(before));
  sample(usageOf(after));
  expect(usages(events)).toHaveLength(told);
});

test('its end tells the last sample, unless that was told', () => {
  const { events, sample, reader } = follow();
  sample(usageOf());
  sample(usageOf({ cpuMs: 4_000, memoryPeakBytes: 1.01 * GIB }));
  reader.finish();
  reader.finish();
  expect(usages(events).map(event => event.cpuMs)).toEqual([2_000, 4_000]);
  expect(reader.memoryPeakBytes()).toBe(1.01 * GIB);
});

test('a step that was never sampled leaves nothing', () => {
  const { events, reader } = follow();
  reader.finish();
  expect(events).toEqual([]);
  expect(reader.memoryPeakBytes()).toBeUndefined();
});

test('however restless a step is, ten hours of it are at most some four thousand events', () => {
  const restless = fc.infiniteStream(fc.nat({ max: 1_000 }));
  fc.assert(
    fc.property(restless, figures => {
      const { events, sample } = follow();
      const seconds = 10 * 3_600;
      for (let second = 0; second < seconds; second += 2) {
        const figure = figures.next().value ?? 0;
        sample(usageOf({ cpuCores: figure, memoryBytes: figure * GIB }));
      }
      expect(usages(events).length).toBeLessThan(4_100);
      expect(usages(events).length).toBeGreaterThan(1_000);
    }),
    { numRuns: 3 },
  );
});

test('a hint is given once, also when the step tries again', () => {
  const given = new Set<string>();
  const hints = [1, 2].flatMap(() => {
    const { events, sample } = follow(given);
    for (let n = 0; n < 10; n += 1) sample(usageOf({ gpus: [gpuOf({ celsius: 90 })] }));
    return events.filter(event => event.type === 'step-hint');
  });
  expect(hints).toEqual([
    { type: 'step-hint', step, hint: { kind: 'gpu-hot', gpu: 0, celsius: 90 } },
  ]);
});

test('a hint looks back far enough, and no further', () => {
  const { events, sample } = follow();
  const idle = usageOf({ gpus: [gpuOf({ utilization: 0.1 })] });
  for (let n = 0; n < 60; n += 1) sample(idle);
  expect(events.some(({ type }) => type === 'step-hint')).toBe(false);
  sample(idle);
  expect(events.at(-1)).toMatchObject({ type: 'step-hint', hint: { kind: 'gpu-starved' } });
});

import { expect, test } from 'vitest';
import type { Hint, Usage } from '../schema/event.ts';
import { GIB, gpuOf, usageOf } from './testing/usage-samples.ts';
import { hintsFor } from './usage-hints.ts';

/** One sample every two seconds: `usage` says of each second what it was. */
const over = (seconds: number, usage: (second: number) => Usage) =>
  Array.from({ length: seconds / 2 + 1 }, (_, index) => ({
    at: index * 2_000,
    usage: usage(index * 2),
  }));

const busy = (utilization: number | null, index = 0) =>
  usageOf({ gpus: [gpuOf({ index, utilization })] });
const filled = (share: number | null) =>
  usageOf({ gpus: [gpuOf({ memoryUsedBytes: share === null ? null : share * 80 * GIB })] });
const warm = (celsius: number | null) => usageOf({ gpus: [gpuOf({ celsius })] });
const using = (share: number) =>
  usageOf({ memoryBytes: share * 16 * GIB, memoryLimitBytes: 16 * GIB });

test.each<[string, number, (second: number) => Usage, readonly Hint['kind'][]]>([
  ['a device at 20 % for two minutes', 120, () => busy(0.2), ['gpu-starved']],
  ['a device at 20 % for less', 118, () => busy(0.2), []],
  ['a device at exactly half', 120, () => busy(0.5), []],
  ['a device that is busy and idle by turns', 120, s => busy(s % 4 === 0 ? 1 : 0.1), []],
  ['an idle beginning, long ago', 600, s => busy(s < 300 ? 0 : 0.9), []],
  ['a device that does not tell how busy it is', 120, () => busy(null), []],
  ['a device that told it only at times', 120, s => busy(s === 60 ? null : 0.1), []],
  ['memory of a device at 96 % for ten seconds', 10, () => filled(0.96), ['gpu-memory-full']],
  ['memory of a device at 96 % for less', 8, () => filled(0.96), []],
  ['memory of a device at 95 %', 10, () => filled(0.95), []],
  ['memory of a device that was free a moment ago', 20, s => filled(s === 14 ? 0.5 : 0.99), []],
  ['memory that the device does not tell', 20, () => filled(null), []],
  ['86 °C for ten seconds', 10, () => warm(86), ['gpu-hot']],
  ['85 °C', 20, () => warm(85), []],
  ['86 °C with a cool moment', 20, s => warm(s === 12 ? 70 : 86), []],
  ['a temperature that the device does not tell', 20, () => warm(null), []],
  ['its memory at 96 % of its limit for ten seconds', 10, () => using(0.96), ['memory-full']],
  ['its memory at 96 % of its limit for less', 8, () => using(0.96), []],
  ['its memory at 95 % of its limit', 20, () => using(0.95), []],
  ['much memory without a limit', 20, () => usageOf({ memoryBytes: 900 * GIB }), []],
])('%s', (_, seconds, usage, kinds) => {
  expect(hintsFor(over(seconds, usage)).map(({ kind }) => kind)).toEqual(kinds);
});

test('a hint names the device and what was seen', () => {
  const usage = () =>
    usageOf({
      gpus: [
        gpuOf({ index: 3, utilization: 0.8 }),
        gpuOf({ index: 5, utilization: 0.25, memoryUsedBytes: 79 * GIB, celsius: 91 }),
      ],
    });
  expect(hintsFor(over(120, usage))).toEqual([
    { kind: 'gpu-starved', gpu: 5, utilization: 0.25, forMs: 120_000 },
    { kind: 'gpu-memory-full', gpu: 5, usedBytes: 79 * GIB, totalBytes: 80 * GIB },
    { kind: 'gpu-hot', gpu: 5, celsius: 91 },
  ]);
});

test('no sample, no hint', () => {
  expect(hintsFor([])).toEqual([]);
});

import { expect, test } from 'vitest';
import { GIB, gpuOf, usageOf } from '../../runner/testing/usage-samples.ts';
import { usagePieces } from './usage-pieces.ts';

const text = (usage: Parameters<typeof usagePieces>[0], room = 300, unicode = true): string =>
  usagePieces(usage, room, unicode)
    .map(piece => piece.text)
    .join('');

const training = usageOf({
  cpuCores: 3.84,
  memoryBytes: 2.1 * GIB,
  memoryLimitBytes: 16 * GIB,
  gpus: [gpuOf({ utilization: 0.87, memoryUsedBytes: 31 * GIB, celsius: 71 })],
});

test.each([
  [300, '  cpu 3.8  mem 2.1/16G  gpu0 87% 31/80G 71°'],
  [43, '  cpu 3.8  mem 2.1/16G  gpu0 87% 31/80G 71°'],
  [42, '  cpu 3.8  mem 2.1/16G  gpu0 87% 31/80G'],
  [38, '  mem 2.1/16G  gpu0 87% 31/80G'],
  [29, '  gpu0 87% 31/80G'],
  [16, '  gpu0 87%'],
  [9, ''],
])('in %i columns it says %j', (room, expected) => {
  expect(text(training, room)).toBe(expected);
});

test('of several devices it says the mean of their work, the sum of their memory, the hottest', () => {
  const gpus = [
    gpuOf({ index: 0, utilization: 1, celsius: 60 }),
    gpuOf({ index: 1, utilization: 0.5, celsius: 82 }),
  ];
  expect(text(usageOf({ gpus }))).toContain('  2 gpus 75% 20/160G 82°');
});

test('what a device does not tell is left out', () => {
  const silent = {
    utilization: null,
    memoryUsedBytes: null,
    memoryTotalBytes: null,
    celsius: null,
  };
  expect(text(usageOf({ gpus: [gpuOf({ index: 3, ...silent })] }))).toMatch(/gpu3$/);
});

test.each([
  [512, '0.5K'],
  [300 * 1024 ** 2, '300M'],
  [1.5 * GIB, '1.5G'],
  [2048 * GIB, '2T'],
])('%i bytes without a limit are %s', (memoryBytes, expected) => {
  expect(text(usageOf({ memoryBytes }))).toBe(`  cpu 1.0  mem ${expected}`);
  expect(text(usageOf({ memoryBytes }), 12), 'without a device memory goes last').toContain('mem');
});

test('it is drawn in ASCII where nothing else can be; before the first sample there is nothing', () => {
  expect(text(training, 300, false)).toMatch(/71C$/);
  expect(text(training, 300, false)).toMatch(/^[\x20-\x7e]*$/);
  expect(text(undefined)).toBe('');
});

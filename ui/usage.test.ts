import { describe, expect, test } from 'vitest';
import type { GpuUsage, Usage } from '../schema/event.ts';
import { formatShare, highest, peakText } from './usage.ts';

const GIB = 1024 ** 3;

const gpu = (changes: Partial<GpuUsage> = {}): GpuUsage => ({
  index: 0,
  uuid: 'GPU-a',
  utilization: 0.5,
  memoryUsedBytes: 1,
  memoryTotalBytes: 9,
  celsius: 40,
  ...changes,
});

const usage = (...gpus: readonly GpuUsage[]): Usage => ({
  cpuCores: 1,
  cpuMs: 1,
  memoryBytes: 1,
  memoryPeakBytes: 1,
  memoryLimitBytes: null,
  gpus,
});

describe('the most of a device', () => {
  test('is that of each figure, and of the same device', () => {
    const before = usage(
      gpu({ utilization: 0.9, celsius: 30 }),
      gpu({ uuid: 'GPU-b', celsius: 99 }),
    );
    const [most] = highest(before, usage(gpu({ memoryUsedBytes: 7 }))).gpus;
    expect(most).toEqual(gpu({ utilization: 0.9, memoryUsedBytes: 7 }));
  });

  test('is what it told, where it does not tell every time', () => {
    const [known] = highest(usage(gpu({ celsius: 70 })), usage(gpu({ celsius: null }))).gpus;
    expect(known?.celsius).toBe(70);
    const [now] = highest(usage(gpu({ celsius: null })), usage(gpu({ celsius: 60 }))).gpus;
    expect(now?.celsius).toBe(60);
  });
});

test.each([
  [15.8 * GIB, 16 * GIB, '15.8 of 16.0 GiB'],
  [200 * 1024 ** 2, 16 * GIB, '200 MiB of 16.0 GiB'],
])('%d of %d bytes', (bytes, limit, told) => {
  expect(formatShare(bytes, limit)).toBe(told);
});

test.each<[Usage | undefined, string]>([
  [undefined, ''],
  [{ ...usage(), memoryBytes: 2.3 * GIB, cpuCores: 3.94 }, '2.3 GiB, 3.9 cores'],
  [
    usage(gpu({ utilization: 0.97, memoryUsedBytes: 71.2 * GIB })),
    '1 B, 1.0 cores, GPU 0 97% 71.2 GiB 40 °C',
  ],
  [
    usage(gpu({ utilization: null, memoryUsedBytes: null, celsius: null })),
    '1 B, 1.0 cores, GPU 0',
  ],
])('the most that was used, in a few words, case %#', (peak, text) => {
  expect(peakText(peak)).toBe(text);
});

import { expect, test } from 'vitest';
import { parseUsage } from './gpu-usage.ts';

const MIB = 1024 ** 2;

test('a line of the driver is read', () => {
  expect(parseUsage('1, GPU-bbbb, 81559, 78000, 97, 64')).toEqual({
    index: 1,
    uuid: 'GPU-bbbb',
    utilization: 0.97,
    memoryUsedBytes: 78_000 * MIB,
    memoryTotalBytes: 81_559 * MIB,
    celsius: 64,
  });
});

test.each(['[N/A]', '[Not Supported]', '[Unknown Error]', ''])(
  'what a device does not tell (%s) is unknown, and the rest is read',
  word => {
    expect(parseUsage(`0, GPU-a, ${word}, 10, ${word}, ${word}`)).toEqual({
      index: 0,
      uuid: 'GPU-a',
      utilization: null,
      memoryUsedBytes: 10 * MIB,
      memoryTotalBytes: null,
      celsius: null,
    });
  },
);

test.each([
  'No devices were found',
  'Unable to determine the device handle for GPU0000:41:00.0: Unknown Error',
  '0, , 1, 1, 1, 1',
  '',
])('a line that is none (%s) is passed over', line => {
  expect(parseUsage(line)).toBeUndefined();
});

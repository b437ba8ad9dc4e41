import { expect, test } from 'vitest';
import { formatAgo, formatBytes, formatDuration } from './duration.ts';

test.each([
  [0, '0ms'],
  [999.4, '999ms'],
  [1_000, '1.0s'],
  [59_949, '59.9s'],
  [59_960, '1m 00s'],
  [125_000, '2m 05s'],
  [3_599_900, '1h 00m'],
  [7_260_000, '2h 01m'],
])('%d ms is written %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1536, '1.5 KiB'],
  [150 * 1024, '150 KiB'],
  [1024 ** 3, '1.0 GiB'],
])('%d bytes are written %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test('a time is told relative to now while that is easier to read', () => {
  const now = new Date('2026-11-21T12:00:00Z');
  expect(formatAgo('2026-11-21T11:59:30Z', now)).toBe('just now');
  expect(formatAgo('2026-11-21T11:56:00Z', now)).toBe('4 min ago');
  expect(formatAgo('2026-11-21T09:00:00Z', now)).toBe('3 h ago');
  expect(formatAgo('2026-11-01T09:30:00Z', now)).toBe('2026-11-01 09:30');
});

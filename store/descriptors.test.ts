import { expect, test } from 'vitest';
import { descriptorLimit, limitIn } from './descriptors.ts';

test('the limit of open files is the soft one, and none where nobody says', () => {
  const lines = ['Max processes  5  6  processes', 'Max open files   100   4096   files', ''];
  expect(limitIn(lines.join('\n'))).toBe(100);
  expect(limitIn('Max open files   unlimited   unlimited   files')).toBe(Number.POSITIVE_INFINITY);
  expect(limitIn('')).toBe(Number.POSITIVE_INFINITY);
  expect(descriptorLimit()).toBeGreaterThan(16);
});

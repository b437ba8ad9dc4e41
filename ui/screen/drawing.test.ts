import { describe, expect, test } from 'vitest';
import { progressBar, sparkline, turning } from './drawing.ts';

describe('a progress bar', () => {
  test.each([
    [0, '──────────'],
    [0.04, '──────────'],
    [0.5, '━━━━━─────'],
    [0.99, '━━━━━━━━━─'],
    [1, '━━━━━━━━━━'],
    [7, '━━━━━━━━━━'],
    [-1, '──────────'],
  ])('at %d is %s', (share, drawn) => {
    const { full, empty } = progressBar(share, 10, true);
    expect(full + empty).toBe(drawn);
  });

  test('within ASCII is drawn with # and .', () => {
    expect(progressBar(0.5, 4, false)).toEqual({ full: '##', empty: '..' });
  });
});

describe('a sparkline', () => {
  test.each([
    [[], ''],
    [[1], ''],
    [[1, 2], '▁█'],
    [[5, 5, 5], '▄▄▄'],
    [[0, Number.NaN, 1, Number.POSITIVE_INFINITY], '▁█'],
    [[0, 1, 2, 3, 4, 5, 6, 7], '▁▂▃▄▅▆▇█'],
  ])('of %j is %s', (values, drawn) => {
    expect(sparkline(values, 12, true)).toBe(drawn);
  });

  test('of many points keeps the first and the last, and its width', () => {
    const values = Array.from({ length: 1_000 }, (_, index) => index);
    const drawn = sparkline(values, 8, true);
    expect(drawn).toBe('▁▂▃▄▅▆▇█');
  });
});

test('the sign that turns is ASCII where only ASCII may be drawn', () => {
  expect([0, 100, 200, 300, 400].map(now => turning(now, false))).toEqual([
    '|',
    '/',
    '-',
    '\\',
    '|',
  ]);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDuration, parseSize } from './units.ts';

test.each([
  ['500ms', 500],
  ['90s', 90_000],
  ['0.1s', 100],
  ['1.5h', 5_400_000],
  ['1h30m', 5_400_000],
  ['2d', 172_800_000],
  ['0.0009s', 0],
  ['104249991.374d', 9_007_199_254_713_600],
])('%s is %i milliseconds', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test.each([
  '',
  '2',
  'h',
  '2 h',
  '-1s',
  '30m1h',
  '1h1h',
  '1e3s',
  '2H',
  '1.s',
  '.5s',
  '999999999999999d',
])('`%s` is no duration', text => {
  expect(parseDuration(text)).toBeUndefined();
});

test.each([
  ['512B', 512],
  ['500MB', 500_000_000],
  ['8GiB', 8_589_934_592],
  ['1.5GiB', 1_610_612_736],
  ['1.1 GB', 1_100_000_000],
  ['0.1GiB', 107_374_182],
])('%s is %i bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each(['', '8', '8Gi', '8gb', '-1GB', 'GB', '8  GB', '9007199254740992B', '99999TiB'])(
  '`%s` is no size',
  text => {
    expect(parseSize(text)).toBeUndefined();
  },
);

test('whole numbers of a unit are exact, however large', () => {
  fc.assert(
    fc.property(fc.nat(1_000_000_000), n => {
      expect(parseDuration(`${n}ms`)).toBe(n);
      expect(parseSize(`${n}kB`)).toBe(n * 1000);
    }),
  );
});

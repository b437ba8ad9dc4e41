import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyText } from '../../test/harness/any-text.ts';
import { forBash, splitShellWords } from './shell-words.ts';

const BREAKS = ' \t\n"\'><=;|&(:';

test.each([
  ['sluice ', ['sluice'], ''],
  ['sluice ru', ['sluice'], 'ru'],
  ['sluice  why   tr', ['sluice', 'why'], 'tr'],
  ["sluice why 'a b", ['sluice', 'why'], 'a b'],
  ['sluice why "a\\"b" x', ['sluice', 'why', 'a"b'], 'x'],
  ['sluice why a\\ b', ['sluice', 'why'], 'a b'],
  ['sluice -p a=$(rm x) ', ['sluice', '-p', 'a=$(rm', 'x)'], ''],
])('%j is taken apart as bash would', (line, words, current) => {
  expect(splitShellWords(line)).toMatchObject({ words, current });
});

test.each([
  ['sluice why tr', 'train[lr=0.1]', 'train\\[lr=0.1\\]'],
  ['sluice run --ui=p', '--ui=plain', 'plain'],
  ['sluice why train\\[lr=', 'train[lr=0.1]', '0.1\\]'],
  ["sluice why 'train[lr=", 'train[lr=0.1]', 'train[lr=0.1]'],
])('behind %j, %j is given to bash as %j', (line, value, expected) => {
  expect(forBash(value, splitShellWords(line), BREAKS)).toBe(expected);
});

test('no text is too strange to be taken apart', () => {
  fc.assert(
    fc.property(anyText, line => {
      const { words, current } = splitShellWords(line);
      expect(words.every(word => word !== '')).toBe(true);
      expect(current.length).toBeLessThanOrEqual(line.length);
    }),
  );
});

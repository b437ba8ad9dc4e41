import { expect, test } from 'vitest';
import { repeatedKey } from './json-keys.ts';

test.each<[string, string | undefined]>([
  ['{"a": 1, "b": 2}', undefined],
  ['{"a": 1, "b": 2, "a": 3}', 'a'],
  ['[{"a": 1}, {"a": 2}]', undefined],
  ['{"a": {"a": {"b": 1}}}', undefined],
  ['{"a": {"x": 1, "x": 2}}', 'x'],
  ['{"a": {"b": 1}, "a": 2}', 'a'],
  ['{"a": "\\"}{", "b": "\\"a\\": 1"}', undefined],
  ['{"a": 1, "\\u0061": 2}', 'a'],
  ['{"a" : ["a", "a"]}', undefined],
])('a key that one map holds twice is found: %s', (text, name) => {
  expect(repeatedKey(text)?.name).toBe(name);
});

test('both places are told, quotes included', () => {
  expect(repeatedKey('{"a": 1, "b": {}, "a": 3}')).toEqual({
    name: 'a',
    first: { start: 1, end: 4 },
    second: { start: 18, end: 21 },
  });
});

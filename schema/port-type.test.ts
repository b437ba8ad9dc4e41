import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DATASET_STATES, fits, formatPortType, parsePortType, ROOT_TYPES } from './port-type.ts';

const type = (text: string) => {
  const parsed = parsePortType(text);
  if (parsed === undefined) throw new Error(`not a type: ${text}`);
  return parsed;
};

describe('fits', () => {
  test.each([
    ['dataset', 'dataset', true],
    ['dataset/table', 'dataset', true],
    ['dataset', 'dataset/table', false],
    ['dataset/tables', 'dataset/table', false],
    ['model/onnx', 'model', true],
    ['file', 'dataset', false],
    ['dataset@labelled', 'dataset', true],
    ['dataset', 'dataset@labelled', false],
    ['dataset@split', 'dataset@labelled', true],
    ['dataset@labelled', 'dataset@refined', true],
    ['dataset@refined', 'dataset@labelled', false],
    ['dataset/images@split', 'dataset@labelled', true],
    ['dataset/images@raw', 'dataset/images@raw', true],
  ])('%s into %s: %s', (given, wanted, expected) => {
    expect(fits(type(given), type(wanted))).toBe(expected);
  });
});

const types = fc
  .tuple(
    fc.constantFrom(...ROOT_TYPES),
    fc.array(fc.stringMatching(/^[a-z][a-z0-9-]{0,5}$/), { maxLength: 3 }),
    fc.option(fc.constantFrom(...DATASET_STATES), { nil: undefined }),
  )
  .map(([root, below, state]) => ({
    path: [root, ...below].join('/'),
    ...(root === 'dataset' && state !== undefined && { state }),
  }));

test('writing and reading a type gives it back', () => {
  fc.assert(
    fc.property(types, one => {
      expect(parsePortType(formatPortType(one))).toEqual(one);
    }),
  );
});

test('fitting is reflexive and transitive', () => {
  fc.assert(
    fc.property(types, types, types, (a, b, c) => {
      expect(fits(a, a)).toBe(true);
      if (fits(a, b) && fits(b, c)) expect(fits(a, c)).toBe(true);
    }),
  );
});

test.each([
  '',
  'Dataset',
  'data',
  'dataset/',
  'dataset//table',
  'file@raw',
  'dataset@done',
  '__proto__',
])('%s is no type', text => {
  expect(parsePortType(text)).toBeUndefined();
});

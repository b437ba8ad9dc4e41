import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnStatistics, fitsType, MAX_DISTINCT, typeOfValue, widen } from './columns.ts';

const of = (values: readonly string[]) => {
  const statistics = columnStatistics('x');
  for (const value of values) statistics.add(value);
  return statistics.meta();
};

test.each([
  ['0', 'int'],
  ['-17', 'int'],
  ['9007199254740991', 'int'],
  ['-0', 'float'],
  ['1.5', 'float'],
  ['.5', 'float'],
  ['2.', 'float'],
  ['1e3', 'float'],
  ['-1.5E-7', 'float'],
  ['true', 'bool'],
  ['FALSE', 'bool'],
  // What a number would not give back.
  ['9007199254740993', 'string'],
  ['-9007199254740992', 'string'],
  ['007', 'string'],
  ['007.5', 'string'],
  ['+49', 'string'],
  ['1e999', 'string'],
  ['0x10', 'string'],
  ['1_000', 'string'],
  ['1,5', 'string'],
  [' 1', 'string'],
  ['Infinity', 'string'],
  ['2026-11-21', 'string'],
  ['.', 'string'],
  ['e5', 'string'],
] as const)('%j is read as %s', (text, type) => {
  expect(typeOfValue(text)).toBe(type);
});

test('one id beyond 2^53 makes a column of ids text, because a number would change it', () => {
  expect(of(['1', '2', '9007199254740993']).type).toBe('string');
});

test('whole and broken numbers together are float; numbers and truth values are text', () => {
  expect(of(['1', '2.5', '']).type).toBe('float');
  expect(of(['1', 'true']).type).toBe('string');
  expect(of(['', '']).type).toBe('string');
});

test('what a column is does not depend on the order of its values', () => {
  const value = fc.oneof(fc.integer().map(String), fc.constantFrom('', '0.5', 'true', 'x', '007'));
  fc.assert(
    fc.property(fc.array(value), values => {
      expect(of(values).type).toBe(of([...values].reverse()).type);
    }),
  );
});

test('every value fits the type of its column', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.double().map(String), fc.string())), values => {
      const { type } = of(values);
      for (const value of values) if (value !== '') expect(fitsType(value, type)).toBe(true);
      expect(widen(type, type)).toBe(type);
    }),
  );
});

// numpy: x = [2, 4, 4, 4, 5, 5, 7, 9]: mean 5, std (population) 2.
test('statistics are those of the numbers, missing values aside', () => {
  expect(of(['2', '4', '', '4', '4', '5', '5', '7', '9', ''])).toEqual({
    name: 'x',
    type: 'int',
    missing: 2,
    distinct: 5,
    min: 2,
    max: 9,
    mean: 5,
    std: 2,
  });
});

test('large numbers close together do not cancel', () => {
  const { mean, std } = of(['1000000004', '1000000007', '1000000013', '1000000016']);
  expect([mean, std]).toEqual([1000000010, Math.sqrt(22.5)]);
});

test('a sum beyond the largest double has no mean instead of an infinite one', () => {
  const { mean, std, max } = of(['1e308', '-1e308', '1.7e308']);
  expect([mean === null || Number.isFinite(mean), std, max]).toEqual([true, null, 1.7e308]);
});

test('counting different values stops at a bound', () => {
  const values = Array.from({ length: MAX_DISTINCT + 1 }, (_, index) => String(index));
  expect(of(values.slice(1)).distinct).toBe(MAX_DISTINCT);
  expect(of(values).distinct).toBeNull();
});

import { expect, test } from 'vitest';
import { numberWatch } from './nearly-numbers.ts';
import { schemaOf } from './table.ts';

const RULES = {
  header: [],
  columns: [],
  rename: {},
  types: {},
  missing: ['', 'NA'],
  trim: false,
  onMissing: 'keep',
  duplicates: 'keep',
  label: undefined,
} as const;

/** Warnings on one column `a` of these values, from line 2 on. */
function warned(values: readonly string[], rules: object = {}): readonly string[] {
  const watch = numberWatch(schemaOf(['a'], { ...RULES, ...rules }));
  for (const [index, value] of values.entries()) watch.see([value], 'data.csv', index + 2);
  return watch.warnings(RULES.missing);
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index));

test('one value that makes text of a column of numbers is named with its place and two remedies', () => {
  expect(warned([...numbers(4), 'n/a'])).toEqual([
    '`a` is text because of one value among 5 at data.csv:6: `n/a`. If that means a missing value: `missing: ["", "NA", "n/a"]`; if it is a mistake: `types: { "a": int }` with `on-bad-row: quarantine` sets the row aside',
  ]);
});

test('of several the first is named; above a hundredth they are meant', () => {
  const two = ['1.5', 'x', 'y'];
  expect(warned([...numbers(197), ...two])).toEqual([
    expect.stringMatching(
      /^`a` is text because of 2 values among 200, the first at data\.csv:200: `x`.*"a": float/,
    ),
  ]);
  expect(warned([...numbers(196), ...two])).toEqual([]);
});

test('where bad values come first, the numbers behind them count as well', () => {
  expect(warned(['x', ...numbers(50)])).toHaveLength(1);
});

test.each<[what: string, values: readonly string[], rules?: object]>([
  ['numbers alone', numbers(9)],
  ['text alone', ['a', 'b', 'c']],
  ['missing values', ['', '', ...numbers(9)]],
  ['too few numbers to tell', ['1', '2', 'x']],
  ['text that only looks like a number', [...numbers(9), '007']],
  ['a column whose type is declared', [...numbers(9), 'x'], { types: { a: 'string' } }],
  ['the label', [...numbers(9), 'x'], { label: 'a' }],
])('nothing is said of %s', (_, values, rules) => {
  expect(warned(values, rules)).toEqual([]);
});

test('of many columns a few are named and the others counted', () => {
  const names = numbers(8).map(index => `c${index}`);
  const watch = numberWatch(schemaOf(names, RULES));
  for (const value of [...numbers(9), 'x'])
    watch.see(
      names.map(() => value),
      'data.csv',
      2,
    );
  const found = watch.warnings(RULES.missing);
  expect([found.length, found.at(-1)]).toEqual([
    6,
    '3 more columns have a few values that are no numbers',
  ]);
});

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { delimiterOf, headerOf, keptColumns, looksLikeData } from './dialect.ts';
import { rowSet } from './duplicates.ts';
import { openQuarantine } from './quarantine.ts';
import { newTally, rowJudge, schemaOf, type TableRules } from './table.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-table-'));
afterAll(() => rmSync(folder, { recursive: true }));

const RULES: TableRules = {
  header: [],
  columns: [],
  rename: {},
  types: {},
  missing: ['', 'NA'],
  trim: false,
  onMissing: 'keep',
  duplicates: 'keep',
  label: undefined,
};

const judgeAll = (
  header: readonly string[],
  rows: readonly (readonly string[])[],
  rules: Partial<TableRules> = {},
  strict = false,
) => {
  const all = { ...RULES, ...rules };
  const path = join(folder, 'quarantined.csv');
  const quarantine = openQuarantine(path, strict);
  const tally = newTally();
  const { judge } = rowJudge(schemaOf(header, all), all, { tally, quarantine });
  const kept = rows.flatMap((fields, index) => {
    const values = judge({ kind: 'fields', line: index + 2, fields }, 'a.csv');
    return values === undefined ? [] : [values.join('|')];
  });
  quarantine.close(rows.length, 1);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(1);
  return { kept, tally, quarantined: lines };
};

test('a ragged row is set aside with its line, the reason and its text', () => {
  const { kept, tally, quarantined } = judgeAll(['x', 'y'], [['1', '2'], ['3'], ['4', '5', '6']]);
  expect(kept).toEqual(['1|2']);
  expect(quarantined).toEqual([
    'a.csv:3,"1 field, and the header has 2",3',
    'a.csv:4,"3 fields, and the header has 2","4,5,6"',
  ]);
  expect(tally).toMatchObject({ read: 3, kept: 1 });
});

test('blank lines are counted and are not rows', () => {
  const { kept, tally } = judgeAll(['x', 'y'], [['1', '2'], ['']]);
  expect([kept.length, tally.read, tally.blank]).toEqual([1, 1, 1]);
});

test('in a table of one column an empty line is a missing value', () => {
  expect(judgeAll(['x'], [['1'], ['']]).kept).toEqual(['1', '']);
});

test('texts that mean missing become empty; a row without a label is set aside', () => {
  const { kept, quarantined } = judgeAll(
    ['x', 'y'],
    [
      ['NA', 'a'],
      ['1', 'NA'],
    ],
    { label: 'y' },
  );
  expect(kept).toEqual(['|a']);
  expect(quarantined).toEqual(['a.csv:3,"`y` has no value, and it is the label","1,NA"']);
});

test('rows with missing values are kept, set aside or refused, as asked', () => {
  const rows = [
    ['1', ''],
    ['2', '3'],
  ];
  expect(judgeAll(['x', 'y'], rows).kept).toHaveLength(2);
  expect(judgeAll(['x', 'y'], rows, { onMissing: 'quarantine' }).kept).toEqual(['2|3']);
  expect(() => judgeAll(['x', 'y'], rows, { onMissing: 'error' })).toThrow('a.csv:2: `y` has no');
});

test('repeated rows are counted, left out or refused, as asked', () => {
  const rows = [
    ['1', 'a'],
    ['2', 'b'],
    ['1', 'a'],
  ];
  expect(judgeAll(['x', 'y'], rows).tally.duplicates).toBe(1);
  expect(judgeAll(['x', 'y'], rows).kept).toHaveLength(3);
  expect(judgeAll(['x', 'y'], rows, { duplicates: 'drop' }).kept).toEqual(['1|a', '2|b']);
  expect(() => judgeAll(['x', 'y'], rows, { duplicates: 'error' })).toThrow(/a.csv:4: this row/);
});

test('white space around values is theirs unless it is to be trimmed', () => {
  expect(judgeAll(['x', 'y'], [[' 1', 'NA ']]).kept).toEqual([' 1|NA ']);
  expect(judgeAll(['x', 'y'], [[' 1', 'NA ']], { trim: true }).kept).toEqual(['1|']);
});

test('a value that is not of its declared type sets its row aside', () => {
  const { kept, quarantined } = judgeAll(['x'], [['1'], ['1.5']], { types: { x: 'int' } });
  expect(kept).toEqual(['1']);
  expect(quarantined[0]).toContain('`x` is `1.5`, declared as int');
});

test('strict: the first bad row is an error that names its line', () => {
  expect(() => judgeAll(['x', 'y'], [['1']], {}, true)).toThrow('a.csv:2: 1 field');
});

test('columns are chosen, ordered and renamed', () => {
  const rules = { columns: ['z', 'first'], rename: { '#1': 'first' } };
  expect(judgeAll(['x', 'y', 'z'], [['1', '2', '3']], rules).kept).toEqual(['3|1']);
});

test.each([
  [['a', ''], {}, /column 2 has no name/],
  [['a', 'b', 'a'], {}, /columns 1 and 3 are both called `a`/],
  [['a', 'b'], { b: 'a' }, /both called `a`/],
  [['a', 'b'], { c: 'd' }, /`rename` names `c`, and the source has no such column/],
] as const)('the header %j with %j is refused', (header, rename, message) => {
  expect(() => headerOf(header, rename)).toThrow(message);
});

test('a repeated name is told apart by its place', () => {
  expect(headerOf(['a', 'a'], { '#2': 'b' })).toEqual(['a', 'b']);
});

test('columns that are not there, or named twice, are refused', () => {
  expect(() => keptColumns(['a'], ['b'])).toThrow(/`columns` names `b`/);
  expect(() => keptColumns(['a'], ['a', 'a'])).toThrow(/names `a` twice/);
  expect(() => schemaOf(['a'], { ...RULES, label: 'b' })).toThrow(/`label` names `b`/);
  expect(() => schemaOf(['a'], { ...RULES, types: { b: 'int' } })).toThrow(/`types` names `b`/);
});

test.each([
  ['a,b,c', ','],
  ['a;b;c', ';'],
  ['a\tb', '\t'],
  ['a|b|c,d', '|'],
  ['"a;b;c",d', ','],
  ['alone', ','],
])('the delimiter of %j is %j', (line, delimiter) => {
  expect(delimiterOf(line, '"')).toBe(delimiter);
});

test('a header of numbers alone looks like data', () => {
  expect(looksLikeData(['5.1', '3.5', '0'])).toBe(true);
  expect(looksLikeData(['5.1', 'x'])).toBe(false);
});

test('a set of rows knows each row it was shown, and fields that run together are apart', () => {
  const rows = rowSet();
  expect(rows.seen(['ab', 'c'])).toBe(false);
  expect(rows.seen(['a', 'bc'])).toBe(false);
  expect(rows.seen(['a', 'bc'])).toBe(true);
  for (let row = 0; row < 20_000; row += 1) expect(rows.seen([String(row)])).toBe(false);
  for (let row = 0; row < 20_000; row += 1) expect(rows.seen([String(row)])).toBe(true);
  expect(rows.size()).toBe(20_002);
});

test('more bad rows than allowed fail with examples', () => {
  const quarantine = openQuarantine(join(folder, 'many.csv'), false);
  for (const line of [3, 5]) {
    quarantine.add({ where: `a.csv:${line}`, kind: 'k', reason: 'why', text: '' });
  }
  expect(() => quarantine.close(20, 0.05)).toThrow(
    '2 of 20 could not be read, more than `max-quarantined` (0.05) allows: a.csv:3: why; a.csv:5: why',
  );
});

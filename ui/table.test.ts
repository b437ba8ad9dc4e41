import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderTable } from './table.ts';

const rows = [
  ['disk', 'enough of it for a while'],
  ['reflinks', 'none → put the project on a better file system'],
];

test('the last column is folded at words, below itself, to fit the terminal', () => {
  expect(renderTable(rows, { columns: 36 })).toBe(
    [
      'disk      enough of it for a while',
      'reflinks  none → put the project on',
      '          a better file system',
    ].join('\n'),
  );
});

test('where there is no terminal nothing is folded', () => {
  expect(renderTable(rows).split('\n')).toHaveLength(2);
});

test('a cell of several lines stays in its column; a path is never cut', () => {
  const path = '/a/long/way/to/a/folder/that/matters';
  expect(renderTable([['a', `first\nat ${path} it`]], { columns: 20, indent: 1 })).toBe(
    ` a  first\n    at\n    ${path}\n    it`,
  );
});

test('folding loses no word, and no line is wider than the terminal where words allow it', () => {
  const words = fc.array(fc.stringMatching(/^(\x1b\[2m)?[a-z→é]{1,12}(\x1b\[22m)?$/), {
    minLength: 1,
  });
  fc.assert(
    fc.property(words, fc.integer({ min: 30, max: 100 }), (cell, columns) => {
      const lines = renderTable([['name', cell.join(' ')]], { columns }).split('\n');
      expect(lines.flatMap(line => line.trim().split(/ +/))).toEqual(['name', ...cell]);
      for (const line of lines) {
        expect(stripVTControlCharacters(line).length).toBeLessThanOrEqual(columns);
      }
    }),
  );
});

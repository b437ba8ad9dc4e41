import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvRecord } from './csv.ts';
import { type Dialect, rowsOf } from './csv-rows.ts';

const CSV: Dialect = { delimiter: ',', quote: '"' };

async function* cut(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

const read = (text: string, size = 7, dialect = CSV) =>
  Array.fromAsync(rowsOf(cut(text, size), dialect));

/** `line: fields` or `line! reason`. */
const shown = async (text: string, dialect = CSV) =>
  (await read(text, 7, dialect)).map(row =>
    row.kind === 'fields' ? `${row.line}: ${row.fields.join('|')}` : `${row.line}! ${row.reason}`,
  );

// Another implementation, by other people.
test('well-formed text is read as csv-parse reads it, wherever the chunks are cut', async () => {
  const field = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r\n', ' ', 'ü', '😀') });
  const rows = fc.array(fc.array(field, { minLength: 1, maxLength: 4 }), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(rows, fc.integer({ min: 1, max: 9 }), async (written, size) => {
      const text = written.map(csvRecord).join('');
      const expected = parse(text, { relax_column_count: true, record_delimiter: '\n' });
      const found = (await read(text, size)).map(row => row.kind === 'fields' && row.fields);
      expect(found).toEqual(expected);
      expect(found).toEqual(written);
    }),
    { numRuns: 500 },
  );
});

test('no text is lost or made up: any input gives rows that cover all of its lines', async () => {
  const text = fc.string({
    unit: fc.constantFrom('a', ',', '"', '\n', '\r\n', 'b'),
    maxLength: 60,
  });
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 1, max: 9 }), async (given, size) => {
      const rows = await read(given, size);
      expect(rows).toEqual(await read(given, 1_000));
      const lines = given === '' ? 0 : given.replace(/\n$/, '').split('\n').length;
      const covered = rows.map(({ line }, index) => (rows[index + 1]?.line ?? lines + 1) - line);
      expect(covered.reduce((sum, count) => sum + count, 0)).toBe(lines);
      // Letters and commas outside of quotes are never dropped.
      const letters = (part: string) => part.replace(/[^ab]/g, '');
      const kept = rows.map(row => (row.kind === 'bad' ? row.text : row.fields.join(''))).join('');
      expect(letters(kept)).toBe(letters(given));
    }),
    { numRuns: 1_000 },
  );
});

test.each([
  ['a quoted line break', '1,"a\nb",2\n3,4,5\n', ['1: 1|a\nb|2', '3: 3|4|5']],
  ['doubled quotes', '"a ""b""",c\n', ['1: a "b"|c']],
  ['Windows line ends', 'a,b\r\n"c",d\r\n', ['1: a|b', '2: c|d']],
  ['no line end at the end', 'a,b\nc,"d"', ['1: a|b', '2: c|d']],
  ['blank lines', 'a\n\nb\n', ['1: a', '2: ', '3: b']],
  ['empty fields', ',\n"",\n', ['1: |', '2: |']],
])('%s', async (_, text, expected) => {
  expect(await shown(text)).toEqual(expected);
});

test.each([
  [
    'text behind a closing quote',
    '1,2\n3,"x"y\n4,5\n',
    ['1: 1|2', '2! text follows a closing quote', '3: 4|5'],
  ],
  [
    'a quote that never closes',
    '1,2\n3,"xy\n4,5\n6,7\n',
    ['1: 1|2', '2! a quote opens and never closes', '3: 4|5', '4: 6|7'],
  ],
  [
    'a stray quote in front of a quoted field',
    '3,"xy\n4,"5"\n6,7\n',
    ['1! text follows a closing quote', '2: 4|5', '3: 6|7'],
  ],
  [
    'a quote inside a plain field',
    '1,5" pipe\n2,b\n',
    ['1! a quote stands inside a field that is not quoted', '2: 2|b'],
  ],
])('%s costs its own line and no other', async (_, text, expected) => {
  expect(await shown(text)).toEqual(expected);
});

test('where quotes mean nothing they are characters like others', async () => {
  const dialect = { delimiter: '\t', quote: undefined };
  expect(await shown('a\t5" pipe\n"b\tc\n', dialect)).toEqual(['1: a|5" pipe', '2: "b|c']);
});

test('a quote that never closes gives up after a bounded stretch, not at the end of the file', async () => {
  const lines = Array.from({ length: 200_000 }, (_, index) => `${index},text\n`);
  const rows = await read(`1,"stray\n${lines.join('')}`, 1 << 16);
  expect(rows).toHaveLength(200_001);
  expect(rows[0]).toMatchObject({ kind: 'bad', line: 1 });
});

test('a line without an end is refused before it fills the memory', async () => {
  const endless = async function* () {
    for (;;) yield 'x'.repeat(1 << 20);
  };
  await expect(Array.fromAsync(rowsOf(endless(), CSV))).rejects.toThrow(/this is not a table/);
});

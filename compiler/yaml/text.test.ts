import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { casesOf } from '../../test/harness/cases.ts';
import type { Text, ValueNode } from '../syntax.ts';
import { readYaml } from './read.ts';

/** The text that stands under `key` of a document. */
function textOf(yaml: string): { readonly text: Text; readonly source: string } {
  const { tree, source } = readYaml('x.yaml', Buffer.from(yaml), 1_000_000);
  const root = tree?.root;
  const node: ValueNode | undefined =
    root?.kind === 'map' ? root.entries.get('key')?.value : undefined;
  if (node?.kind !== 'text') throw new Error(`no text in ${JSON.stringify(yaml)}`);
  return { text: node, source: source.text };
}

/** What the source holds where `part` of the value is written. */
function written(yaml: string, part: string): string {
  const { text, source } = textOf(yaml);
  const from = text.value.indexOf(part);
  const { start, end } = text.part(from, from + part.length);
  return source.slice(start, end);
}

test.each([
  ['plain', 'key: one two three\n', 'two', 'two'],
  ['plain over lines', 'key: one\n  two\n  three\n', 'two three', 'two\n  three'],
  ['single quotes', "key: 'it''s two'\n", 'two', 'two'],
  ['a doubled quote', "key: 'it''s two'\n", "'s", "''s".slice(0, 3)],
  ['double quotes', 'key: "one two"\n', 'two', 'two'],
  ['after an escape', 'key: "a\\tb\\u00e9 two"\n', 'two', 'two'],
  ['after a wide escape', 'key: "\\U0001F600 two"\n', 'two', 'two'],
  ['folded double quotes', 'key: "one\n\n  two\n  three"\n', 'three', 'three'],
  ['an escaped line break', 'key: "one\\\n  two three"\n', 'two', 'two'],
  ['a literal block', 'key: |\n  one\n    two\n  three\n', 'two', 'two'],
  ['a folded block', 'key: >\n  one\n  two\n\n  three\n', 'three', 'three'],
  ['a block with comments above', '# c\nkey: |- # why\n   one\n   two\n', 'two', 'two'],
  ['a block with an explicit indent', 'key: |2\n    one\n  two\n', 'two', 'two'],
  ['CR LF', 'key: |\r\n  one\r\n  two\r\n', 'two', 'two'],
  ['flow', '{ key: one two }', 'two', 'two'],
])('a part is found in %s', (_, yaml, part, expected) => {
  expect(written(yaml, part)).toBe(expected);
});

test('the place of a part is its line and column', () => {
  const { text } = textOf('key: |\n  one\n  two ${{ x }}\n');
  const from = text.value.indexOf('${{');
  expect(text.part(from, from + 8)).toMatchObject({ line: 3, column: 7 });
});

test('an empty part has a place, and places never leave the text', () => {
  const { text, source } = textOf('key: "abc"\n');
  expect(text.part(3, 3).start).toBe(9);
  expect(text.part(0, 99).end).toBeLessThanOrEqual(source.length);
});

test('every visible character of any text is found where it is written, in every style', () => {
  const styles = fc.constantFrom(
    'PLAIN',
    'QUOTE_SINGLE',
    'QUOTE_DOUBLE',
    'BLOCK_LITERAL',
    'BLOCK_FOLDED',
  );
  const words = fc.stringMatching(/^[a-z0-9'"\\:#é😀${} \n-]{1,60}$/u);
  fc.assert(
    fc.property(words, styles, fc.integer({ min: 20, max: 80 }), (original, style, lineWidth) => {
      const yaml = stringify(
        { key: original },
        {
          defaultStringType: style as 'PLAIN',
          lineWidth,
          blockQuote: style === 'BLOCK_FOLDED' ? 'folded' : 'literal',
        },
      );
      // The library breaks lines in the middle of a character, too: no UTF-8 says that.
      fc.pre(yaml.isWellFormed());
      const { tree } = readYaml('x.yaml', Buffer.from(yaml), 1_000_000);
      const root = tree?.root;
      const node = root?.kind === 'map' ? root.entries.get('key')?.value : undefined;
      if (node?.kind !== 'text') return; // A number or the like.
      const { value } = node;
      expect(value).toBe(parse(yaml).key);
      const { text, source } = textOf(yaml);
      for (let at = 0; at < value.length; at += 1) {
        const unit = value[at] ?? '';
        if (!/[a-z0-9:#]/.test(unit)) continue;
        const { start } = text.part(at, at + 1);
        expect(source[start], `${JSON.stringify(yaml)} at ${at}`).toBe(unit);
      }
    }),
    { numRuns: casesOf(200) },
  );
});

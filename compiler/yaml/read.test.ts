import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDocument, stringify } from 'yaml';
import { casesOf } from '../../test/harness/cases.ts';
import { LIMITS } from '../limits.ts';
import type { ValueNode } from '../syntax.ts';
import { toJson } from '../validate/values.ts';
import { readYaml } from './read.ts';

const read = (yaml: string | Uint8Array) =>
  readYaml('x.yaml', typeof yaml === 'string' ? Buffer.from(yaml) : yaml, LIMITS.fileBytes);
const codes = (yaml: string | Uint8Array) => read(yaml).problems.map(problem => problem.kind);
const value = (yaml: string) => {
  const { tree, problems } = read(yaml);
  expect(problems).toEqual([]);
  return toJson(tree?.root ?? fail());
};
const fail = (): ValueNode => {
  throw new Error('no tree');
};

describe('what a scalar means', () => {
  test.each<[string, unknown]>([
    ['yes', 'yes'],
    ['on', 'on'],
    ['12:30', '12:30'],
    ['1_000', '1_000'],
    ['0o17', 15],
    ['0x1F', 31],
    ['010', 10],
    ['+1.5e3', 1500],
    ['.5', 0.5],
    ['~', null],
    ['Null', null],
    ['TRUE', true],
    ['tRUE', 'tRUE'],
    ['"1"', '1'],
    ['!!str 1.10', '1.10'],
  ])('%s', (source, expected) => {
    expect(value(`key: ${source}`)).toEqual({ key: expected });
  });

  test('a number keeps the text it was written as', () => {
    const { tree } = read('key: 1.10');
    const root = tree?.root;
    expect(root?.kind === 'map' && root.entries.get('key')?.value).toMatchObject({
      value: 1.1,
      source: '1.10',
    });
  });
});

describe('anchors and merge keys', () => {
  test('an alias repeats a value, a merge key its entries, and own keys win', () => {
    expect(
      value('a: &a { x: 1, y: 2 }\nb: *a\nc: { <<: *a, y: 3 }\nd: { y: 4, <<: [*a, { z: 5 }] }'),
    ).toEqual({
      a: { x: 1, y: 2 },
      b: { x: 1, y: 2 },
      c: { x: 1, y: 3 },
      d: { x: 1, y: 4, z: 5 },
    });
  });

  test('an anchor set again stands for the later value', () => {
    expect(value('a: &x 1\nb: *x\nc: &x 2\nd: *x')).toEqual({ a: 1, b: 1, c: 2, d: 2 });
  });

  test('a quoted << is a key like any other', () => {
    expect(value('"<<": 1')).toEqual({ '<<': 1 });
  });

  test('names that objects have are keys like any other', () => {
    const { tree } = read('__proto__: { polluted: yes }\nconstructor: 1');
    expect(Object.keys(toJson(tree?.root ?? fail()) ?? {})).toEqual(['__proto__', 'constructor']);
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('what is refused', () => {
  const deep = Array.from({ length: 150 }, (_, i) => `${' '.repeat(i)}a:`).join('\n');
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
  for (let i = 1; i < 12; i += 1)
    bomb.push(
      `b${i}: &b${i} [${Array(10)
        .fill(i === 1 ? '*a' : `*b${i - 1}`)
        .join(',')}]`,
    );
  const chain = Array.from(
    { length: 3000 },
    (_, i) => `c${i}: &c${i} [${i === 0 ? '' : `*c${i - 1}`}]`,
  );

  test.each<[string, string | Uint8Array, string[]]>([
    ['too large a file', Buffer.alloc(LIMITS.fileBytes + 1, 32), ['file-too-large']],
    ['a byte that is not UTF-8', Buffer.from([0x61, 0xff]), ['not-utf8']],
    ['half a character at the end', Buffer.from([0x61, 0xe2, 0x82]), ['not-utf8']],
    ['UTF-16', Buffer.from('\ufeffa: 1', 'utf16le'), ['not-utf8']],
    ['NUL', 'a: \0', ['control-character']],
    ['a lone carriage return', 'a: 1\rb: 2', ['lone-carriage-return']],
    ['200,000 brackets', '['.repeat(200_000), ['nested-too-deep']],
    ['200,000 braces with keys', '{a: '.repeat(200_000), ['nested-too-deep']],
    ['200,000 dashes', '- '.repeat(200_000), ['nested-too-deep']],
    ['200,000 question marks', '? '.repeat(200_000), ['nested-too-deep']],
    ['deep indentation', deep, ['nested-too-deep']],
    ['an alias bomb', bomb.join('\n'), ['alias-expansion']],
    ['a value in itself', 'a: &a [*a]', ['alias-cycle']],
    ['a map that merges itself', 'a: &a\n  <<: *a', ['alias-cycle']],
    ['a second document', 'a: 1\n---\nb: 2', ['several-documents']],
    ['a million documents', 'a: 1\n---\n'.repeat(100_000), ['several-documents']],
    ['a key twice', 'a: 1\n"a": 2', ['duplicate-key']],
    ['a merge key twice', 'x: &x {}\na:\n  <<: *x\n  <<: *x', ['duplicate-key']],
    ['a tag', 'a: !x 1', ['custom-tag']],
    ['a tag on a map', 'a: !!set { b }', ['custom-tag']],
    ['a key that is a list', '? [a]\n: 1', ['key-not-text']],
    ['a key that is an alias', 'a: &a x\n*a : 1', ['key-not-text']],
    ['YAML 1.1', '%YAML 1.1\n---\na: 1', ['yaml-syntax']],
  ])('%s', (_, yaml, expected) => {
    expect(codes(yaml)).toEqual(expected);
  });

  test('aliases that grow deeper line by line are said once', () => {
    expect(new Set(codes(chain.join('\n')))).toEqual(
      new Set(['nested-too-deep', 'alias-expansion']),
    );
  });

  test('the byte that is not UTF-8 is named by its offset', () => {
    const bytes = Buffer.concat([Buffer.from('a: é€😀 '), Buffer.from([0xf0, 0x9f, 0x41])]);
    expect(read(bytes).problems[0]).toMatchObject({ offset: 13, at: { line: 1, column: 9 } });
  });

  test('what is allowed is as deep and as repeated as the limits say', () => {
    expect(codes('['.repeat(LIMITS.nesting) + ']'.repeat(LIMITS.nesting))).toEqual([]);
    expect(codes(`${'['.repeat(LIMITS.nesting + 1)}${']'.repeat(LIMITS.nesting + 1)}`)).toEqual([
      'nested-too-deep',
    ]);
  });
});

describe('very long things are read or refused, without a deep stack', () => {
  const n = 150_000;
  test.each([
    ['blank lines', `${'\n'.repeat(n)}a: 1`],
    ['comments', '#\n'.repeat(n / 2)],
    ['a plain text', `a: ${'x'.repeat(n)}`],
    ['a text that runs into a bracket', `{ a: ${'x '.repeat(n / 2)}[1] }`],
    ['a quoted text of escapes', `a: "${'\\t'.repeat(n / 2)}"`],
    ['a block of blank lines', `a: |\n${'\n'.repeat(n)}  x`],
  ])('%s', (_, yaml) => {
    const { tree, source } = read(yaml);
    const root = tree?.root;
    const text = root?.kind === 'map' ? root.entries.get('a')?.value : undefined;
    if (text?.kind === 'text') expect(text.part(0, 1).end).toBeLessThan(source.text.length + 1);
  });
});

describe('slips in flow style', () => {
  test('are each found, and what they mean is read all the same', () => {
    const yaml = 'a: { b: ${{ x }}, c: p-${{ y }}-s, d: [t[*].m, t[k=1,l=2].n], e: 1 }';
    const { tree, problems } = read(yaml);
    expect(problems.map(({ kind, at }) => `${kind} ${yaml.slice(at.start, at.end)}`)).toEqual([
      'unquoted-expression ${{ x }}',
      'unquoted-expression p-${{ y }}-s',
      'unquoted-reference t[*].m',
      'unquoted-reference t[k=1,l=2].n',
    ]);
    expect(toJson(tree?.root ?? fail())).toEqual({
      a: { b: '${{ x }}', c: 'p-${{ y }}-s', d: ['t[*].m', 't[k=1,l=2].n'], e: 1 },
    });
  });

  test('are no slips in quotes, in block style and in comments', () => {
    expect(
      codes(
        'a: { b: "${{ x }}" } # { c: ${{ y }} }\nd: ${{ z }}\ne: t[*].m\nf: |\n  { g: ${{ x }} }',
      ),
    ).toEqual([]);
  });
});

test('reads whatever the library writes as the library reads it', () => {
  const key = fc.stringMatching(/^[a-z_~.0-9é-]{1,8}$/);
  const leaf = fc.oneof(
    fc
      .string({ maxLength: 30 })
      .filter(text => !/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069\ufeff]/u.test(text)),
    fc.stringMatching(/^[\n a-z:#'"-]{0,30}$/),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
  );
  const { document } = fc.letrec(tie => ({
    document: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('document'), { maxLength: 4 }),
      fc.dictionary(key, tie('document'), { maxKeys: 4 }),
    ),
  }));
  const options = fc.record({
    indent: fc.integer({ min: 1, max: 5 }),
    lineWidth: fc.constantFrom(0, 20, 80),
    collectionStyle: fc.constantFrom('any' as const, 'block' as const, 'flow' as const),
    singleQuote: fc.boolean(),
  });
  fc.assert(
    fc.property(document, options, (json, style) => {
      const yaml = stringify(json, style);
      const theirs = parseDocument(yaml, { version: '1.2', schema: 'core', uniqueKeys: false });
      // What it writes in flow style is not always what it reads.
      if (theirs.errors.length > 0 || !isDeepStrictEqual(theirs.toJS(), json)) return;
      const { tree, problems } = read(yaml);
      expect(problems, yaml).toEqual([]);
      expect(toJson(tree?.root ?? fail()), yaml).toEqual(theirs.toJS());
    }),
    { numRuns: casesOf(200) },
  );
});

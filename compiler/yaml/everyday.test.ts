/** Whatever the fast reader reads, the complete parser reads the same, places included. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { casesOf } from '../../test/harness/cases.ts';
import { source } from '../source.ts';
import type { ValueNode } from '../syntax.ts';
import { compose } from './compose.ts';
import { readEveryday } from './everyday.ts';
import { NOTHING_LOST } from './recover.ts';
import { tree } from './tree.ts';

const ROOT = join(import.meta.dirname, '../..');
const files = ['pipelines', 'configs', 'steps', 'compiler', 'examples']
  .flatMap(folder => globSync(`${folder}/**/*.yaml`, { cwd: ROOT }))
  .filter(path => !path.includes('.sluice'))
  .map(path => readFileSync(join(ROOT, path), 'utf8'))
  .filter(text => text.length < 20_000);

/** Everything about a value that can be seen, the places of a text's characters included. */
function seen(node: ValueNode): unknown {
  const place = `${node.span.start}-${node.span.end} ${node.span.line}:${node.span.column}`;
  switch (node.kind) {
    case 'scalar':
      return [place, node.source, String(node.value), typeof node.value];
    case 'text': {
      const units = Array.from({ length: node.value.length + 1 }, (_, at) => node.part(at, at + 1));
      return [place, node.value, units.map(({ start, end }) => `${start}-${end}`).join(' ')];
    }
    case 'list':
      return [place, node.items.map(seen)];
    case 'map':
      return [
        place,
        [...node.entries].map(([name, { key, value }]) => [
          name,
          key.value,
          key.span.start,
          key.span.end,
          seen(value),
        ]),
      ];
  }
}

/** True when the fast reader read it, as the other one does. */
function agrees(text: string): boolean {
  const here = source('x.yaml', text);
  const fast = readEveryday(here, 1_000_000);
  if (fast.kind !== 'read') return false;
  const { document, problems } = compose(here, text);
  expect(problems, text).toEqual([]);
  if (document === undefined) throw new Error(`no document: ${text}`);
  const grown = tree(here, document, { slips: [], lost: NOTHING_LOST });
  expect(grown.problems, text).toEqual([]);
  expect(seen(fast.root), text).toEqual(seen(grown.root));
  return true;
}

test('nearly all real files are everyday YAML', () => {
  const real = files.filter(text => !/[&*!\t\r]/.test(text));
  const read = real.filter(agrees);
  expect(real.length).toBeGreaterThan(20);
  expect(read.length / real.length).toBeGreaterThan(0.8);
});

describe('reads', () => {
  test.each([
    'a: 1',
    'a:\n  - b\n  -  c: 1\n     d: 2\n  - [x, {y: z}]\ne: ~',
    'a:\n- b\n- c\nd: x # comment\n# another\n  # indented\n\n',
    'a: |\n  x\n    y\n\n  z\n\n\nb: |-\n  q\n # c\n',
    'a: >\n  x y \n  z\n\n  p\n\n\n  q\n\nb: >-\n   v\n   w\nc: 1\n',
    "a: { b: \"x\\ty\", c: 'it''s', d: a:b, e: [] }   # c",
    'a: [x,\n  y,\n  { z: 1\n  }\n ]\n',
    'a:\nb:   # nothing\nc: x: y'.slice(0, 16),
    '  a: 1\n  b:\n    c: ${{ params.x }} d\n',
    'image: a/b:1.2#x\n1: 2\n',
    'a: é😀 x \nb: "é"',
  ])('%j', text => {
    expect(agrees(text)).toBe(true);
  });
});

describe('leaves to the complete parser', () => {
  test.each([
    '',
    '# nothing',
    'a: &x 1\nb: *x',
    'a: !!str 1',
    '<<: {}',
    'a: 1\na: 2',
    'a: b: c',
    'a: x\n  y',
    'a: >\n  x\n   y\n',
    'a: >+\n  x\n',
    'a: >\n\n  x\n',
    '---\na: 1',
    'a: 1\n...\n',
    '%YAML 1.2\n---\na: 1',
    'a: [1,\n2]',
    'a: {b}',
    'a: [b: c]',
    '? a\n: b',
    '"a": 1',
    'a: 1\n  b: 2',
    'a:\n    b: 1\n  c: 2',
    'a:\n  - b\n c: 1',
    'a: "x"y',
    'a: "x"#y',
    '- a',
    'a: @b',
    'a: |\n',
    'a:\tb',
    `a: ${'['.repeat(101)}${']'.repeat(101)}`,
  ])('%j', text => {
    expect(agrees(text)).toBe(false);
  });
});

const numRuns = casesOf(300);
const TIMEOUT = 3_600_000;

const MORSELS = [
  ...['', ' ', '  ', '\n', '\n  ', '\n    ', '\t', ':', ': ', '- ', '-', '? ', '{', '}', '[', ']'],
  ...[',', '"', "'", '""', "''", '&a ', '*a', '!x ', '<<: ', '|', '|-', '|\n', '>', '#', ' #'],
  ...['>-\n    ', '>\n      ', '\n\n    b'],
  ...['---', '---\n', '...\n', '%', '${{ x }}', 'a[*].b', '\\', '\\n', '@', '`', '~', 'null', '1'],
  ...['a', 'a: ', 'b: x', '- c\n', '\u00a0', '\u2028', 'é', '__proto__: 1\n', '\ufeff', '0x1f'],
];
const morsel = fc.constantFrom(...MORSELS);

test(
  'mixtures of signs are read the same or left',
  () => {
    const mixture = fc.array(morsel, { maxLength: 25 }).map(parts => parts.join(''));
    fc.assert(
      fc.property(mixture, text => {
        agrees(text);
        agrees(`a:\n  b: ${text}\n  c: 1\n`);
        agrees(`a: [x, ${text}]\nb: 2\n`);
      }),
      { numRuns },
    );
  },
  TIMEOUT,
);

test(
  'real files with a few changes are read the same or left',
  () => {
    const change = fc.tuple(fc.noBias(fc.nat(9_999)), fc.oneof(fc.constant(0), fc.nat(8)), morsel);
    fc.assert(
      fc.property(
        fc.constantFrom(...files.filter(text => text.length < 2_000)),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        (file, changes) => {
          const changed = changes.reduce((text, [where, removed, added]) => {
            const at = Math.floor((where / 10_000) * text.length);
            return text.slice(0, at) + added + text.slice(at + removed);
          }, file);
          agrees(changed);
        },
      ),
      { numRuns },
    );
  },
  TIMEOUT,
);

test(
  'what the library writes is read the same or left',
  () => {
    const key = fc.stringMatching(/^[a-z0-9][a-z0-9_.-]{0,5}$/);
    const leaf = fc.oneof(
      fc.stringMatching(/^[a-z :#'"\n[\]{},|>&*!-]{0,15}$/),
      fc.string({ maxLength: 10 }).filter(text => !/[\p{Cc}\p{Cs}]/u.test(text)),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
    );
    const { value } = fc.letrec(tie => ({
      value: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(key, tie('value'), { maxKeys: 4 }),
      ),
    }));
    const style = fc.record({
      indent: fc.integer({ min: 1, max: 5 }),
      lineWidth: fc.constantFrom(0, 20, 80),
      collectionStyle: fc.constantFrom('any' as const, 'block' as const, 'flow' as const),
      singleQuote: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.dictionary(key, value, { minKeys: 1, maxKeys: 4 }), style, (json, options) => {
        agrees(stringify(json, options));
      }),
      { numRuns },
    );
  },
  TIMEOUT,
);

/**
 * The front end under arbitrary input: it never throws, it ends soon, its places lie in the file,
 * and the same bytes give the same answer.
 */
import { globSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { casesOf } from '../../test/harness/cases.ts';
import { parseConfig } from '../config.ts';
import { parseManifest } from '../manifest.ts';
import { parsePipeline } from '../pipeline.ts';
import { describeSyntax, type SyntaxProblem } from '../problems/syntax.ts';
import { parseSettings } from '../settings.ts';

const numRuns = casesOf(40);
const at = (path: string) => readFileSync(new URL(path, import.meta.url));
const files = [
  at('../../pipelines/digits.yaml'),
  at('./every-key.pipeline.yaml'),
  at('./every-key.step.yaml'),
  ...readdirSync(new URL('../../configs', import.meta.url)).map(name =>
    at(`../../configs/${name}`),
  ),
  ...globSync('*/step.yaml', { cwd: new URL('../../steps', import.meta.url) }).map(path =>
    at(`../../steps/${path}`),
  ),
];

type Answer = { readonly problems: readonly SyntaxProblem[]; readonly text: string };
const readers: readonly ((bytes: Uint8Array) => Answer & { readonly value: unknown })[] = [
  bytes => parsePipeline('x.yaml', bytes),
  bytes => parseManifest('x.yaml', bytes),
  bytes => parseConfig('x.yaml', bytes),
  bytes => parseSettings('x.yaml', bytes, { name: 'ci', asked: '--profile' }),
];

function holds(bytes: Uint8Array, reader: number): void {
  const read = readers[reader % readers.length] ?? readers[0];
  if (read === undefined) throw new Error('no reader');
  const answer = read(bytes);
  if (answer.value === undefined) expect(answer.problems.length).toBeGreaterThan(0);
  for (const problem of answer.problems) {
    const { at: place, related, fixes, message } = describeSyntax(problem);
    const spans = [
      place,
      ...related.map(one => one.at),
      ...fixes.flatMap(fix => fix.edits.map(edit => edit.at)),
    ];
    for (const span of spans) {
      if (span === undefined) continue;
      expect(span.start).toBeGreaterThanOrEqual(0);
      expect(span.end).toBeGreaterThanOrEqual(span.start);
      expect(span.end).toBeLessThanOrEqual(answer.text.length);
      const lines = answer.text.slice(0, span.start).split('\n');
      expect([span.line, span.column]).toEqual([lines.length, (lines.at(-1)?.length ?? 0) + 1]);
    }
    // What the author wrote may be quoted.
    for (const slip of ['undefined', '[object', 'NaN'])
      if (!answer.text.includes(slip)) expect(message).not.toContain(slip);
  }
  expect(read(bytes).problems.map(describeSyntax)).toEqual(answer.problems.map(describeSyntax));
}

/** Bytes that YAML and the language care about, and some that nobody does. */
const morsel = fc.constantFrom(
  '',
  ' ',
  '\n',
  '\t',
  '\r',
  ':',
  ': ',
  '- ',
  '? ',
  '{',
  '}',
  '[',
  ']',
  ',',
  '"',
  "'",
  '&a ',
  '*a',
  '!x ',
  '!!str ',
  '<<: ',
  '|',
  '>',
  '#',
  ' #',
  '%YAML 1.1\n',
  '---\n',
  '...\n',
  '${{',
  '}}',
  '${{ x }}',
  'a[*].b',
  '\\',
  '\0',
  '\ufeff',
  '\u202e',
  '9007199254740993',
  '.inf',
  '1.10',
  '~',
  'null',
  'true',
  '__proto__',
  'constructor',
  '<<<<<<< x\n',
  '@',
  '`',
  '*.py',
  '\u0430',
);
const mutation = fc.record({
  from: fc.nat(),
  length: fc.oneof(fc.constant(0), fc.nat(40)),
  insert: fc.oneof(morsel, fc.string({ maxLength: 5 })),
});

test('mutations of real files are read or refused', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...files),
      fc.array(mutation, { minLength: 1, maxLength: 6 }),
      fc.nat(3),
      (file, mutations, reader) => {
        let text = file.toString('utf8');
        for (const { from, length, insert } of mutations) {
          const start = from % (text.length + 1);
          text = text.slice(0, start) + insert + text.slice(start + length);
        }
        holds(Buffer.from(text), reader);
      },
    ),
    { numRuns },
  );
}, 3_600_000);

test('mutations of bytes are read or refused', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...files),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      fc.nat(3),
      (file, changes, reader) => {
        const bytes = Buffer.from(file);
        for (const [place, byte] of changes) bytes[place % bytes.length] = byte;
        holds(bytes, reader);
      },
    ),
    { numRuns },
  );
}, 3_600_000);

test('arbitrary mixtures of YAML are read or refused', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          morsel,
          fc.constantFrom(
            'steps',
            'run',
            'uses',
            'in',
            'params',
            'sluice: 1\n',
            '  ',
            '\n  ',
            '\n    ',
          ),
        ),
        { maxLength: 40 },
      ),
      fc.nat(3),
      (morsels, reader) => {
        holds(Buffer.from(morsels.join('')), reader);
      },
    ),
    { numRuns },
  );
}, 3_600_000);

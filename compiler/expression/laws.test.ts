/** What holds for every expression, written or made up. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, type Json } from '../../schema/canonical-json.ts';
import { evaluate, evaluateLate, fieldOf } from '../../schema/evaluate.ts';
import type { Expression } from '../../schema/expression.ts';
import { formatExpression, PRECEDENCE } from '../../schema/expression-text.ts';
import { FUNCTION_NAMES } from '../../schema/function.ts';
import { LIMITS } from '../limits.ts';
import { describeExpression } from '../problems/expression.ts';
import { checkTemplate, type Form, toLate } from './late.ts';
import { type Bindings, literal, lower } from './lower.ts';
import { names, open, VALUES } from './made-up.ts';
import { text } from './sample.ts';
import { GIT_NAMES, type Scope } from './scope.ts';
import { SIGNATURES } from './signature.ts';
import { parseExpression, parseTemplate } from './template.ts';

const scope: Scope = {
  place: 'a test',
  roots: {
    params: new Map(names.map(name => [name, 'unknown'])),
    git: GIT_NAMES,
    in: new Map(),
    out: new Map(),
  },
  steps: {
    names: () => ['s'],
    find: name => (name === 's' ? { kind: 'ports', ports: new Map([['p', 'value']]) } : undefined),
  },
  results: 'allowed',
};

const early: Bindings = {
  variable: (_, name) => literal(fieldOf(VALUES, [name]) ?? null),
  path: () => 'in/x',
  step: name => name,
};

/** The same values, but known only once a step has run. */
const late: Bindings = {
  ...early,
  variable: (_, name) => ({ kind: 'result', step: 's', port: 'p', fields: [name] }),
};
const results = (_: string, __: string, fields: readonly string[]) => fieldOf(VALUES, fields);

/** Pieces of the language in any order, and things that are none. */
const soup = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...[
          '${{',
          '}}',
          ' ',
          '(',
          ')',
          '[',
          ']',
          ',',
          '.',
          '?',
          ':',
          '!',
          '"',
          "'",
          '\\',
          '\n',
          '$',
          '{',
          '}',
          '=',
          '#',
        ],
        ...[
          'params.n',
          'params',
          's.p',
          'true',
          'null',
          '1',
          '2.5',
          '1e9',
          '9007199254740993',
          "'a'",
          '"\\u00e9"',
          '-',
          'in.x',
        ],
        ...FUNCTION_NAMES.map(name => `${name}(`),
        ...PRECEDENCE.flat().map(operator => ` ${operator} `),
      ),
      fc.string({ maxLength: 3 }),
    ),
    { maxLength: 40 },
  )
  .map(pieces => pieces.join(''));

/** An expression as people write it, with a slip of the finger: a piece cut out, another put in. */
const nearly = fc
  .tuple(
    open.map(expression => formatExpression(expression)),
    fc.nat(),
    fc.nat(3),
    fc.oneof(fc.constant(''), fc.string({ maxLength: 2 })),
  )
  .map(([source, at, length, piece]) => {
    const start = at % (source.length + 1);
    return `\${{ ${source.slice(0, start)}${piece}${source.slice(start + length)} }}`;
  });

describe('any text', () => {
  test('gives values or problems with a place inside it, and never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          soup,
          soup.map(inner => `\${{ ${inner} }}`),
          nearly,
        ),
        fc.constantFrom<Form>('value', 'text', 'command'),
        (source, form) => {
          const { parts, problems } = parseTemplate(text(source));
          const checked = checkTemplate(parts, scope, form);
          const made = toLate(parts, early, form);
          for (const problem of [...problems, ...checked.problems, ...made.problems]) {
            const { at, message } = describeExpression(problem);
            expect(message).not.toBe('');
            expect(at?.start).toBeGreaterThanOrEqual(0);
            expect(at?.end).toBeLessThanOrEqual(source.length);
            expect(at?.end).toBeGreaterThanOrEqual(at?.start ?? 0);
          }
          if (made.late !== undefined) evaluateLate(made.late, results);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('covers the whole string: every character is text or belongs to an expression', () => {
    fc.assert(
      fc.property(soup, source => {
        const { parts, problems } = parseTemplate(text(source));
        if (problems.length > 0) return;
        expect(parts.map(part => source.slice(part.start, part.end)).join('')).toBe(source);
      }),
    );
  });

  test.each([
    ['brackets', '('.repeat(200_000)],
    ['lists', '['.repeat(200_000)],
    ['signs', '!'.repeat(200_000)],
    ['a long sum', '1+'.repeat(200_000)],
    ['a long choice', 'true?1:'.repeat(200_000)],
    ['fields', `params${'.n'.repeat(200_000)}`],
  ])('%s without end are one problem, at once', (_, source) => {
    const { problems } = parseTemplate(text(`\${{ ${source} }}`));
    expect(problems.map(problem => problem.kind)).toEqual(['expression-too-large']);
  });

  test('the deepest expression that is allowed can be walked', () => {
    const sources = [
      `${'('.repeat(480)}1${')'.repeat(480)}`,
      `${'!'.repeat(990)}true`,
      `1${' + 1'.repeat(480)}`,
      `${'true ? '.repeat(240)}1${' : 2'.repeat(240)}`,
    ];
    for (const source of sources) {
      const { parts, problems } = parseTemplate(text(`\${{ ${source} }}`));
      expect([...problems, ...checkTemplate(parts, scope, 'value').problems]).toEqual([]);
      expect(toLate(parts, early, 'value').late?.kind).toBe('known');
    }
  });

  test('of many broken expressions the first are reported, and the rest is not read', () => {
    expect(parseTemplate(text('${{ ( '.repeat(50_000))).problems).toHaveLength(LIMITS.problems);
  });
});

const readBack = (source: string, bindings: Bindings) => {
  const { expression, problems } = parseExpression(text(source));
  expect(problems.map(describeExpression)).toEqual([]);
  if (expression === undefined) throw new Error('no problem and no expression');
  return lower(expression, bindings);
};

describe('any expression', () => {
  test('reads back from its text as what it was', () => {
    const unchanged: Bindings = {
      ...early,
      variable: (scope, name) => ({ kind: 'variable', scope, name }),
    };
    fc.assert(
      fc.property(open, expression => {
        expect(readBack(formatExpression(expression), unchanged)).toEqual({
          expression,
          problems: [],
        });
      }),
      { numRuns: 500 },
    );
  });

  test('has a value that JSON can carry, or a reason, and never throws', () => {
    fc.assert(
      fc.property(open, expression => {
        const value = evaluate(expression, results);
        if (value.ok) canonicalJson(value.value);
        else expect(value.message).not.toBe('');
      }),
      { numRuns: 500 },
    );
  });

  test('has the same value whether it is decided before the run or during it', () => {
    fc.assert(
      fc.property(open, expression => {
        const source = formatExpression(expression);
        const now = readBack(source, early);
        const waiting = readBack(source, late);
        // What fails beforehand is refused, even where a result would have gone around it.
        if (waiting.expression === undefined) return;
        if (now.expression === undefined && source.includes('s.p')) return;
        const then = evaluate(waiting.expression, results);
        const value: Json | undefined =
          now.expression?.kind === 'literal' ? now.expression.value : undefined;
        if (then.ok) expect(value ?? evaluated(now.expression)).toEqual(then.value);
        else if (now.expression?.kind === 'literal') expect(then.message).toBe('fails only later');
      }),
      { numRuns: 500 },
    );
  });
});

const evaluated = (expression: Expression | undefined): Json | undefined => {
  const value = expression && evaluate(expression, results);
  return value?.ok ? value.value : undefined;
};

test('every function that can be called has a signature, and the other way round', () => {
  expect([...SIGNATURES.keys()].sort()).toEqual([...FUNCTION_NAMES].sort());
});

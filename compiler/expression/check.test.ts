import { describe, expect, test } from 'vitest';
import { describeExpression } from '../problems/expression.ts';
import { checkExpression, checkTemplate, type Form, toLate } from './late.ts';
import { bindings, scope, text } from './sample.ts';
import { parseExpression, parseTemplate } from './template.ts';

const messages = (source: string, form: Form = 'value', here = scope) => {
  const { parts, problems } = parseTemplate(text(source));
  const all = [...problems, ...checkTemplate(parts, here, form).problems];
  return all.map(problem => {
    const { code, message, at } = describeExpression(problem);
    return `${code} at ${source.slice(at?.start, at?.end)}: ${message}`;
  });
};

describe('each mistake is one problem, at its place', () => {
  test.each([
    ['a ${{ params.sede }} b', ['unknown-member at sede: there is no parameter `sede`']],
    ['${{ parms.seed }}', ['unknown-name at parms: nothing has the name `parms`']],
    ['${{ params.seed-1 }}', ['unknown-member at seed-1: there is no parameter `seed-1`']],
    ['${{ params }}', ['incomplete-name at params: `params` alone is not a value']],
    ['${{ eval }}', ['incomplete-name at eval: `eval` alone is not a value']],
    ['${{ matrix.lr }}', ['unavailable-name at matrix.lr: `matrix` has no meaning in a test']],
    ['${{ eval.metric.accuracy }}', ['unknown-result at metric: step `eval` has no port `metric`']],
    [
      '${{ eval.model }}',
      [
        'unreadable-result at eval.model: `eval.model` is of type `model/onnx`, which an expression cannot read',
      ],
    ],
    [
      '${{ sweep.metrics.loss }}',
      [
        'matrix-result at sweep.metrics.loss: `sweep` has one result per instance of its matrix, and this does not say which',
      ],
    ],
    ['${{ train.whatever.x > 1 }}', []],
    ['${{ range(max(params.sizes)) }}', []],
    ['${{ range(params.shape.width * 2) }}', []],
    ['${{ range(-params.shape.width, 7 % params.seed) }}', []],
    [
      '${{ range(params.lr * 10) }}',
      [
        'expression-type at params.lr * 10: what `range` takes here is an integer, and this is a number',
      ],
    ],
    [
      '${{ params.name + 1 }}',
      ['operator-types at +: `+` does not work on a string and an integer'],
    ],
    [
      '${{ params.name == 1 }}',
      ['operator-types at ==: `==` does not work on a string and an integer'],
    ],
    [
      '${{ params.seed && true }}',
      ['operator-types at &&: `&&` does not work on an integer and a boolean'],
    ],
    [
      '${{ params.seed ? 1 : 2 }}',
      [
        'expression-type at params.seed: what stands in front of `?` is a boolean, and this is an integer',
      ],
    ],
    [
      '${{ !params.name }}',
      ['expression-type at params.name: the operand of `!` is a boolean, and this is a string'],
    ],
    ['${{ rang(3) }}', ['unknown-function at rang: there is no function `rang`']],
    ['${{ range() }}', ['argument-count at range(): `range` cannot be given 0 values']],
    [
      "${{ range('3') }}",
      ["expression-type at '3': what `range` takes here is an integer, and this is a string"],
    ],
    [
      'x ${{ params.sizes }}',
      [
        'expression-type at params.sizes: what stands in text is a string, a number or a boolean, and this is a list',
      ],
    ],
    ['${{ params.seed', ['unclosed-expression at ${{: this expression has no end']],
    [
      '${{ params.seed and ${{ params.lr }}',
      ['unclosed-expression at ${{: this expression has no end'],
    ],
    ['${{ }}', ['empty-expression at ${{ }}: there is no expression between the braces']],
    ["${{ 'abc }}", ["unclosed-string at ': this text has no closing quote"]],
    ['${{ 8GiB }}', ['malformed-number at 8GiB: `8GiB` is not a number']],
    [
      '${{ 9007199254740993 }}',
      ['inexact-number at 9007199254740993: `9007199254740993` cannot be kept exactly'],
    ],
    [
      '${{ a = 1 }} ${{ params.seed }}',
      ['stray-character at =: `=` means nothing in an expression'],
    ],
    ['${{ 1 and 2 }}', ['unexpected-token at and: an operator is missing here']],
    ['${{ (1 + }}', ['unexpected-token at }}: the expression ends where a value is missing']],
    ['${{ (1 }}', ['unexpected-token at }}: the expression ends where `)` is missing']],
    ['${{ "\\q" }}', ['unknown-escape at \\q: `\\q` is not an escape of a text in double quotes']],
    [
      '${{ params.x + params.y }} ${{ nope }} ${{ ( }}',
      [
        'unexpected-token at }}: the expression ends where a value is missing',
        'unknown-member at x: there is no parameter `x`',
        'unknown-member at y: there is no parameter `y`',
        'unknown-name at nope: nothing has the name `nope`',
      ],
    ],
  ])('%s', (source, expected) => {
    expect(messages(source)).toEqual(expected);
  });

  test('raw means something only around a whole expression of a command', () => {
    expect(messages('${{ raw(params.name) }}')).toEqual([
      'misplaced-raw at raw: `raw` means nothing in a test',
    ]);
    expect(messages('echo ${{ lower(raw(params.name)) }}', 'command')).toHaveLength(1);
  });

  test('a result is refused where the value must be known before the run', () => {
    expect(
      messages('${{ eval.best }}', 'value', { ...scope, place: 'a matrix', results: 'refused' }),
    ).toEqual([
      'result-too-early at eval.best: a matrix must be known before the run, but this waits for step `eval`',
    ]);
  });

  test('what cannot be computed is a problem with the reason', () => {
    const fail = (source: string) => {
      const { parts } = parseTemplate(text(source));
      return toLate(parts, bindings, 'value').problems.map(
        problem => describeExpression(problem).message,
      );
    };
    expect(fail('${{ params.seed / params.zero }}')).toEqual(['`7 / 0` divides by zero']);
    expect(fail('${{ 9007199254740991 + 1 }}')).toEqual([
      '`9007199254740991 + 1` is beyond 2^53, where integers stop being exact',
    ]);
    expect(fail('${{ range(1000000000) }}')).toEqual([
      '`range` would have 1000000000 elements; at most 100000 are allowed',
    ]);
    expect(fail('${{ params.shape.height }}')).toEqual([
      '`params.shape` has no field `height`; it has `width`',
    ]);
    expect(fail('${{ params.sizes[2] }}')).toEqual([
      '`params.sizes` has 2 elements, counted from 0; there is no element 2',
    ]);
    expect(fail('${{ 1 / 0 }} and ${{ 2 / 0 }}')).toHaveLength(2);
  });

  test('a condition is written with or without braces, and is one expression', () => {
    const problems = (source: string) => {
      const { expression, problems } = parseExpression(text(source));
      const typed = expression && checkExpression(expression, scope, ['bool'], 'a condition');
      return [...problems, ...(typed?.problems ?? [])].map(p => describeExpression(p).message);
    };
    expect(problems('eval.metrics.accuracy >= 0.9')).toEqual([]);
    expect(problems(' ${{ eval.metrics.accuracy >= 0.9 }} ')).toEqual([]);
    expect(problems('${{ params.fast }} && ${{ params.fast }}')).toEqual([
      '`&& ${{ params.fast }}` stands behind the expression',
    ]);
    expect(problems('params.seed')).toEqual(['a condition is a boolean, and this is an integer']);
    expect(problems('')).toEqual(['there is no expression between the braces']);
  });
});

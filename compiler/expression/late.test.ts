import { describe, expect, test } from 'vitest';
import type { Json } from '../../schema/canonical-json.ts';
import { evaluateLate, fieldOf } from '../../schema/evaluate.ts';
import { describeExpression } from '../problems/expression.ts';
import type { Text } from '../syntax.ts';
import {
  checkExpression,
  checkTemplate,
  expressionOf,
  type Form,
  resultsIn,
  toLate,
} from './late.ts';
import { type Bindings, literal } from './lower.ts';
import { GIT_NAMES, type Scope } from './scope.ts';
import { parseExpression, parseTemplate } from './template.ts';

const text = (value: string): Text => {
  const part = (start: number, end: number) => ({
    file: 'p.yaml',
    start,
    end,
    line: 1,
    column: start + 1,
  });
  return { value, part, span: part(0, value.length) };
};

const PARAMS: Record<string, Json> = {
  seed: 7,
  lr: 0.1,
  fast: true,
  name: 'digits',
  evil: "a'; rm -rf ~ #\n$(id)",
  zero: 0,
  sizes: [1, 2],
  shape: { width: 3 },
  'target-accuracy': 0.95,
};

const scope: Scope = {
  place: 'a test',
  roots: {
    params: new Map([
      ['seed', 'int'],
      ['lr', 'float'],
      ['fast', 'bool'],
      ['name', 'string'],
      ['evil', 'string'],
      ['zero', 'int'],
      ['sizes', 'list'],
      ['shape', 'map'],
      ['target-accuracy', 'float'],
    ]),
    env: new Map([['SEED', 'string']]),
    git: GIT_NAMES,
    in: new Map([['train', 'string']]),
    out: new Map([['model', 'string']]),
  },
  steps: {
    names: () => ['eval', 'train', 'sweep'],
    find: name =>
      name === 'eval'
        ? {
            kind: 'ports',
            ports: new Map([
              ['metrics', 'metrics'],
              ['model', 'model/onnx'],
              ['best', 'value'],
            ]),
          }
        : name === 'sweep'
          ? { kind: 'matrix' }
          : name === 'train'
            ? { kind: 'broken' }
            : undefined,
  },
  results: 'allowed',
};

const bindings: Bindings = {
  variable: (root, name) =>
    root === 'params' ? literal(PARAMS[name] ?? null) : literal(`${root} ${name}`),
  path: (side, port) => `${side}/${port}`,
  step: name => name,
};

const messages = (source: string, form: Form = 'value', here = scope) => {
  const { parts, problems } = parseTemplate(text(source));
  const all = [...problems, ...checkTemplate(parts, here, form).problems];
  return all.map(problem => {
    const { code, message, at } = describeExpression(problem);
    return `${code} at ${source.slice(at?.start, at?.end)}: ${message}`;
  });
};

const made = (source: string, form: Form = 'value') => {
  const { parts, problems } = parseTemplate(text(source));
  expect(problems).toEqual([]);
  expect(checkTemplate(parts, scope, form).problems).toEqual([]);
  const { late, problems: failures } = toLate(parts, bindings, form);
  if (late === undefined) throw new Error(failures.map(f => describeExpression(f).message).join());
  return late;
};

const value = (source: string, form: Form = 'value') => {
  const late = made(source, form);
  if (late.kind === 'late') throw new Error(`late: ${JSON.stringify(late)}`);
  return late.value;
};

describe('what is known becomes a literal', () => {
  test.each<[string, Json]>([
    ['${{ params.seed }}', 7],
    ['seed ${{ params.seed }}', 'seed 7'],
    ['${{ 1 + 2 * 3 }}', 7],
    ['${{ (1 + 2) * 3 }}', 9],
    ['${{ 10 - 2 - 3 }}', 5],
    ['${{ 7 / 2 }}', 3.5],
    ['${{ -7 % 3 }}', 2],
    ['${{ 0.1 + 0.2 }}', 0.30000000000000004],
    ['${{ !params.fast || params.seed > 3 && true }}', true],
    ['${{ params.fast ? 1 : 2 }}', 1],
    ['${{ false ? 1 : true ? 2 : 3 }}', 2],
    ['${{ params.zero == 0 ? 0 : 1 / params.zero }}', 0],
    ['${{ params.zero != 0 && 1 / params.zero > 2 }}', false],
    ["${{ 'it''s' }}", "it's"],
    ['${{ "a\\n\\u0041" }}', 'a\nA'],
    ["${{ 'a}}b' }}", 'a}}b'],
    ["${{ '${{ x }}' }}", '${{ x }}'],
    ['${{ params.target-accuracy - 0.5 > 0.4 }}', true],
    ['${{ [1, [2], params.seed] }}', [1, [2], 7]],
    ['${{ params.sizes[1] }}', 2],
    ['${{ params.shape.width }}', 3],
    ['${{ params["shape"]["width"] }}', 3],
    ['${{ range(3) }}', [0, 1, 2]],
    ['${{ range(5, 1, -2) }}', [5, 3]],
    ['${{ len(range(2, 10)) }}', 8],
    ["${{ len('añ😀') }}", 3],
    ['${{ min(3, 1, 2) }}', 1],
    ['${{ max([3, 10, 2]) }}', 10],
    ['${{ round(2.5) }}', 3],
    ['${{ round(-2.5) }}', -3],
    ['${{ round(2.675, 2) }}', 2.68],
    ['${{ round(1e21) }}', 1e21],
    ["${{ join([1, 'a', true], '-') }}", '1-a-true'],
    ["${{ format('{}/{1} {{}}', params.seed, 2) }}", '7/2 {}'],
    ["${{ basename('./data/x.csv', '.csv') }}", 'x'],
    ['${{ json(params.shape) }}', '{"width":3}'],
    ['${{ lower(upper(params.name)) }}', 'digits'],
    ['${{ in.train }} ${{ out.model }}', 'in/train out/model'],
    ['${{ git.commit }}', 'git commit'],
    ['${{ null == null }}', true],
    ['', ''],
    ['no expression', 'no expression'],
    ['$ {{ x }}', '$ {{ x }}'],
  ])('%s is %j', (source, expected) => {
    expect(value(source)).toEqual(expected);
  });
});

describe('what waits for a result stays, with all else folded', () => {
  const read = (fields: Json) => (_: string, __: string, path: readonly string[]) =>
    fieldOf(fields, path);

  test('a comparison with a parameter keeps only the field', () => {
    const late = made('${{ eval.metrics.accuracy >= params.target-accuracy }}');
    expect(late).toEqual({
      kind: 'late',
      parts: [
        {
          kind: 'expression',
          quote: 'none',
          expression: {
            kind: 'binary',
            operator: '>=',
            left: { kind: 'result', step: 'eval', port: 'metrics', fields: ['accuracy'] },
            right: { kind: 'literal', value: 0.95 },
          },
        },
      ],
    });
    expect(resultsIn(late)).toEqual([{ step: 'eval', port: 'metrics' }]);
    expect(evaluateLate(late, read({ accuracy: 0.96 }))).toEqual({ ok: true, value: true });
  });

  test('a field that is not there is an error that names it', () => {
    const late = made('${{ eval.metrics.top.acuracy > 0.5 }}');
    expect(evaluateLate(late, read({ top: { accuracy: 1 } }))).toEqual({
      ok: false,
      message: '`eval.metrics.top` has no field `acuracy`; it has `accuracy`',
    });
    expect(evaluateLate(late, read({}))).toEqual({
      ok: false,
      message: '`eval.metrics` has no field `top`; it is empty',
    });
    expect(evaluateLate(late, () => undefined)).toMatchObject({ ok: false });
  });

  test('names of the language are fields like any other, and absent', () => {
    const late = made('${{ eval.metrics.__proto__ == null }}');
    expect(evaluateLate(late, read({}))).toMatchObject({ ok: false });
    expect(
      evaluateLate(made('${{ eval.metrics["constructor"] == null }}'), read({})),
    ).toMatchObject({ ok: false });
  });

  test('a single expression in a text is text, in a value it keeps its type', () => {
    expect(evaluateLate(made('${{ eval.best }}', 'value'), read(3))).toEqual({
      ok: true,
      value: 3,
    });
    expect(evaluateLate(made('${{ eval.best }}', 'text'), read(3))).toEqual({
      ok: true,
      value: '3',
    });
  });

  test('a late value can be used inside another expression', () => {
    const late = made('{a} ${{ eval.best }}%', 'text');
    const again = {
      kind: 'late',
      parts: [{ kind: 'expression', expression: expressionOf(late), quote: 'none' }],
    } as const;
    expect(evaluateLate(again, read(3))).toEqual({ ok: true, value: '{a} 3%' });
  });

  test('the branch that a known test does not take is gone, and with it what it waits for', () => {
    expect(made('${{ params.fast ? 1 : eval.best }}')).toEqual({ kind: 'known', value: 1 });
  });
});

describe('in a shell command each expression is one word', () => {
  test('data is quoted, plain words and paths are not', () => {
    expect(
      value('train --lr ${{ params.lr }} --in ${{ in.train }} ${{ params.evil }}', 'command'),
    ).toBe("train --lr 0.1 --in in/train 'a'\\''; rm -rf ~ #\n$(id)'");
  });

  test('raw is the visible way out', () => {
    expect(value('train ${{ raw(params.evil) }}', 'command')).toBe("train a'; rm -rf ~ #\n$(id)");
    expect(messages('${{ raw(params.name) }}')).toEqual([
      'misplaced-raw at raw: `raw` means nothing in a test',
    ]);
    expect(messages('echo ${{ lower(raw(params.name)) }}', 'command')).toHaveLength(1);
  });

  test('what the runner fills in is quoted as well', () => {
    const late = made('echo ${{ eval.best }}', 'command');
    expect(evaluateLate(late, () => "it's $(id)")).toEqual({
      ok: true,
      value: "echo 'it'\\''s $(id)'",
    });
    expect(evaluateLate(late, () => 'a\0b')).toMatchObject({ ok: false });
    expect(evaluateLate(late, () => [1])).toMatchObject({ ok: false });
  });
});

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

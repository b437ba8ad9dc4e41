import { describe, expect, test } from 'vitest';
import type { Json } from '../../schema/canonical-json.ts';
import { evaluateLate, fieldOf } from '../../schema/evaluate.ts';
import { describeExpression } from '../problems/expression.ts';
import { checkTemplate, expressionOf, type Form, resultsIn, toLate } from './late.ts';
import { bindings, scope, text } from './sample.ts';
import { parseTemplate } from './template.ts';

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

  test('a NUL becomes no text, wherever it is to stand', () => {
    const late = made('${{ eval.best }}', 'text');
    expect(evaluateLate(late, () => 'a\0b')).toMatchObject({
      message: '`eval.best`: the text holds a NUL, which no program and no file name can hold',
    });
  });
});

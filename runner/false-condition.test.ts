import { expect, test } from 'vitest';
import type { Json } from '../schema/canonical-json.ts';
import { fieldOf } from '../schema/evaluate.ts';
import type { Expression, Late } from '../schema/expression.ts';
import { formatExpression } from '../schema/expression-text.ts';
import { falseCondition } from './false-condition.ts';

const metric = (...fields: readonly string[]): Expression => ({
  kind: 'result',
  step: 'eval',
  port: 'metrics',
  fields,
});

const atLeast = (left: Expression, value: Json): Expression => ({
  kind: 'binary',
  operator: '>=',
  left,
  right: { kind: 'literal', value },
});

const both = (left: Expression, right: Expression): Expression => ({
  kind: 'binary',
  operator: '&&',
  left,
  right,
});

const late = (expression: Expression): Late<boolean> => ({
  kind: 'late',
  parts: [{ kind: 'expression', expression, quote: 'none' }],
});

const found = { accuracy: 0.97, loss: 0.1, note: 'x'.repeat(1_000), by: { class: [1] } };

function told(expression: Expression) {
  const known = falseCondition(late(expression), (_step, _port, fields) => fieldOf(found, fields));
  return known && [formatExpression(known.expression), known.values];
}

const good = atLeast(metric('loss'), 0);
const bad = atLeast(metric('accuracy'), 0.99);
const badToo = atLeast(metric('loss'), 1);

test.each([
  ['alone', bad],
  ['on the right of what holds', both(good, bad)],
  ['on the left, whatever stands on the right', both(bad, badToo)],
  ['deep in a chain', both(both(good, both(good, bad)), badToo)],
])('of parts that all have to hold the first false one is told: %s', (_where, expression) => {
  expect(told(expression)).toEqual([
    'eval.metrics.accuracy >= 0.99',
    { 'eval.metrics.accuracy': 0.97 },
  ]);
});

test('long texts, lists and maps are not carried along', () => {
  const length = (of: Expression): Expression => ({
    kind: 'call',
    function: 'len',
    arguments: [of],
  });
  const whole = atLeast(length(metric()), 9);
  expect(told(whole)?.[1]).toEqual({});
  expect(told(atLeast(length(metric('note')), 2_000))?.[1]).toEqual({});
  expect(told(atLeast(length(metric('by', 'class')), 2))?.[1]).toEqual({});
});

test('what the compiler knew to be false read no result', () => {
  expect(falseCondition({ kind: 'known', value: false }, () => undefined)).toBeUndefined();
});

test('where a parameter decides, which is a bare `false` by now, no result is blamed', () => {
  expect(told(both(good, { kind: 'literal', value: false }))).toBeUndefined();
});

/** Expressions that nobody has written, for what has to hold for all of them. */
import fc from 'fast-check';
import type { BinaryOperator, Expression } from '../../schema/expression.ts';
import { PRECEDENCE } from '../../schema/expression-text.ts';
import { FUNCTION_NAMES } from '../../schema/function.ts';
import { literal } from './lower.ts';

/** Parameters of every type, by name. */
export const VALUES = {
  n: 3,
  zero: 0,
  s: 'text',
  flag: true,
  list: [1, 2],
  map: { a: 1 },
  nothing: null,
} as const;
export const names = Object.keys(VALUES);

const name = fc.constantFrom(...names);
const constant: fc.Arbitrary<Expression> = fc
  .oneof(
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: 1e-9, max: 1e9 }),
    fc.string(),
    fc.boolean(),
    fc.constant(null),
  )
  .map(value => literal(typeof value === 'number' ? Math.abs(value) : value));
const unknownLeaf: fc.Arbitrary<Expression> = fc.oneof(
  name.map((name): Expression => ({ kind: 'variable', scope: 'params', name })),
  fc
    .array(fc.string(), { maxLength: 2 })
    .map((fields): Expression => ({ kind: 'result', step: 's', port: 'p', fields })),
);

/** Trees in which nothing can be computed beforehand, so that reading back must give the same tree. */
export const { open } = fc.letrec<{ open: Expression; any: Expression }>(tie => ({
  any: fc.oneof(constant, tie('open')),
  open: fc.oneof(
    { maxDepth: 5 },
    unknownLeaf,
    fc
      .tuple(tie('open'), fc.array(tie('any'), { maxLength: 2 }))
      .map(([first, rest]): Expression => ({ kind: 'list', items: [first, ...rest] })),
    fc
      .tuple(fc.constantFrom('!' as const, '-' as const), tie('open'))
      .map(([operator, operand]): Expression => ({ kind: 'unary', operator, operand })),
    fc
      .tuple(fc.constantFrom<BinaryOperator>(...PRECEDENCE.flat()), tie('open'), tie('any'))
      .map(([operator, left, right]): Expression => ({ kind: 'binary', operator, left, right })),
    fc
      .tuple(tie('open'), tie('any'), tie('any'))
      .map(
        ([test, then, otherwise]): Expression => ({ kind: 'conditional', test, then, otherwise }),
      ),
    fc
      .tuple(
        fc.constantFrom(...FUNCTION_NAMES),
        tie('open'),
        fc.array(tie('any'), { maxLength: 2 }),
      )
      .map(
        ([name, first, rest]): Expression => ({
          kind: 'call',
          function: name,
          arguments: [first, ...rest],
        }),
      ),
    fc.tuple(name, tie('any')).map(
      ([name, at]): Expression => ({
        kind: 'index',
        of: { kind: 'variable', scope: 'params', name },
        at,
      }),
    ),
  ),
}));

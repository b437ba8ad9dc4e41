/**
 * Gives the results that expressions read their final addresses: a step of a nested pipeline has a
 * longer one than its author writes, and an output of a nested pipeline is some step's. Unaware of
 * values.
 */
import type { Expression } from '../schema/expression.ts';
import type { Frame } from './instance.ts';
import { frameOutput } from './link-source.ts';
import type { World } from './meaning.ts';

/** Rewrites the results in an expression, for a frame. */
export function locate(frame: Frame, world: World): (expression: Expression) => Expression {
  return expression => rewrite(expression, result => address(result, frame, world));
}

type Result = Extract<Expression, { readonly kind: 'result' }>;

function address(result: Result, frame: Frame, world: World): Result {
  const member = frame.groups.get(result.step)?.members[0];
  if (member === undefined) return result;
  if (member.kind === 'instance') return { ...result, step: member.id };
  const [source] = frameOutput(member.inner, result.port, world).sources;
  if (source?.kind !== 'output') return result;
  return { ...result, step: source.from.id, port: source.port ?? result.port };
}

/** Depth is bounded: the parser bounds the size of expressions. */
function rewrite(expression: Expression, change: (result: Result) => Result): Expression {
  const inner = (part: Expression): Expression => rewrite(part, change);
  switch (expression.kind) {
    case 'result':
      return change(expression);
    case 'list':
      return { ...expression, items: expression.items.map(inner) };
    case 'index':
      return { ...expression, of: inner(expression.of), at: inner(expression.at) };
    case 'unary':
      return { ...expression, operand: inner(expression.operand) };
    case 'binary':
      return { ...expression, left: inner(expression.left), right: inner(expression.right) };
    case 'conditional': {
      const [test, then] = [inner(expression.test), inner(expression.then)];
      return { ...expression, test, then, otherwise: inner(expression.otherwise) };
    }
    case 'call':
      return { ...expression, arguments: expression.arguments.map(inner) };
    case 'literal':
    case 'variable':
    case 'path':
      return expression;
  }
}

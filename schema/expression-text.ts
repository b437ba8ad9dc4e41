/**
 * Writes an expression the way an author would: for messages, plans and graphs. What it writes
 * parses to the same expression again. Unaware of values.
 */
import { assertNever } from './assert-never.ts';
import { canonicalJson, type Json } from './canonical-json.ts';
import type { BinaryOperator, Expression } from './expression.ts';
import { isList } from './operator.ts';

/** From loose to tight; operators of one row bind equally and group to the left. */
export const PRECEDENCE: readonly (readonly BinaryOperator[])[] = [
  ['||'],
  ['&&'],
  ['==', '!='],
  ['<', '<=', '>', '>='],
  ['+', '-'],
  ['*', '/', '%'],
];

/** Names that stand after a dot; others are written in brackets. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*$/;
const TIGHTEST = 100;

/** `note`: what is to stand behind each result, by its name; then it is for people alone. */
export const formatExpression = (expression: Expression, note: Note = () => ''): string =>
  write(expression, 0, note);

type Note = (result: string) => string;

/** `outer`: how tightly the surroundings bind; what binds looser gets parentheses. */
function write(expression: Expression, outer: number, note: Note): string {
  const part = (inner: Expression, around = 0) => write(inner, around, note);
  switch (expression.kind) {
    case 'literal':
      return literal(expression.value);
    case 'list':
      return `[${expression.items.map(item => part(item)).join(', ')}]`;
    case 'variable':
      return `${expression.scope}.${expression.name}`;
    case 'path':
      return `${expression.side}.${expression.port}`;
    case 'result': {
      const { step, port, fields } = expression;
      const name = [`${step}.${port}`, ...fields.map(member)].join('');
      return `${name}${note(name)}`;
    }
    case 'index':
      return `${part(expression.of, TIGHTEST)}${indexed(expression.at, note)}`;
    case 'unary':
      return wrap(`${expression.operator}${part(expression.operand, 10)}`, 10, outer);
    case 'binary': {
      const level = 2 + PRECEDENCE.findIndex(row => row.includes(expression.operator));
      const left = part(expression.left, level);
      const right = part(expression.right, level + 1);
      return wrap(`${left} ${expression.operator} ${right}`, level, outer);
    }
    case 'conditional': {
      const branches = `${part(expression.then, 1)} : ${part(expression.otherwise, 1)}`;
      return wrap(`${part(expression.test, 2)} ? ${branches}`, 1, outer);
    }
    case 'call':
      return `${expression.function}(${expression.arguments.map(item => part(item)).join(', ')})`;
    default:
      return assertNever(expression);
  }
}

function literal(value: Json): string {
  // Digits alone would read as an integer, which ends at 2^53.
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    return value.toExponential();
  }
  return isList(value) ? `[${value.map(literal).join(', ')}]` : canonicalJson(value);
}

const wrap = (text: string, level: number, outer: number): string =>
  level < outer ? `(${text})` : text;

const member = (name: string): string =>
  NAME.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;

const indexed = (at: Expression, note: Note): string =>
  at.kind === 'literal' && typeof at.value === 'string'
    ? member(at.value)
    : `[${formatExpression(at, note)}]`;

/**
 * What the operators of expressions do with values. Integers are exact or refused, nothing is
 * converted silently, and every failure is a message in the author's terms. Unaware of expressions
 * as trees, and of when they are evaluated.
 */
import { byCodeUnit, canonicalJson, type Json } from './canonical-json.ts';
import type { BinaryOperator } from './expression.ts';

export type Evaluation<T extends Json = Json> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string };

/** The operators that need both sides: `&&` and `||` may not look at the right one. */
export type StrictOperator = Exclude<BinaryOperator, '&&' | '||'>;

export const known = <T extends Json>(value: T): Evaluation<T> => ({ ok: true, value });
export const failed = (message: string): Evaluation<never> => ({ ok: false, message });

export function applyBinary(operator: StrictOperator, left: Json, right: Json): Evaluation {
  if (operator === '==' || operator === '!=') return equality(operator, left, right);
  if (typeof left === 'number' && typeof right === 'number') {
    return isOrder(operator)
      ? known(holds(operator, left - right))
      : arithmetic(operator, left, right);
  }
  if (typeof left === 'string' && typeof right === 'string') {
    if (isOrder(operator)) return known(holds(operator, byCodeUnit(left, right)));
    if (operator === '+') return boundedText(left + right);
  }
  return failed(`\`${operator}\` does not work on ${nameOf(left)} and ${nameOf(right)}`);
}

export function applyUnary(operator: '!' | '-', operand: Json): Evaluation {
  if (operator === '!' && typeof operand === 'boolean') return known(!operand);
  if (operator === '-' && typeof operand === 'number') return number(-operand);
  return failed(`\`${operator}\` does not work on ${nameOf(operand)}`);
}

/** How a value stands in text. Numbers print as ECMAScript prints them: `0.1`, `40`, `1e+21`. */
export function textOf(value: Json): Evaluation<string> {
  if (typeof value === 'string') {
    return value.includes('\0')
      ? failed('the text holds a NUL, which no program and no file name can hold')
      : known(value);
  }
  if (typeof value === 'number' || typeof value === 'boolean') return known(String(value));
  const advice = value === null ? '' : '; `json(…)` or `join(…)` gives it one';
  return failed(`${nameOf(value)} has no single text${advice}`);
}

/** `a number`, `a list`: for messages. */
export function nameOf(value: Json): string {
  if (value === null) return 'null';
  if (isList(value)) return 'a list';
  switch (typeof value) {
    case 'number':
      return 'a number';
    case 'string':
      return 'a string';
    case 'boolean':
      return 'a boolean';
    default:
      return 'a map';
  }
}

export const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

/** A finite result, without the sign of zero, which JSON and people do not tell apart. */
export const number = (value: number): Evaluation<number> =>
  Number.isFinite(value) ? known(value === 0 ? 0 : value) : failed('the result is not a number');

/** Far more than any command line or name holds; stops doubling from filling the memory. */
const MAX_TEXT = 1_000_000;

export const boundedText = (text: string): Evaluation<string> =>
  text.length <= MAX_TEXT ? known(text) : failed(`the text grows beyond ${MAX_TEXT} characters`);

function equality(operator: '==' | '!=', left: Json, right: Json): Evaluation {
  const comparable = left === null || right === null || nameOf(left) === nameOf(right);
  if (!comparable) {
    return failed(`\`${operator}\` compares ${nameOf(left)} with ${nameOf(right)}`);
  }
  const equal = left === right || canonicalJson(left) === canonicalJson(right);
  return known(equal === (operator === '=='));
}

type Order = '<' | '<=' | '>' | '>=';

const isOrder = (operator: StrictOperator): operator is Order =>
  operator === '<' || operator === '<=' || operator === '>' || operator === '>=';

function holds(operator: Order, difference: number): boolean {
  if (operator === '<') return difference < 0;
  if (operator === '<=') return difference <= 0;
  return operator === '>' ? difference > 0 : difference >= 0;
}

type Arithmetic = '+' | '-' | '*' | '/' | '%';

function arithmetic(operator: Arithmetic, left: number, right: number): Evaluation {
  if ((operator === '/' || operator === '%') && right === 0) {
    return failed(`\`${left} ${operator} 0\` divides by zero`);
  }
  const result = compute(operator, left, right);
  const exact = Number.isSafeInteger(left) && Number.isSafeInteger(right) && operator !== '/';
  if (exact && !Number.isSafeInteger(result)) {
    return failed(
      `\`${left} ${operator} ${right}\` is beyond 2^53, where integers stop being exact`,
    );
  }
  return Number.isFinite(result)
    ? number(result)
    : failed(`\`${left} ${operator} ${right}\` is too large for a number`);
}

function compute(operator: Arithmetic, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '%':
      // The sign of the divisor, as in Python: `-1 % 3` is 2, an index again.
      return ((left % right) + right) % right;
  }
}

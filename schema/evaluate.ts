/**
 * Evaluates expressions: the compiler to fold what it knows, the runner for what had to wait for a
 * result. One function for both, so that a value cannot depend on when it was decided. Never
 * throws. Unaware of YAML, of steps as such and of where results are kept.
 */
import { assertNever } from './assert-never.ts';
import type { Json } from './canonical-json.ts';
import type { Expression, Late, TemplatePart } from './expression.ts';
import { formatExpression } from './expression-text.ts';
import { callFunction } from './function.ts';
import { inexactIn } from './inexact.ts';
import {
  applyBinary,
  applyUnary,
  boundedText,
  type Evaluation,
  failed,
  isList,
  known,
  nameOf,
  textOf,
} from './operator.ts';
import { shellWord } from './shell-word.ts';

/**
 * What step `step` left at a `metrics` or `value` port: the field that `fields` leads to (all of it
 * for none), or undefined when it is not there. `fieldOf` does the walking.
 */
export type ReadResult = (
  step: string,
  port: string,
  fields: readonly string[],
) => Json | undefined;

/** Deeper than the compiler lets an expression be; a Plan read from a file may be anything. */
const MAX_DEPTH = 1_500;

export const evaluate = (expression: Expression, results: ReadResult): Evaluation =>
  visit(expression, results, 0);

/** A known value as it is; parts joined as text, or the one expression's value with its type. */
export function evaluateLate(late: Late, results: ReadResult): Evaluation {
  if (late.kind === 'known') return known(late.value);
  const [only] = late.parts;
  if (late.parts.length === 1 && only?.kind === 'expression' && only.quote === 'none') {
    return evaluate(only.expression, results);
  }
  let text = '';
  for (const part of late.parts) {
    const piece = evaluatePart(part, results);
    if (!piece.ok) return piece;
    text += piece.value;
  }
  return boundedText(text);
}

/** What decides whether a step runs. Only `false` is false: anything else that is no boolean fails. */
export function evaluateCondition(late: Late<boolean>, results: ReadResult): Evaluation<boolean> {
  if (late.kind === 'known') return known(late.value);
  const [part] = late.parts;
  const from: Expression =
    part?.kind === 'expression' ? part.expression : { kind: 'literal', value: part?.text ?? '' };
  return boolean('a condition is', from, evaluateLate(late, results));
}

/** Walks into a value by its own data only: `__proto__` is a name like any other, and absent. */
export function fieldOf(value: Json, fields: readonly string[]): Json | undefined {
  let at: Json = value;
  for (const field of fields) {
    if (at === null || typeof at !== 'object' || isList(at)) return undefined;
    const inner: Json | undefined = Object.hasOwn(at, field) ? at[field] : undefined;
    if (inner === undefined) return undefined;
    at = inner;
  }
  return at;
}

function evaluatePart(part: TemplatePart, results: ReadResult): Evaluation<string> {
  if (part.kind === 'text') return known(part.text);
  const value = evaluate(part.expression, results);
  if (!value.ok) return value;
  const text = textOf(value.value);
  if (!text.ok) return failed(`\`${formatExpression(part.expression)}\`: ${text.message}`);
  return part.quote === 'none' ? text : known(shellWord(text.value));
}

function visit(expression: Expression, results: ReadResult, depth: number): Evaluation {
  if (depth > MAX_DEPTH) return failed('the expression is nested too deeply');
  const inner = (part: Expression): Evaluation => visit(part, results, depth + 1);
  switch (expression.kind) {
    case 'literal':
      return known(expression.value);
    case 'list':
      return all(expression.items, inner);
    case 'variable':
    case 'path':
      return failed(`\`${formatExpression(expression)}\` has no value here`);
    case 'result':
      return result(expression, results);
    case 'index':
      return chain(inner(expression.of), of =>
        chain(inner(expression.at), at => lookUp(formatExpression(expression.of), of, at)),
      );
    case 'unary':
      return chain(inner(expression.operand), value => applyUnary(expression.operator, value));
    case 'binary':
      return binary(expression, inner);
    case 'conditional': {
      const { test, then, otherwise } = expression;
      return chain(boolean('`? :` decides by', test, inner(test)), holds =>
        inner(holds ? then : otherwise),
      );
    }
    case 'call':
      return chain(all(expression.arguments, inner), given =>
        callFunction(expression.function, given),
      );
    default:
      return assertNever(expression);
  }
}

type Of<Kind extends Expression['kind']> = Extract<Expression, { readonly kind: Kind }>;
type Visit = (part: Expression) => Evaluation;

const chain = <A extends Json>(first: Evaluation<A>, then: (value: A) => Evaluation): Evaluation =>
  first.ok ? then(first.value) : first;

function all(parts: readonly Expression[], inner: Visit): Evaluation<readonly Json[]> {
  const values: Json[] = [];
  for (const part of parts) {
    const value = inner(part);
    if (!value.ok) return value;
    values.push(value.value);
  }
  return known(values);
}

/** `&&` and `||` look at the right side only where it decides. */
function binary({ operator, left, right }: Of<'binary'>, inner: Visit): Evaluation {
  if (operator !== '&&' && operator !== '||') {
    return chain(inner(left), a => chain(inner(right), b => applyBinary(operator, a, b)));
  }
  const what = `\`${operator}\` decides by`;
  return chain(boolean(what, left, inner(left)), value =>
    value === (operator === '||') ? known(value) : boolean(what, right, inner(right)),
  );
}

/** `what` stands in front of "a boolean". */
function boolean(what: string, from: Expression, value: Evaluation): Evaluation<boolean> {
  if (!value.ok) return value;
  if (typeof value.value === 'boolean') return known(value.value);
  return failed(
    `${what} a boolean, and \`${formatExpression(from)}\` is ${nameOf(value.value)}${shown(value.value)}`,
  );
}

/** Enough to recognise it. */
const MAX_SHOWN = 40;

const shown = (value: Json): string => {
  const text = typeof value === 'object' ? '' : JSON.stringify(value);
  return text === '' || text.length > MAX_SHOWN ? '' : `: ${text}`;
};

/** An element of a list or an entry of a map; `name` is what the value is called in messages. */
export function lookUp(name: string, of: Json, at: Json): Evaluation {
  if (isList(of)) {
    const item = Number.isSafeInteger(at) ? of[Number(at)] : undefined;
    if (item !== undefined) return known(item);
    return typeof at === 'number'
      ? failed(
          `\`${name}\` has ${of.length === 1 ? 'one element' : `${of.length} elements`}, counted from 0; there is no element ${at}`,
        )
      : failed(`\`${name}\` is a list: its elements are found by number, not by ${nameOf(at)}`);
  }
  if (of === null || typeof of !== 'object') {
    return failed(`\`${name}\` is ${nameOf(of)}, which has nothing inside it`);
  }
  if (typeof at !== 'string') {
    return failed(`\`${name}\` is a map: its entries are found by name, not by ${nameOf(at)}`);
  }
  const field = fieldOf(of, [at]);
  return field === undefined ? missing(name, at, of) : known(field);
}

function result({ step, port, fields }: Of<'result'>, results: ReadResult): Evaluation {
  const value = results(step, port, fields);
  if (value !== undefined) {
    const inexact = inexactIn(value);
    if (inexact === undefined) return known(value);
    const at = { step, port, fields: [...fields, ...inexact.fields] };
    return rounded({ kind: 'result', ...at }, inexact);
  }
  // Names the first part of the way that is not there, rather than its end.
  for (let length = fields.length; length > 0; length--) {
    const around = results(step, port, fields.slice(0, length - 1));
    const name = [step, port, ...fields.slice(0, length - 1)].join('.');
    if (around !== undefined) return missing(name, fields[length - 1] ?? '', around);
  }
  return failed(`step \`${step}\` has left nothing at \`${port}\``);
}

function rounded(
  at: Of<'result'>,
  { written, file }: { readonly written: string; readonly file: string },
): Evaluation<never> {
  const number = written.length > MAX_SHOWN ? `${written.slice(0, MAX_SHOWN)}…` : written;
  return failed(
    `\`${formatExpression(at)}\` is ${number} in \`${file}\`, and no computer number is exactly that; let \`${at.step}\` write it as a text, in quotes`,
  );
}

/** Enough to see a misspelling, not a page. */
const MAX_LISTED = 8;

function missing(of: string, field: string, around: Json): Evaluation<never> {
  if (around === null || typeof around !== 'object' || isList(around)) {
    return failed(`\`${of}\` is ${nameOf(around)}; it has no field \`${field}\``);
  }
  const names = Object.keys(around).map(name => `\`${name}\``);
  const listed = names.slice(0, MAX_LISTED).join(', ') + (names.length > MAX_LISTED ? ', …' : '');
  return failed(
    `\`${of}\` has no field \`${field}\`${names.length === 0 ? '; it is empty' : `; it has ${listed}`}`,
  );
}

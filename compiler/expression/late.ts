/**
 * Strings with expressions in them: checked once in a scope, then made into values of the Plan for
 * each instance. A string that is one expression keeps its type; otherwise the parts are joined as
 * text; in a shell command each becomes one quoted word. Unaware of which key the string stands at.
 */
import type { Json } from '../../schema/canonical-json.ts';
import type { Expression, Late, TemplatePart } from '../../schema/expression.ts';
import { textOf } from '../../schema/operator.ts';
import { shellWord } from '../../schema/shell-word.ts';
import { LIMITS } from '../limits.ts';
import type { ExpressionProblem } from '../problems/expression.ts';
import { isOneOf, type Typed, typeOf } from './check.ts';
import { type Bindings, lower } from './lower.ts';
import type { Scope, Type } from './scope.ts';
import { shellPlaces } from './shell-place.ts';
import type { ParsedExpression, SyntaxPart } from './tree.ts';

/**
 * What becomes of a string: `value` keeps the type of a single expression, `text` is always text,
 * `command` is text for a shell.
 */
export type Form = 'value' | 'text' | 'command';

const TEXTUAL: readonly Type[] = ['string', 'int', 'float', 'bool'];

/** The type of a string with expressions, and all that is wrong with them. */
export function checkTemplate(parts: readonly SyntaxPart[], scope: Scope, form: Form): Typed {
  const [only] = parts;
  if (form === 'value' && parts.length === 1 && only?.kind === 'expression') {
    return typeOf(only.expression, scope);
  }
  const problems: ExpressionProblem[] = [];
  const places = form === 'command' ? shellPlaces(parts) : [];
  for (const [index, part] of parts.entries()) {
    if (part.kind === 'text') continue;
    const raw = form === 'command' ? rawArgument(part.expression) : undefined;
    const place = places[index] ?? 'word';
    const at = part.expression.text.part(part.start, part.end);
    const found = asText(raw ?? part.expression, scope);
    if (raw === undefined && place !== 'word' && !found.some(isAboutSecret)) {
      problems.push({ kind: 'expression-in-quotes', at, place });
    }
    problems.push(...found);
  }
  return { type: 'string', problems };
}

/** Then no expression is to stand there, and `$TOKEN` may well be quoted. */
const isAboutSecret = (problem: ExpressionProblem): boolean =>
  (problem.kind === 'unknown-member' && problem.secret) ||
  (problem.kind === 'unknown-name' && problem.name.value === 'secrets');

/** A condition, an axis: an expression whose value has to be of certain types. */
export function checkExpression(
  expression: ParsedExpression,
  scope: Scope,
  wanted: readonly Type[],
  what: string,
): Typed {
  const typed = typeOf(expression, scope);
  if (isOneOf(typed.type, wanted)) return typed;
  const at = expression.text.part(expression.tree.start, expression.tree.end);
  const problem = { kind: 'expression-type', at, what, found: typed.type, wanted } as const;
  return { type: 'unknown', problems: [...typed.problems, problem] };
}

const asText = (expression: ParsedExpression, scope: Scope): Typed['problems'] =>
  checkExpression(expression, scope, TEXTUAL, 'what stands in text').problems;

/** What `${{ raw(…) }}` holds; undefined for every other expression. */
function rawArgument({ tree, text }: ParsedExpression): ParsedExpression | undefined {
  if (tree.kind !== 'call' || tree.function.name !== 'raw') return undefined;
  const [argument] = tree.arguments;
  return argument === undefined || tree.arguments.length > 1 ? undefined : { tree: argument, text };
}

export type MadeLate = {
  /** Undefined when there are problems, or were some when it was checked. */
  readonly late: Late | undefined;
  readonly problems: readonly ExpressionProblem[];
};

/** A checked string for one instance: known where all of it is. */
export function toLate(parts: readonly SyntaxPart[], bindings: Bindings, form: Form): MadeLate {
  const [only] = parts;
  if (form === 'value' && parts.length === 1 && only?.kind === 'expression') {
    const { expression, problems } = lower(only.expression, bindings);
    return { late: expression === undefined ? undefined : single(expression), problems };
  }
  const made: TemplatePart[] = [];
  const problems: ExpressionProblem[] = [];
  let broken = false;
  let length = 0;
  for (const part of parts) {
    const lowered = partOf(part, bindings, form);
    problems.push(...lowered.problems);
    if (lowered.part === undefined) broken = true;
    else append(made, lowered.part);
    if (lowered.part?.kind === 'text') length += lowered.part.text.length;
    if (part.kind === 'text' || length <= LIMITS.textLength) continue;
    const at = part.expression.text.part(part.start, part.end);
    const message = `the text grows beyond ${LIMITS.textLength} characters`;
    return { late: undefined, problems: [...problems, { kind: 'expression-fails', at, message }] };
  }
  return { late: broken ? undefined : joined(made), problems };
}

const single = (expression: Expression): Late =>
  expression.kind === 'literal'
    ? { kind: 'known', value: expression.value }
    : { kind: 'late', parts: [{ kind: 'expression', expression, quote: 'none' }] };

function partOf(
  part: SyntaxPart,
  bindings: Bindings,
  form: Form,
): { readonly part: TemplatePart | undefined; readonly problems: readonly ExpressionProblem[] } {
  if (part.kind === 'text') return { part: { kind: 'text', text: part.value }, problems: [] };
  const raw = form === 'command' ? rawArgument(part.expression) : undefined;
  const { expression, problems } = lower(raw ?? part.expression, bindings);
  const quote = form === 'command' && raw === undefined ? 'word' : 'none';
  if (expression?.kind !== 'literal') {
    return { part: expression && { kind: 'expression', expression, quote }, problems };
  }
  const text = knownText(expression.value, quote);
  if (text.ok) return { part: { kind: 'text', text: text.value }, problems };
  const at = part.expression.text.part(part.start, part.end);
  const written = part.expression.text.value.slice(part.start, part.end);
  const message =
    expression.value === null
      ? `\`${written}\` is null${bindings.instance === undefined ? '' : ` in \`${bindings.instance}\``}, which has no text`
      : text.message;
  return { part: undefined, problems: [{ kind: 'expression-fails', at, message }] };
}

function knownText(value: Json, quote: 'word' | 'none') {
  const text = textOf(value);
  return text.ok && quote === 'word' ? { ...text, value: shellWord(text.value) } : text;
}

function append(parts: TemplatePart[], part: TemplatePart): void {
  const last = parts.at(-1);
  if (part.kind === 'text' && last?.kind === 'text') {
    parts[parts.length - 1] = { kind: 'text', text: last.text + part.text };
  } else if (part.kind === 'expression' || part.text !== '') parts.push(part);
}

function joined(parts: readonly TemplatePart[]): Late {
  const [only] = parts;
  if (only === undefined) return { kind: 'known', value: '' };
  if (parts.length > 1) return { kind: 'late', parts };
  if (only.kind === 'text') return { kind: 'known', value: only.text };
  // An empty text beside it keeps a number from staying a number where text is meant.
  const isText = only.quote === 'none';
  return { kind: 'late', parts: isText ? [{ kind: 'text', text: '' }, only] : parts };
}

/** A late value as an expression, so that other expressions can use it: `env.X`, `params.x`. */
export function expressionOf(late: Late): Expression {
  if (late.kind === 'known') return { kind: 'literal', value: late.value };
  const [only] = late.parts;
  if (late.parts.length === 1 && only?.kind === 'expression') return only.expression;
  const template = late.parts.map(part =>
    part.kind === 'text' ? part.text.replace(/[{}]/g, '$&$&') : '{}',
  );
  const given = late.parts.flatMap(part => (part.kind === 'text' ? [] : [part.expression]));
  const text: Expression = { kind: 'literal', value: template.join('') };
  return { kind: 'call', function: 'format', arguments: [text, ...given] };
}

/** The results that a late value waits for: each is an edge of the graph. */
export function resultsIn(late: Late): readonly { readonly step: string; readonly port: string }[] {
  if (late.kind === 'known') return [];
  return late.parts.flatMap(part => (part.kind === 'text' ? [] : readIn(part.expression)));
}

function readIn(expression: Expression): readonly { step: string; port: string }[] {
  switch (expression.kind) {
    case 'result':
      return [{ step: expression.step, port: expression.port }];
    case 'list':
      return expression.items.flatMap(readIn);
    case 'index':
      return [expression.of, expression.at].flatMap(readIn);
    case 'unary':
      return readIn(expression.operand);
    case 'binary':
      return [expression.left, expression.right].flatMap(readIn);
    case 'conditional':
      return [expression.test, expression.then, expression.otherwise].flatMap(readIn);
    case 'call':
      return expression.arguments.flatMap(readIn);
    default:
      return [];
  }
}

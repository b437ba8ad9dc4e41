/**
 * Splits a string at its `${{ … }}` and parses each expression where it stands. Several broken ones
 * are several problems. Unaware of what the string is for.
 */
import { LIMITS } from '../limits.ts';
import type { ExpressionProblem } from '../problems/expression.ts';
import type { Text } from '../syntax.ts';
import { type Parsed, parseTokens } from './parser.ts';
import { type Fault, type Tokens, tokenize } from './token.ts';
import type { ParsedExpression, SyntaxPart } from './tree.ts';

export type Template = {
  /** In order; text parts are never empty. A broken expression leaves no part. */
  readonly parts: readonly SyntaxPart[];
  readonly problems: readonly ExpressionProblem[];
};

const OPEN = '${{';

/** Every `${{ … }}` of a string, and the text between. */
export function parseTemplate(text: Text): Template {
  const parts: SyntaxPart[] = [];
  const problems: ExpressionProblem[] = [];
  const source = text.value;
  const addText = (start: number, end: number) => {
    if (end > start) parts.push({ kind: 'text', value: source.slice(start, end), start, end });
  };
  let at = 0;
  for (;;) {
    const open = source.indexOf(OPEN, at);
    addText(at, open === -1 ? source.length : open);
    // Who left so many broken sees the first of them anyway.
    if (open === -1 || problems.length >= LIMITS.problems) return { parts, problems };
    const from = open + OPEN.length;
    const { end, ...parsed } = readAt(source, from, true);
    at = end;
    if (parsed.ok) {
      const expression = { tree: parsed.tree, text };
      parts.push({ kind: 'expression', expression, start: open, end: at });
    } else problems.push(problemOf(text, parsed.fault, open, at));
  }
}

/** An expression that is the whole string, as `if:` may be written: with or without braces. */
export function parseExpression(text: Text): {
  readonly expression: ParsedExpression | undefined;
  readonly problems: readonly ExpressionProblem[];
} {
  const source = text.value;
  const start = source.length - source.trimStart().length;
  const braces = source.startsWith(OPEN, start);
  const parsed = readAt(source, braces ? start + OPEN.length : 0, braces);
  if (!parsed.ok) {
    return {
      expression: undefined,
      problems: [problemOf(text, parsed.fault, start, source.trimEnd().length)],
    };
  }
  const rest = source.slice(parsed.end);
  if (rest.trim() === '') return { expression: { tree: parsed.tree, text }, problems: [] };
  const at = text.part(parsed.end, source.length);
  return {
    expression: undefined,
    problems: [{ kind: 'text-beside-expression', at, text: rest.trim() }],
  };
}

/** One expression, and where reading goes on behind it. */
function readAt(source: string, from: number, braces: boolean): Parsed & { readonly end: number } {
  const tokens = tokenize(source, from, braces);
  const parsed = tokens.ok ? parseTokens(tokens.tokens) : tokens;
  if (tokens.ok && parsed.ok) return { ...parsed, end: tokens.end };
  if (parsed.ok) throw new Error('bug: broken tokens that parse');
  const open = openQuote(tokens, parsed.fault);
  const fault = open ?? parsed.fault;
  const whole = tokens.ok && open === undefined;
  return { ok: false, fault, end: whole ? tokens.end : afterBroken(source, from, fault) };
}

/**
 * A quote that nobody closed takes the next one for its end, wherever that is: where an expression
 * is broken, a text with `}}` in it was hardly meant to reach so far. One that stays on its line, in
 * an expression that has an end, may have been.
 */
function openQuote({ ok, tokens }: Tokens, fault: Fault): Fault | undefined {
  const reachesFar = (text: string): boolean => {
    const end = text.indexOf('}}');
    return end !== -1 && (!ok || /\n|\$\{\{/.test(text.slice(end)));
  };
  const text = tokens.find(({ kind, text }) => kind === 'string' && reachesFar(text));
  if (text === undefined || (ok && text.start >= fault.start)) return undefined;
  return { kind: 'unclosed-string', start: text.start, end: text.start + 1 };
}

/** Where reading goes on: behind the next `}}`, but never behind another expression's start. */
function afterBroken(source: string, from: number, fault: Fault): number {
  const close = source.indexOf('}}', Math.max(from, fault.start));
  const next = source.indexOf(OPEN, from);
  if (next !== -1 && (close === -1 || next < close)) return next;
  return close === -1 ? source.length : close + 2;
}

/** `open` and `close`: where the whole expression stands, for what has no place inside it. */
function problemOf(text: Text, fault: Fault, open: number, close: number): ExpressionProblem {
  const whole = fault.kind === 'empty-expression' || fault.kind === 'expression-too-large';
  const at = whole ? text.part(open, close) : text.part(fault.start, fault.end);
  const { start: _start, end: _end, ...facts } = fault;
  return { ...facts, at };
}

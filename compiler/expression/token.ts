/**
 * Cuts an expression into tokens, up to its `}}` or the end of the text. Stops at the first thing
 * that is none: what follows could only be guessed at. Unaware of grammar.
 */
import type { Place } from './tree.ts';

export type Token = Place & {
  readonly kind: 'number' | 'string' | 'name' | 'operator' | 'end';
  /** As written; for a string what it stands for. */
  readonly text: string;
};

/** Why an expression could not be read, as data: problems/expression.ts has the words. */
export type Fault = Place &
  (
    | { readonly kind: 'unclosed-expression' }
    | { readonly kind: 'unclosed-string' }
    | { readonly kind: 'unknown-escape'; readonly written: string }
    | { readonly kind: 'malformed-number'; readonly written: string }
    | { readonly kind: 'inexact-number'; readonly written: string }
    | { readonly kind: 'stray-character'; readonly found: string }
    | { readonly kind: 'unexpected-token'; readonly found: string; readonly wanted: string }
    | { readonly kind: 'expression-too-large'; readonly limit: number }
    | { readonly kind: 'empty-expression' }
  );

/** Bounds nesting as well, and with it the stack of everything that walks a tree. */
export const MAX_TOKENS = 1_000;

/** With a fault: those in front of it. */
export type Tokens = { readonly tokens: readonly Token[] } & (
  | { readonly ok: true; readonly end: number }
  | { readonly ok: false; readonly fault: Fault }
);

const SPACE = /[ \t\r\n]*/y;
/** Also takes what looks like a number and is none (`8GiB`, `1.2.3`), to say so as a whole. */
const NUMBER = /[0-9](?:[eE][+-](?=[0-9])|[0-9A-Za-z_.])*/y;
const WELL_FORMED = /^[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
const NAME = /[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*/y;
const OPERATOR = /==|!=|<=|>=|&&|\|\||[-+*/%<>!?:,.()[\]]/y;
/** A run of strangers is one mistake. */
const STRAY = /[^\sA-Za-z0-9_'"+*/%<>!?:,.()[\]}-]+|\}/y;

/** `braces`: the expression ends with `}}`, which is part of neither its tokens nor its strings. */
export function tokenize(source: string, from: number, braces: boolean): Tokens {
  const tokens: Token[] = [];
  const bad = (fault: Fault): Tokens => ({ ok: false, tokens, fault });
  let at = from;
  for (;;) {
    at += match(SPACE, source, at).length;
    const end = endAt(source, at, braces);
    if (end !== undefined) {
      tokens.push({ kind: 'end', text: '', start: at, end });
      return { ok: true, tokens, end };
    }
    const inner = braces && source.startsWith('${{', at);
    if (inner && isNested(source, at))
      return bad({ kind: 'stray-character', found: '${{', start: at, end: at + 3 });
    if (inner || at >= source.length)
      return bad({ kind: 'unclosed-expression', start: from - 3, end: from });
    if (tokens.length >= MAX_TOKENS) {
      return bad({ kind: 'expression-too-large', limit: MAX_TOKENS, start: from, end: at });
    }
    const token = read(source, at);
    if (!('text' in token)) return bad(token);
    tokens.push(token);
    at = token.end;
  }
}

/** Where the expression is over, when it is. */
function endAt(source: string, at: number, braces: boolean): number | undefined {
  if (braces) return source.startsWith('}}', at) ? at + 2 : undefined;
  return at >= source.length ? at : undefined;
}

/** Has the expression that begins inside another an end, and the other one after it? */
function isNested(source: string, at: number): boolean {
  const inner = source.indexOf('}}', at);
  const outer = inner === -1 ? -1 : source.indexOf('}}', inner + 2);
  const next = source.indexOf('${{', at + 3);
  return outer !== -1 && (next === -1 || outer < next);
}

function match(pattern: RegExp, source: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0] ?? '';
}

function read(source: string, start: number): Token | Fault {
  const quote = source[start];
  if (quote === "'" || quote === '"') return readString(source, start, quote);
  const number = match(NUMBER, source, start);
  if (number !== '') return readNumber(number, start);
  for (const [kind, pattern] of [
    ['name', NAME],
    ['operator', OPERATOR],
  ] as const) {
    const text = match(pattern, source, start);
    if (text !== '') return { kind, text, start, end: start + text.length };
  }
  const found = match(STRAY, source, start) || source.slice(start, start + 1);
  return { kind: 'stray-character', found, start, end: start + found.length };
}

function readNumber(text: string, start: number): Token | Fault {
  const place = { start, end: start + text.length };
  if (!WELL_FORMED.test(text)) return { kind: 'malformed-number', written: text, ...place };
  const value = Number(text);
  const exact = /^[0-9]+$/.test(text) ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (!exact) return { kind: 'inexact-number', written: text, ...place };
  return { kind: 'number', text, ...place };
}

/** Quotes as in YAML: `'it''s'` knows nothing else, `"…"` takes the escapes of JSON. */
function readString(source: string, start: number, quote: '"' | "'"): Token | Fault {
  const pattern = quote === "'" ? /'(?:[^']|'')*'/y : /"(?:[^"\\]|\\[\s\S])*"/y;
  const written = match(pattern, source, start);
  const place = { start, end: start + written.length };
  if (written === '') return { kind: 'unclosed-string', start, end: start + 1 };
  const inside = written.slice(1, -1);
  if (quote === "'") return { kind: 'string', text: inside.replaceAll("''", "'"), ...place };
  const pieces = inside.split(/(\\u[0-9a-fA-F]{4}|\\[\s\S])/);
  let at = start + 1;
  let text = '';
  for (const piece of pieces) {
    const plain = piece.startsWith('\\') ? unescaped(piece) : piece;
    if (plain === undefined) {
      return { kind: 'unknown-escape', written: piece, start: at, end: at + piece.length };
    }
    text += plain;
    at += piece.length;
  }
  return { kind: 'string', text, ...place };
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\\n', '\n'],
  ['\\t', '\t'],
  ['\\r', '\r'],
  ['\\b', '\b'],
  ['\\f', '\f'],
  ['\\"', '"'],
  ["\\'", "'"],
  ['\\\\', '\\'],
  ['\\/', '/'],
]);

/** No program, variable or file name can hold a NUL, so no text of an expression does. */
const unescaped = (written: string): string | undefined =>
  written.length === 6 && written !== '\\u0000'
    ? String.fromCharCode(Number.parseInt(written.slice(2), 16))
    : ESCAPES.get(written);

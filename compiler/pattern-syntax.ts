/**
 * The structure of a regular expression that the JavaScript engine has found sound (flag `u`). What
 * one character may be is left to the engine: `[a-z]`, `\d` and `\p{L}` become one-character tests.
 * Unaware of matching.
 */

export type PatternNode =
  | { readonly kind: 'character'; readonly accepts: (character: string) => boolean }
  | { readonly kind: 'edge'; readonly edge: 'start' | 'end' }
  | { readonly kind: 'sequence'; readonly items: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly items: readonly PatternNode[] }
  | {
      readonly kind: 'repeat';
      readonly item: PatternNode;
      readonly least: number;
      /** Undefined for without end. */
      readonly most: number | undefined;
    };

/** Undefined for what only backtracking can match. */
export function parsePattern(source: string): PatternNode | undefined {
  const cursor: Cursor = { source, at: 0, depth: 0 };
  const node = parseChoice(cursor);
  return node !== undefined && cursor.at === source.length ? node : undefined;
}

type Cursor = { readonly source: string; at: number; depth: number };

/** Groups within groups, beyond which no pattern is read. */
const DEEPEST = 50;

function parseChoice(cursor: Cursor): PatternNode | undefined {
  const items: PatternNode[] = [];
  do {
    const item = parseSequence(cursor);
    if (item === undefined) return undefined;
    items.push(item);
  } while (take(cursor, '|'));
  return { kind: 'choice', items };
}

function parseSequence(cursor: Cursor): PatternNode | undefined {
  const items: PatternNode[] = [];
  while (cursor.at < cursor.source.length && !/[|)]/.test(cursor.source[cursor.at] ?? '')) {
    const item = parseTerm(cursor);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return { kind: 'sequence', items };
}

function parseTerm(cursor: Cursor): PatternNode | undefined {
  const item = parseAtom(cursor);
  if (item === undefined) return undefined;
  const counted = match(cursor, /\{(\d+)(,?)(\d*)\}\??/y);
  if (counted !== undefined) {
    const [, least = '0', comma, most = ''] = counted;
    const upper = comma === '' ? Number(least) : most === '' ? undefined : Number(most);
    return { kind: 'repeat', item, least: Number(least), most: upper };
  }
  const sign = match(cursor, /([*+?])\??/y)?.[1];
  if (sign === undefined) return item;
  return { kind: 'repeat', item, least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : undefined };
}

function parseAtom(cursor: Cursor): PatternNode | undefined {
  if (take(cursor, '^')) return { kind: 'edge', edge: 'start' };
  if (take(cursor, '$')) return { kind: 'edge', edge: 'end' };
  if (take(cursor, '(')) return parseGroup(cursor);
  const atom =
    match(cursor, /\[(?:\\[\s\S]|[^\]\\])*\]/y)?.[0] ??
    match(
      cursor,
      /\\(?:u\{[^}]*\}|u[0-9a-fA-F]{4}(?:\\u[dD][c-fC-F][0-9a-fA-F]{2})?|x[0-9a-fA-F]{2}|c[A-Za-z]|[pP]\{[^}]*\}|[^bBk1-9])/uy,
    )?.[0] ??
    match(cursor, /[^\\]/uy)?.[0];
  if (atom === undefined) return undefined;
  const test = new RegExp(`^${atom}$`, 'u');
  return { kind: 'character', accepts: character => test.test(character) };
}

/** Plain, named or without capture; what looks ahead or behind is not read. */
function parseGroup(cursor: Cursor): PatternNode | undefined {
  cursor.depth += 1;
  if (cursor.depth > DEEPEST) return undefined;
  if (match(cursor, /\?:|\?<[^=!>][^>]*>/y) === undefined && cursor.source[cursor.at] === '?')
    return undefined;
  const inner = parseChoice(cursor);
  cursor.depth -= 1;
  return inner !== undefined && take(cursor, ')') ? inner : undefined;
}

function take(cursor: Cursor, sign: string): boolean {
  const found = cursor.source.startsWith(sign, cursor.at);
  if (found) cursor.at += sign.length;
  return found;
}

/** `pattern` is sticky. */
function match(cursor: Cursor, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.source) ?? undefined;
  if (found !== undefined) cursor.at = pattern.lastIndex;
  return found;
}

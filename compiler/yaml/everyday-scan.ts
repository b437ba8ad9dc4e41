/**
 * Where the reader of everyday YAML stands in its text, and the smallest things it takes from there:
 * lines, keys, scalars. Unaware of how they are put together.
 */
import { LIMITS } from '../limits.ts';
import type { Source } from '../source.ts';
import type { Spanned, ValueNode } from '../syntax.ts';
import { plainScalar } from './scalar.ts';
import { text, type Written } from './text.ts';

export type Scan = {
  readonly source: Source;
  readonly text: string;
  at: number;
  /** Spaces before the first word of the line; -1 behind the last line. */
  indent: number;
  /** Collections that are open. */
  depth: number;
  /** Values that may still be made. */
  left: number;
};

export const startScan = (source: Source, most: number): Scan => ({
  source,
  text: source.text,
  at: -1,
  indent: 0,
  depth: 0,
  left: most,
});

const SPACE = 32;
const NEWLINE = 10;
const HASH = 35;

/**
 * From the end of a line to the first word of the next one that says something. False where a line
 * begins that is about documents.
 */
export function toNextLine(scan: Scan): boolean {
  const { text: all } = scan;
  // At the very beginning there is no line to leave.
  let line = scan.at === -1 ? 0 : all.indexOf('\n', scan.at) + 1;
  while (line > 0 || scan.at === -1) {
    let at = line;
    while (all.charCodeAt(at) === SPACE) at += 1;
    const unit = all.charCodeAt(at);
    scan.at = at;
    if (unit !== NEWLINE && unit !== HASH && at < all.length) {
      scan.indent = at - line;
      return scan.indent > 0 || !/^(?:%|---|\.\.\.)/.test(all.slice(at, at + 3));
    }
    line = all.indexOf('\n', at) + 1;
  }
  scan.at = all.length;
  scan.indent = -1;
  return true;
}

export function skipSpaces(scan: Scan): void {
  while (scan.text.charCodeAt(scan.at) === SPACE) scan.at += 1;
}

export function atCommentOrEnd({ text: all, at }: Scan): boolean {
  const unit = all.charCodeAt(at);
  return unit === NEWLINE || unit === HASH || at >= all.length;
}

/** `- `, which begins an item. */
export function isDash({ text: all, at }: Scan): boolean {
  const next = all.charCodeAt(at + 1);
  return all[at] === '-' && (next === SPACE || next === NEWLINE || at + 1 >= all.length);
}

const KEY = /([A-Za-z0-9_][A-Za-z0-9_./-]{0,200}) *:(?=[ \n]|$)/y;

/** `key:` with a key of letters, digits and a few signs. */
export function readKey(scan: Scan): Spanned<string> | undefined {
  const { at: start } = scan;
  KEY.lastIndex = start;
  const value = KEY.exec(scan.text)?.[1];
  if (value === undefined) return undefined;
  scan.at = KEY.lastIndex;
  return { value, span: scan.source.span(start, start + value.length) };
}

/** May a plain scalar begin here? A few more may, but seldom do. */
export function startsPlain(scan: Scan): boolean {
  return !isDash(scan) && !',[]{}#&*!|>\'"%@`?:'.includes(scan.text[scan.at] ?? ',');
}

/** False when the values are too many or too deep. */
export function openCollection(scan: Scan): boolean {
  scan.depth += 1;
  return scan.depth <= LIMITS.nesting;
}

export function closeCollection(scan: Scan): void {
  scan.depth -= 1;
}

/** Counts a value; undefined when it is one too many. */
export function made(scan: Scan, value: ValueNode): ValueNode | undefined {
  scan.left -= 1;
  return scan.left < 0 ? undefined : value;
}

export const textNode = (scan: Scan, written: Written): ValueNode | undefined =>
  made(scan, { kind: 'text', ...text(scan.source, written) });

export const nothingAt = (scan: Scan, at: number): ValueNode | undefined =>
  made(scan, { kind: 'scalar', source: '', value: null, span: scan.source.span(at, at) });

export function plainNode(scan: Scan, start: number, end: number): ValueNode | undefined {
  const value = scan.text.slice(start, end);
  const scalar = plainScalar(value);
  if (scalar.kind === 'text') return textNode(scan, { value, style: 'plain', start, end });
  const span = scan.source.span(start, end);
  return made(scan, { kind: 'scalar', value: scalar.value, source: value, span });
}

/**
 * What may stand inside brackets and braces, for the reader of everyday YAML: quoted and plain
 * scalars, lists and maps. Unaware of blocks.
 */
import type { Spanned, ValueNode } from '../syntax.ts';
import {
  closeCollection,
  made,
  openCollection,
  plainNode,
  readKey,
  type Scan,
  startsPlain,
  textNode,
} from './everyday-scan.ts';

const SPACE = 32;
const NEWLINE = 10;

/** `indent`: of the block around it, which every further line has to be indented beyond. */
export function flowValue(scan: Scan, indent: number): ValueNode | undefined {
  switch (scan.text[scan.at]) {
    case '[':
      return flowList(scan, indent);
    case '{':
      return flowMap(scan, indent);
    case '"':
      return doubleQuoted(scan);
    case "'":
      return singleQuoted(scan);
    default:
      return plain(scan);
  }
}

function flowList(scan: Scan, indent: number): ValueNode | undefined {
  const start = scan.at;
  const items: ValueNode[] = [];
  const closed = eachEntry(scan, indent, ']', () => {
    const item = flowValue(scan, indent);
    if (item !== undefined) items.push(item);
    return item !== undefined;
  });
  if (!closed) return undefined;
  return made(scan, { kind: 'list', items, span: scan.source.span(start, scan.at) });
}

type Entry = { readonly key: Spanned<string>; readonly value: ValueNode };

function flowMap(scan: Scan, indent: number): ValueNode | undefined {
  const start = scan.at;
  const entries = new Map<string, Entry>();
  const closed = eachEntry(scan, indent, '}', () => {
    const key = readKey(scan);
    if (key === undefined || entries.has(key.value) || !skipSpace(scan, indent)) return false;
    const value = flowValue(scan, indent);
    if (value !== undefined) entries.set(key.value, { key, value });
    return value !== undefined;
  });
  if (!closed) return undefined;
  return made(scan, { kind: 'map', entries, span: scan.source.span(start, scan.at) });
}

/** From the opening sign to behind the closing one; false where something else is in the way. */
function eachEntry(scan: Scan, indent: number, close: string, read: () => boolean): boolean {
  const { text } = scan;
  if (!openCollection(scan)) return false;
  scan.at += 1;
  if (!skipSpace(scan, indent)) return false;
  if (text[scan.at] !== close) {
    for (;;) {
      if (!read() || !skipSpace(scan, indent)) return false;
      if (text[scan.at] === close) break;
      if (text[scan.at] !== ',') return false;
      scan.at += 1;
      if (!skipSpace(scan, indent)) return false;
    }
  }
  scan.at += 1;
  closeCollection(scan);
  return true;
}

/** False where a line is not indented beyond the block, or a comment stands. */
function skipSpace(scan: Scan, indent: number): boolean {
  const { text } = scan;
  let at = scan.at;
  let line: number | undefined;
  for (let unit = text.charCodeAt(at); unit === SPACE || unit === NEWLINE; ) {
    at += 1;
    if (unit === NEWLINE) line = at;
    unit = text.charCodeAt(at);
  }
  scan.at = at;
  return text[at] !== '#' && (line === undefined || at - line > indent);
}

const QUOTE = 34;
const BACKSLASH = 92;
const ESCAPED = '"\\/nt';

// Scanned by hand: a pattern would need a stack as deep as the text is long.
function doubleQuoted(scan: Scan): ValueNode | undefined {
  const { text, at: start } = scan;
  let at = start + 1;
  let escapes = false;
  for (let unit = text.charCodeAt(at); unit !== QUOTE; unit = text.charCodeAt(at)) {
    if (unit === NEWLINE || at >= text.length) return undefined;
    if (unit === BACKSLASH) {
      if (!ESCAPED.includes(text[at + 1] ?? 'x')) return undefined;
      escapes = true;
      at += 1;
    }
    at += 1;
  }
  const inner = text.slice(start + 1, at);
  scan.at = at + 1;
  const value = escapes ? inner.replace(/\\(.)/g, escaped) : inner;
  return textNode(scan, { value, style: 'double', start, end: scan.at });
}

const escaped = (_: string, sign: string): string =>
  sign === 'n' ? '\n' : sign === 't' ? '\t' : sign;

function singleQuoted(scan: Scan): ValueNode | undefined {
  const { text, at: start } = scan;
  let end = text.indexOf("'", start + 1);
  while (end !== -1 && text[end + 1] === "'") end = text.indexOf("'", end + 2);
  if (end === -1) return undefined;
  const inner = text.slice(start + 1, end);
  if (inner.includes('\n')) return undefined;
  scan.at = end + 1;
  const value = inner.replaceAll("''", "'");
  return textNode(scan, { value, style: 'single', start, end: scan.at });
}

const COLON = 58;
const HASH = 35;

/** Up to the next sign of flow style, on one line. */
function plain(scan: Scan): ValueNode | undefined {
  const { text, at: start } = scan;
  if (!startsPlain(scan)) return undefined;
  if (text[start] === '-' && !isWord(text.charCodeAt(start + 1))) return undefined;
  let end = start;
  for (; end < text.length; end += 1) {
    const unit = text.charCodeAt(end);
    if (unit === NEWLINE || isFlowSign(unit)) break;
    if (unit === HASH && text.charCodeAt(end - 1) === SPACE) return undefined;
    if (unit === COLON && !isWord(text.charCodeAt(end + 1))) return undefined;
  }
  scan.at = end;
  while (text.charCodeAt(end - 1) === SPACE) end -= 1;
  return plainNode(scan, start, end);
}

/** One of `,[]{}`. */
const isFlowSign = (unit: number): boolean =>
  unit === 44 || unit === 91 || unit === 93 || unit === 123 || unit === 125;

/** Something that a colon in the middle of a text may be followed by. */
const isWord = (unit: number): boolean =>
  unit !== SPACE && unit !== NEWLINE && !isFlowSign(unit) && !Number.isNaN(unit);

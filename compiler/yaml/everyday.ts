/**
 * Reads the part of YAML that nearly every file keeps to, at many times the speed of a complete
 * parser and in a fraction of its memory: block maps and lists, one-line scalars, literal and folded
 * blocks, flow style. Of everything else (anchors, tags, any mistake) it says where it begins and
 * leaves the whole file to that parser, to whose reading it is held (everyday.test.ts).
 */
import type { Source } from '../source.ts';
import type { Spanned, ValueNode } from '../syntax.ts';
import { flowValue } from './everyday-flow.ts';
import {
  atCommentOrEnd,
  closeCollection,
  isDash,
  made,
  nothingAt,
  openCollection,
  plainNode,
  readKey,
  type Scan,
  skipSpaces,
  startScan,
  startsPlain,
  textNode,
  toNextLine,
} from './everyday-scan.ts';

export type Everyday =
  | { readonly kind: 'read'; readonly root: ValueNode }
  /** Where the first thing begins that is not for this reader. */
  | { readonly kind: 'other'; readonly at: number }
  | { readonly kind: 'too-many'; readonly at: number };

/** `most`: values that the file may hold. */
export function readEveryday(source: Source, most: number): Everyday {
  const scan = startScan(source, most);
  const odd = source.text.search(/[\t\r\ufeff]/);
  if (odd !== -1) return { kind: 'other', at: odd };
  const found = toNextLine(scan) && scan.indent >= 0 ? blockMap(scan, scan.indent) : undefined;
  if (scan.left < 0) return { kind: 'too-many', at: scan.at };
  if (found === undefined || scan.indent !== NO_LINE) return { kind: 'other', at: scan.at };
  return { kind: 'read', root: found };
}

const NO_LINE = -1;

type Entry = { readonly key: Spanned<string>; readonly value: ValueNode };

/** From its first key to the first line that is indented otherwise. */
function blockMap(scan: Scan, indent: number): ValueNode | undefined {
  const start = scan.at;
  const entries = new Map<string, Entry>();
  if (!openCollection(scan)) return undefined;
  let end = start;
  do {
    const key = readKey(scan);
    if (key === undefined || entries.has(key.value)) return undefined;
    const value = valueOfKey(scan, indent);
    if (value === undefined) return undefined;
    entries.set(key.value, { key, value });
    end = value.span.end;
  } while (scan.indent === indent);
  closeCollection(scan);
  return made(scan, { kind: 'map', entries, span: scan.source.span(start, end) });
}

function blockList(scan: Scan, indent: number): ValueNode | undefined {
  const start = scan.at;
  const items: ValueNode[] = [];
  if (!openCollection(scan)) return undefined;
  let end = start;
  while (scan.indent === indent && isDash(scan)) {
    const item = listItem(scan, indent);
    if (item === undefined) return undefined;
    items.push(item);
    end = item.span.end;
  }
  closeCollection(scan);
  return made(scan, { kind: 'list', items, span: scan.source.span(start, end) });
}

function listItem(scan: Scan, indent: number): ValueNode | undefined {
  const dash = scan.at;
  scan.at += 1;
  skipSpaces(scan);
  if (atCommentOrEnd(scan)) return undefined;
  const { at } = scan;
  // `- name: x` begins a map that is indented as far as its first key.
  if (readKey(scan) === undefined) {
    scan.at = at;
    return inline(scan, indent);
  }
  scan.at = at;
  scan.indent = indent + at - dash;
  return blockMap(scan, scan.indent);
}

/** What stands behind `key:`. */
function valueOfKey(scan: Scan, indent: number): ValueNode | undefined {
  skipSpaces(scan);
  if (!atCommentOrEnd(scan)) return inline(scan, indent);
  const empty = scan.at;
  if (!toNextLine(scan)) return undefined;
  if (scan.indent > indent)
    return isDash(scan) ? blockList(scan, scan.indent) : blockMap(scan, scan.indent);
  if (scan.indent === indent && isDash(scan)) return blockList(scan, indent);
  return nothingAt(scan, empty);
}

/** A value that begins on its line, up to the next line, which it may not run into. */
function inline(scan: Scan, indent: number): ValueNode | undefined {
  const first = scan.text[scan.at];
  if (first === '|' || first === '>') return blockText(scan, indent);
  const value =
    first === '{' || first === '[' || first === '"' || first === "'"
      ? flowValue(scan, indent)
      : plain(scan);
  if (value === undefined) return undefined;
  const { at } = scan;
  skipSpaces(scan);
  // A comment has white space before it.
  if (!atCommentOrEnd(scan) || (scan.text[scan.at] === '#' && scan.at === at)) return undefined;
  return toNextLine(scan) && scan.indent <= indent ? value : undefined;
}

const SPACE = 32;
const COLON = 58;
const HASH = 35;

/** To the end of the line or to a comment; `: ` in it is somebody's mistake. */
function plain(scan: Scan): ValueNode | undefined {
  const { text, at: start } = scan;
  if (!startsPlain(scan)) return undefined;
  let end = text.indexOf('\n', start);
  if (end === -1) end = text.length;
  for (let at = start; at < end; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === HASH && text.charCodeAt(at - 1) === SPACE) end = at;
    else if (unit === COLON && (at + 1 === end || text.charCodeAt(at + 1) === SPACE))
      return undefined;
  }
  while (text.charCodeAt(end - 1) === SPACE) end -= 1;
  scan.at = end;
  return plainNode(scan, start, end);
}

/** Behind `|` and `|-` lines as they are written, less the indentation of the first; behind `>` and `>-` folded. */
function blockText(scan: Scan, parent: number): ValueNode | undefined {
  const { text, at: start } = scan;
  const header = /([|>])(-?) *\n/y;
  header.lastIndex = start;
  const [, style, strips] = header.exec(text) ?? [];
  if (style === undefined) return undefined;
  const body = header.lastIndex;
  const indent = spacesAt(text, body);
  if (indent <= parent || text[body + indent] === '\n') return undefined;
  const end = blockEnd(text, body, indent);
  // The last line break has to be written for it to be kept.
  if (end === undefined || text[end - 1] !== '\n') return undefined;
  const margin = `\n${' '.repeat(indent)}`;
  const lines = `\n${text.slice(body, end - 1)}`.replaceAll(margin, '\n').slice(1);
  const words = style === '|' ? lines : folded(lines);
  if (words === undefined) return undefined;
  const value = strips === '-' ? words : `${words}\n`;
  scan.at = end - 1;
  if (!toNextLine(scan) || scan.indent > parent) return undefined;
  return textNode(scan, { value, style: 'block', start, end });
}

/** A line break becomes a space, and each blank line a line break. Undefined where a line is indented further: its breaks would stay. */
const folded = (lines: string): string | undefined =>
  /^ /m.test(lines) ? undefined : lines.replace(/\n(\n*)/g, (_, blank: string) => blank || ' ');

const spacesAt = (text: string, at: number): number => {
  let next = at;
  while (text.charCodeAt(next) === SPACE) next += 1;
  return next - at;
};

/** Behind the last line that says something; undefined where a blank line holds white space. */
function blockEnd(text: string, body: number, indent: number): number | undefined {
  let end = body;
  for (let line = body; line < text.length; ) {
    const spaces = spacesAt(text, line);
    const stop = text.indexOf('\n', line);
    const next = stop === -1 ? text.length : stop + 1;
    if (line + spaces === stop || line + spaces === text.length) {
      if (spaces > 0) return undefined;
    } else if (spaces < indent) break;
    else end = next;
    line = next;
  }
  return end;
}

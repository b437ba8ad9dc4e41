/**
 * The entry of a text that holds a mistake, judged by indentation alone: a key of the document, or
 * a name right below one. What lies around it can then be read without it. Unaware of YAML's
 * grammar, which the mistake has confused.
 */

import { isBareKey, isDash, keyOf, type Line, linesOf } from './line.ts';
import { depthMeant } from './outdented.ts';

export type Entry = {
  readonly start: number;
  readonly end: number;
  /** The key in front of it, colon included; undefined where it may not be one. */
  readonly key: { readonly start: number; readonly end: number } | undefined;
  /** The key that it stands below; undefined for a key of the document itself. */
  readonly area: string | undefined;
};

/** Where what belongs to a mistake cannot be told: all that is in doubt, the mistake included. */
export type Unclear = { readonly from: number };

export function entryAt(text: string, offset: number): Entry | Unclear {
  const written = linesOf(text);
  const at = written.findLastIndex(({ start }) => start <= offset);
  return meantEntry(text, written, offset) ?? { from: Math.min(offset, doubtFrom(written, at)) };
}

/**
 * A line farther out than the first below the same key: it is the first that may stand too deep, and
 * what it holds is read as its neighbours. What the key itself is called may explain it all.
 */
function doubtFrom(lines: readonly Line[], at: number): number {
  const root = lines.findLastIndex((line, index) => index < at && isOuter(line));
  const [line, first, second] = [lines[at], lines[root + 1], lines[root + 2]];
  const isFarther = line !== undefined && first !== undefined && line.indent < first.indent;
  return isFarther && line.indent > 0 && second !== undefined ? second.start : Infinity;
}

function meantEntry(text: string, written: readonly Line[], offset: number): Entry | undefined {
  const at = written.findLastIndex(({ start }) => start <= offset);
  const depth = depthMeant(written, at);
  if (depth === undefined) return entryOf(text, written, at, offset);
  const lines = written.map((line, index) => (index === at ? { ...line, indent: depth } : line));
  const found = entryOf(text, lines, at, offset);
  // Where it stands, it would be the key of what follows.
  return found?.start === written[at]?.start && found ? { ...found, key: undefined } : found;
}

function entryOf(
  text: string,
  lines: readonly Line[],
  at: number,
  offset: number,
): Entry | undefined {
  const line = lines[at];
  if (line === undefined || isRunTogether(line)) return undefined;
  if (line.indent === 0 && !isDash(line)) return rootEntry(text, lines, at, offset);
  const root = lines.findLastIndex((above, index) => index < at && isOuter(above));
  const [owner, first] = [lines[root], lines[root + 1]];
  if (owner === undefined || keyOf(owner) === undefined) return undefined;
  // A key in the column of a list: the list's own key may have been meant to stand deeper.
  if (first && isDash(first) && line.indent <= first.indent && !isDash(line)) return undefined;
  // A value on the line of its key, or a list: all of it is one.
  if (first === undefined || isDash(first) || !isBareKey(owner))
    return entry(text, lines, root, offset);
  const depth = first.indent;
  const from = lines.findLastIndex(
    (above, index) => index > root && index <= at && above.indent <= depth && !isDash(above),
  );
  const start = lines[from];
  if (start === undefined || (keyOf(start) === undefined && !/^[\w-]+\s*$/.test(start.text)))
    return undefined;
  // Farther out than the first: which of the two is not where it was meant, and below what?
  if (start.indent < depth) return undefined;
  const found = entry(text, lines, from, offset);
  return found && { ...found, area: nameOf(owner) };
}

/** A line that is no key is a mistake of its own only where no text from above can run into it. */
function rootEntry(
  text: string,
  lines: readonly Line[],
  at: number,
  offset: number,
): Entry | undefined {
  const [line, above] = [lines[at], lines[at - 1]];
  const alone = above?.indent === 0 && keyOf(above) !== undefined;
  return (line && keyOf(line) !== undefined) || alone ? entry(text, lines, at, offset) : undefined;
}

function entry(
  text: string,
  lines: readonly Line[],
  at: number,
  offset: number,
): Entry | undefined {
  const line = lines[at];
  if (line === undefined) return undefined;
  const next = lines[nextOf(lines, at)];
  // What neither is deeper nor a key: text of a command, perhaps, and then nobody knows where it ends.
  if (next !== undefined && keyOf(next) === undefined) return undefined;
  const start = text.indexOf(line.text, line.start);
  const key = keyOf(line);
  const keyEnd = start + (key?.length ?? 0);
  return {
    start: line.start,
    end: next?.start ?? text.length,
    key: key === undefined || offset < keyEnd ? undefined : { start, end: keyEnd },
    area: undefined,
  };
}

/** The next line that is not deeper; a list may begin in the column of its key. */
function nextOf(lines: readonly Line[], at: number): number {
  const own = lines[at]?.indent ?? 0;
  const next = lines.findIndex(
    (below, index) =>
      index > at && (below.indent < own || (below.indent === own && !isDash(below))),
  );
  return next === -1 ? lines.length : next;
}

const nameOf = (line: Line): string => (keyOf(line) ?? line.text).replace(/[\s:"']/g, '');
/** `needs: [train]outputs:`, behind which the lines of another entry may follow. */
const isRunTogether = (line: Line): boolean =>
  !isBareKey(line) && /[\w-]:\s*$/.test(line.text.slice(-100));
const isOuter = (line: Line): boolean => line.indent === 0 && !isDash(line);

/** Whatever may be a name in an entry: before a colon, or at the beginning of a line. */
export function namesIn(text: string): readonly string[] {
  const names: string[] = [];
  for (const [, start, name, colon] of text.matchAll(WORD))
    if (name !== undefined && (start !== undefined || colon !== undefined)) names.push(name);
  return names;
}

const WORD = /(^[ \t]*(?:- +)*)?([\p{L}\d_][\p{L}\d_-]*)(["']?[ \t]*:)?/gmu;

/** What other parts of the text may repeat. */
export const anchorsIn = (text: string): readonly string[] =>
  [...text.matchAll(/&([^\s,[\]{}]+)/g)].flatMap(([, name]) => name ?? []);

/**
 * A string as YAML decoded it, with the way back to where each of its characters is written:
 * across escapes, doubled quotes, folded lines and block indentation. The way is computed only when
 * somebody asks for it. Unaware of expressions.
 */
import type { Source } from '../source.ts';
import type { Text } from '../syntax.ts';

export type Style = 'plain' | 'single' | 'double' | 'block';

export type Written = {
  readonly value: string;
  readonly style: Style;
  /** Of the scalar in the source, quotes or block header included. */
  readonly start: number;
  readonly end: number;
};

export function text(source: Source, written: Written): Text {
  const { value, start, end } = written;
  const first = verbatimFrom(written);
  let offsets: readonly number[] | undefined;
  return {
    value,
    span: source.span(start, end),
    part(from, to) {
      if (first !== undefined) {
        const begin = Math.min(from, value.length);
        return source.span(first + begin, first + Math.max(begin, Math.min(to, value.length)));
      }
      offsets ??= offsetsOf(source.text.slice(start, end), written);
      const begin = offsets[Math.min(from, value.length)] ?? end;
      const last = to > from ? (offsets[Math.min(to, value.length) - 1] ?? begin) + 1 : begin;
      return source.span(begin, Math.max(begin, last));
    },
  };
}

/** Where a value begins that is written as it is: no character of one takes less than itself. */
function verbatimFrom({ value, style, start, end }: Written): number | undefined {
  const from = { plain: 0, single: 1, double: 1, block: undefined }[style];
  return from !== undefined && value.length + 2 * from === end - start ? start + from : undefined;
}

/** For each character of the value, and for its end, its offset in the source. */
function offsetsOf(raw: string, { value, style, start }: Written): readonly number[] {
  const offsets: number[] = [];
  const indent = style === 'block' ? blockIndent(raw, value) : undefined;
  let at = skipIndent(raw, contentStart(raw, style), indent ?? 0);
  while (offsets.length < value.length && at < raw.length) {
    const piece = pieceAt(raw, at, { value, style, indent, from: offsets.length });
    for (let i = 0; i < piece.units && offsets.length < value.length; i += 1)
      offsets.push(start + at + (piece.verbatim === true ? i : 0));
    at += piece.length;
  }
  const end = style === 'plain' || style === 'block' ? raw.length : raw.length - 1;
  const last = start + Math.max(0, Math.min(at, end));
  while (offsets.length <= value.length) offsets.push(last);
  return offsets;
}

/** `length` characters of the source that stand for `units` characters of the value. */
type Piece = {
  readonly length: number;
  readonly units: number;
  /** Character for character. */
  readonly verbatim?: true;
};

type Reading = {
  readonly value: string;
  readonly style: Style;
  readonly indent: number | undefined;
  /** The character of the value that comes next. */
  readonly from: number;
};

function pieceAt(raw: string, at: number, { value, style, indent, from }: Reading): Piece {
  const unit = raw[at] ?? '';
  if (style === 'double' && unit === '\\') return escapeAt(raw, at);
  if (style === 'single' && unit === "'") return { length: 2, units: 1 };
  if (indent === undefined) return flowPieceAt(raw, at, value, from);
  if (!isBreak(unit)) return { length: 1, units: 1 };
  const next = at + (unit === '\r' ? 2 : 1);
  const kept = value[from] === ' ' || value[from] === '\n';
  return { length: skipIndent(raw, next, indent) - at, units: kept ? 1 : 0 };
}

/** White space as a whole, so that no run of it is looked through again and again. */
function flowPieceAt(raw: string, at: number, value: string, from: number): Piece {
  const length = spacesAt(raw, at);
  if (length === 0) return { length: 1, units: 1 };
  const folds = /[\r\n]/.test(raw.slice(at, at + length));
  return folds
    ? { length, units: breaksMade(value, from) }
    : { length, units: length, verbatim: true };
}

const contentStart = (raw: string, style: Style): number => {
  if (style === 'plain') return 0;
  return style === 'block' ? raw.indexOf('\n') + 1 : 1;
};

const isBreak = (unit: string): boolean => unit === '\n' || unit === '\r';

const spacesAt = (raw: string, at: number): number => {
  let next = at;
  while (' \t\r\n'.includes(raw[next] ?? 'x')) next += 1;
  return next - at;
};

function skipIndent(raw: string, at: number, indent: number): number {
  let next = at;
  while (next - at < indent && raw[next] === ' ') next += 1;
  return next;
}

/** How many characters of the value the break became: one space, or line feeds; maybe none. */
function breaksMade(value: string, from: number): number {
  if (value[from] === ' ') return 1;
  let to = from;
  while (value[to] === '\n') to += 1;
  return to - from;
}

/** How far each line of a block is indented: what its first line with text has lost. */
function blockIndent(raw: string, value: string): number {
  const written = /\n( *)[^\s]/.exec(raw)?.[1]?.length ?? 0;
  const first = value.search(/[^ \n]/);
  const kept = first === -1 ? 0 : first - (value.lastIndexOf('\n', first) + 1);
  return Math.max(0, written - kept);
}

const WIDTHS: Readonly<Record<string, number>> = { x: 4, u: 6, U: 10 };

function escapeAt(raw: string, at: number): Piece {
  const kind = raw[at + 1] ?? '';
  if (isBreak(kind)) return { length: 1 + spacesAt(raw, at + 1), units: 0 };
  const length = WIDTHS[kind] ?? 2;
  const code = kind === 'U' ? Number.parseInt(raw.slice(at + 2, at + 10), 16) : 0;
  return { length, units: code > 0xffff ? 2 : 1 };
}

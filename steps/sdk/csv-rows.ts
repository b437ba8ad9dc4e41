/**
 * Splits text into rows and fields by RFC 4180, and recovers: a row that breaks the rules costs
 * its own line and none of those after it. That, and its speed, is why it is our own; the tests hold
 * it against csv-parse. Unaware of headers, types and files.
 */

import { StepError } from './step.ts';

export type Row =
  | { readonly kind: 'fields'; readonly line: number; readonly fields: readonly string[] }
  | { readonly kind: 'bad'; readonly line: number; readonly reason: string; readonly text: string };

export type Dialect = {
  readonly delimiter: string;
  /** Undefined: quotes are ordinary characters. */
  readonly quote: string | undefined;
  /** A file of our own is well-formed, so nothing in it is too long. */
  readonly trusted?: boolean;
};

/** How far a quoted field may reach before its quote counts as a stray one. */
const MAX_QUOTED = 1 << 20;
/** Bounds memory where no line ever ends. */
const MAX_ROW = 1 << 24;

/** Rows with the 1-based number of their first line. A blank line is a row of one empty field. */
export async function* rowsOf(
  chunks: AsyncIterable<string>,
  dialect: Dialect,
): AsyncGenerator<Row> {
  let buffer = '';
  let line = 1;
  for await (const chunk of chunks) {
    buffer += chunk;
    let at = 0;
    for (let row = nextRow(buffer, at, false, dialect); row !== undefined; ) {
      yield withLine(row, line);
      line += row.lines;
      at = row.end;
      row = nextRow(buffer, at, false, dialect);
    }
    buffer = buffer.slice(at);
    if (dialect.trusted !== true && buffer.length > MAX_ROW) {
      throw new StepError(
        `line ${line} is longer than ${MAX_ROW} characters: this is not a table of rows`,
      );
    }
  }
  for (let at = 0; at < buffer.length; ) {
    const row = nextRow(buffer, at, true, dialect);
    if (row === undefined) break;
    yield withLine(row, line);
    line += row.lines;
    at = row.end;
  }
}

type Found = {
  /** Offset behind the row and its line end. */
  readonly end: number;
  readonly lines: number;
} & ({ readonly fields: readonly string[] } | { readonly reason: string; readonly text: string });

const withLine = (row: Found, line: number): Row =>
  'fields' in row
    ? { kind: 'fields', line, fields: row.fields }
    : { kind: 'bad', line, reason: row.reason, text: row.text };

/** Undefined: the row goes on in the next chunk. */
function nextRow(text: string, start: number, last: boolean, dialect: Dialect): Found | undefined {
  const newline = text.indexOf('\n', start);
  if (newline < 0 && !last) return undefined;
  const end = newline < 0 ? text.length : newline;
  const content = text.slice(start, text[end - 1] === '\r' && end > start ? end - 1 : end);
  const behind = newline < 0 ? end : end + 1;
  const { quote, delimiter, trusted = false } = dialect;
  if (quote === undefined || !content.includes(quote)) {
    return { end: behind, lines: 1, fields: content.split(delimiter) };
  }
  const row = quotedRow(text, start, last, {
    quote,
    delimiter,
    maxQuoted: trusted ? Infinity : MAX_QUOTED,
  });
  return typeof row === 'string' ? { end: behind, lines: 1, reason: row, text: content } : row;
}

/** A row with quotes in it; a reason when it breaks the rules; undefined when it goes on. */
function quotedRow(
  text: string,
  start: number,
  last: boolean,
  dialect: Quoting,
): Found | string | undefined {
  const fields: string[] = [];
  let lines = 1;
  let at = start;
  for (;;) {
    const field =
      text[at] === dialect.quote
        ? quotedField(text, at, last, dialect)
        : plainField(text, at, last, dialect);
    if (field === undefined || typeof field === 'string') return field;
    fields.push(field.value);
    lines += field.lineBreaks;
    at = field.end;
    if (text[at] === dialect.delimiter) {
      at += 1;
      continue;
    }
    if (text[at] === '\r') at += 1;
    if (at >= text.length) return last ? { end: at, lines, fields } : undefined;
    return text[at] === '\n' ? { end: at + 1, lines, fields } : 'text follows a closing quote';
  }
}

type Quoting = {
  readonly quote: string;
  readonly delimiter: string;
  readonly maxQuoted: number;
};
type Field = { readonly value: string; readonly end: number; readonly lineBreaks: number };

function quotedField(
  text: string,
  open: number,
  last: boolean,
  { quote, maxQuoted }: Quoting,
): Field | string | undefined {
  const found = closingQuote(text, open, quote);
  const close = found - open > maxQuoted ? -1 : found;
  if (close < 0) {
    const stray = last || text.length - open > maxQuoted;
    return stray ? 'a quote opens and never closes' : undefined;
  }
  const inner = text.slice(open + 1, close);
  return {
    value: inner.replaceAll(quote + quote, quote),
    end: close + 1,
    lineBreaks: inner.split('\n').length - 1,
  };
}

function plainField(
  text: string,
  start: number,
  last: boolean,
  { quote, delimiter }: Quoting,
): Field | string | undefined {
  const end = fieldEnd(text, start, delimiter);
  if (end === text.length && !last) return undefined;
  const value = text.slice(start, end);
  if (value.includes(quote)) return 'a quote stands inside a field that is not quoted';
  return { value, end, lineBreaks: 0 };
}

/** Offset of the quote that closes the one at `open`, stepping over doubled ones; -1 for none. */
function closingQuote(text: string, open: number, quote: string): number {
  let at = text.indexOf(quote, open + 1);
  while (at >= 0 && text[at + 1] === quote) at = text.indexOf(quote, at + 2);
  return at;
}

/** End of an unquoted field: its delimiter, its line's end without a carriage return, or the text's. */
function fieldEnd(text: string, start: number, delimiter: string): number {
  const newline = text.indexOf('\n', start);
  const lineEnd = newline < 0 ? text.length : text[newline - 1] === '\r' ? newline - 1 : newline;
  const next = text.indexOf(delimiter, start);
  return next < 0 || next > lineEnd ? Math.max(lineEnd, start) : next;
}

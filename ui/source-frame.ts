/**
 * Draws lines of a source with marks under them. Long lines are cut to a window around the mark.
 * Unaware of diagnostics, files and severities.
 */
import { type Cell, cellsOf, visible, visibleWidth } from './visible.ts';

export type Mark = {
  /** UTF-16 offsets in the source. */
  readonly start: number;
  readonly end: number;
  readonly label: string;
  /** Stands under each column. */
  readonly sign: string;
  readonly paint: (text: string) => string;
};

export type FrameOptions = {
  /** Columns for the source itself, without the gutter. */
  readonly width: number;
  readonly ellipsis: string;
};

export type FrameRow =
  | { readonly kind: 'source'; readonly line: number; readonly text: string }
  | { readonly kind: 'mark'; readonly text: string }
  /** Lines are left out here. */
  | { readonly kind: 'gap' };

type Line = {
  readonly number: number;
  readonly start: number;
  /** Where its break begins, which a carriage return is part of. */
  readonly stop: number;
  readonly text: string;
};

/** UTF-16 units. */
const LONG = 4_000;

/** The marked lines in order, each with its marks below it. */
export function frameRows(
  source: string,
  marks: readonly Mark[],
  options: FrameOptions,
): readonly FrameRow[] {
  const rows: FrameRow[] = [];
  const ordered = marks
    .map(mark => ({ ...mark, start: Math.min(mark.start, source.length) }))
    .sort((a, b) => a.start - b.start || a.end - b.end);
  const lines = linesAt(
    source,
    ordered.map(mark => mark.start),
  );
  let previous: number | undefined;
  for (const line of lines) {
    const here = ordered.filter(mark => lineHolds(line, mark.start));
    if (previous !== undefined && line.number > previous + 1) rows.push({ kind: 'gap' });
    previous = line.number;
    rows.push(...lineRows(line, here, options));
  }
  return rows;
}

const lineHolds = ({ start, stop }: Line, offset: number): boolean =>
  offset >= start && offset <= stop;

/** The lines that hold the offsets, which come in order; each line once. */
function linesAt(source: string, offsets: readonly number[]): readonly Line[] {
  const lines: Line[] = [];
  let start = 0;
  let number = 1;
  for (const offset of offsets) {
    for (;;) {
      const end = source.indexOf('\n', start);
      const stop = end === -1 ? source.length : end;
      if (offset > stop && end !== -1) {
        start = end + 1;
        number += 1;
        continue;
      }
      const text = source.slice(start, stop).replace(/\r$/, '');
      if (lines.at(-1)?.number !== number) lines.push({ number, start, stop, text });
      break;
    }
  }
  return lines;
}

function lineRows(line: Line, marks: readonly Mark[], options: FrameOptions): readonly FrameRow[] {
  const rows: FrameRow[] = [];
  let near: Line | undefined;
  let cells: readonly Cell[] = [];
  let window: Window | undefined;
  for (const mark of marks) {
    if (near === undefined || line.text.length > LONG) {
      near = around(line, mark);
      cells = cellsOf(near.text);
      window = undefined;
    }
    const columns = columnsOf(cells, near, mark);
    if (window === undefined || columns.start < window.start || columns.end > window.end) {
      window = windowAround(columns, cells, options);
      rows.push({ kind: 'source', line: line.number, text: window.text });
    }
    const shift = window.start - window.lead;
    const start = columns.start - shift;
    const length = Math.max(1, Math.min(columns.end, window.end) - columns.start);
    rows.push(...markRows({ start, length }, mark, options.width));
  }
  return rows;
}

/** Of a line that no window shows whole, what lies around a mark: a window has room to spare in it. */
function around(line: Line, { start }: Mark): Line {
  if (line.text.length <= LONG) return line;
  const from = Math.max(0, start - line.start - LONG / 2);
  return { ...line, start: line.start + from, text: line.text.slice(from, from + LONG) };
}

type Columns = { readonly start: number; readonly end: number };

function columnsOf(cells: readonly Cell[], line: Line, { start, end }: Mark): Columns {
  const from = start - line.start;
  const to = end - line.start;
  let before = 0;
  let until = 0;
  for (const cell of cells) {
    if (cell.offset < from) before += cell.width;
    if (cell.offset < to) until += cell.width;
  }
  return { start: before, end: Math.max(until, before + 1) };
}

type Window = Columns & {
  readonly text: string;
  /** Columns that the sign for what is cut off in front takes. */
  readonly lead: number;
};

/** As much of a line as fits, with the mark's beginning a third of the way in. */
function windowAround(
  mark: Columns,
  cells: readonly Cell[],
  { width, ellipsis }: FrameOptions,
): Window {
  const total = cells.reduce((sum, cell) => sum + cell.width, 0);
  if (total <= width) {
    const text = cells.map(cell => cell.shown).join('');
    // A mark may stand behind the last character: there something is missing.
    return { start: 0, end: Math.max(total, mark.end), text: text.trimEnd(), lead: 0 };
  }
  const room = Math.max(8, width - 2 * ellipsis.length);
  const wanted = Math.max(0, mark.start - Math.floor(room / 3));
  const start = Math.max(0, Math.min(wanted, total - room));
  let column = 0;
  let from: number | undefined;
  let end = start;
  let text = '';
  for (const cell of cells) {
    if (column >= start && column + cell.width <= start + room) {
      from ??= column;
      end = column + cell.width;
      text += cell.shown;
    }
    column += cell.width;
  }
  const first = from ?? start;
  const front = first > 0 ? ellipsis : '';
  const back = end < total ? ellipsis : '';
  return {
    start: first,
    end: Math.max(end, mark.start + 1),
    text: front + text + back,
    lead: front.length,
  };
}

function markRows(
  { start, length }: { readonly start: number; readonly length: number },
  { label, sign, paint }: Mark,
  width: number,
): readonly FrameRow[] {
  const under = ' '.repeat(start) + paint(sign.repeat(length));
  const [first = '', ...rest] = visible(label).split('\n');
  const room = width - start - length - 1;
  if (rest.length === 0 && visibleWidth(first) <= room) {
    return [{ kind: 'mark', text: first === '' ? under : `${under} ${paint(first)}` }];
  }
  // No room beside it: the words go below, in from where they fit.
  const longest = Math.max(...[first, ...rest].map(visibleWidth));
  const indent = ' '.repeat(Math.max(0, Math.min(start, width - longest)));
  const words = [first, ...rest].map(
    text => ({ kind: 'mark', text: indent + paint(text) }) as const,
  );
  return [{ kind: 'mark', text: under }, ...words];
}

/** Columns of text, aligned. Unaware of what is in them; colour codes count for no width. */
import { stripVTControlCharacters } from 'node:util';
import { visibleWidth } from './visible.ts';

export type TableOptions = {
  /** Columns, by index, that are aligned to the right. */
  readonly right?: readonly number[];
  readonly indent?: number;
  /** Of the terminal: the last column is folded at words to fit. Undefined folds nothing. */
  readonly columns?: number | undefined;
};

const GAP = '  ';
/** Folded to less than this, words stand one below another: then the terminal may wrap. */
const NARROWEST = 24;

/** The last column is never padded, and may hold several lines. */
export function renderTable(
  rows: readonly (readonly string[])[],
  { right = [], indent = 0, columns }: TableOptions = {},
): string {
  const last = rows.reduce((most, row) => Math.max(most, row.length), 0) - 1;
  const widths = Array.from({ length: last + 1 }, (_, column) =>
    rows.reduce((most, row) => Math.max(most, widthOf(row[column] ?? '')), 0),
  );
  const start = widths.slice(0, -1).reduce((sum, width) => sum + width + GAP.length, indent);
  const room = Math.max(NARROWEST, (columns ?? Number.POSITIVE_INFINITY) - start);
  return rows
    .map(row => {
      const cells = row.map((cell, column) => {
        if (column === last && !right.includes(column))
          return folded(cell, room).join(`\n${' '.repeat(start)}`);
        const gap = ' '.repeat((widths[column] ?? 0) - widthOf(cell));
        if (right.includes(column)) return gap + cell;
        return column === row.length - 1 ? cell : cell + gap;
      });
      return (' '.repeat(indent) + cells.join(GAP)).trimEnd();
    })
    .join('\n');
}

/** A word that is wider than the room stays whole: a path that is cut opens nothing. */
function folded(text: string, room: number): readonly string[] {
  return text.split('\n').flatMap(line => {
    if (widthOf(line) <= room) return [line];
    const [first = '', ...words] = line.split(' ');
    const lines: string[] = [];
    let open = first;
    for (const word of words) {
      const longer = `${open} ${word}`;
      if (widthOf(longer) <= room) open = longer;
      else {
        lines.push(open);
        open = word;
      }
    }
    return [...lines, open];
  });
}

const widthOf = (text: string): number => visibleWidth(stripVTControlCharacters(text));

/** Columns of text, aligned. Unaware of what is in them; colour codes count for no width. */
import { stripVTControlCharacters } from 'node:util';

/** The last column is never padded; `right` columns (by index) are aligned to the right. */
export function renderTable(
  rows: readonly (readonly string[])[],
  options: { readonly right?: readonly number[]; readonly indent?: number } = {},
): string {
  const columns = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const widths = Array.from({ length: columns }, (_, column) =>
    rows.reduce((most, row) => Math.max(most, visibleWidth(row[column] ?? '')), 0),
  );
  const indent = ' '.repeat(options.indent ?? 0);
  return rows
    .map(row => {
      const cells = row.map((cell, column) => {
        const gap = ' '.repeat((widths[column] ?? 0) - visibleWidth(cell));
        if (options.right?.includes(column)) return gap + cell;
        return column === row.length - 1 ? cell : cell + gap;
      });
      return (indent + cells.join('  ')).trimEnd();
    })
    .join('\n');
}

const visibleWidth = (text: string): number => [...stripVTControlCharacters(text)].length;

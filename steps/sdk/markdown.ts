/**
 * The few things that the steps' reports are made of, as Markdown. Unaware of what is reported.
 */

/** A table whose first column is text and whose others are numbers. */
export function markdownTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.map(markdownText).join(' | ')} |`;
  const rule = `|${header.map((_, index) => (index === 0 ? ' --- |' : ' ---: |')).join('')}`;
  return [line(header), rule, ...rows.map(line)].join('\n');
}

/** Text from outside (labels, names of columns) that must not become markup. */
export const markdownText = (content: string): string =>
  content
    // An underscore inside a word is none of Markdown's business, and `macro_f1` reads better whole.
    .replace(/[\\`*[\]<>|#]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\$&')
    .replace(/\s+/g, ' ');

/** `97.2 %`. */
export const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;

/** Paragraphs, tables and headings, one blank line apart. */
export const markdownPage = (blocks: readonly string[]): string => `${blocks.join('\n\n')}\n`;

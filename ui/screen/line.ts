/**
 * One row of the screen as pieces of text with a look each, so that it can be cut and padded before
 * it is coloured. Unaware of what the pieces mean.
 */
import { cutText } from '../log-text.ts';
import type { Look, Style } from '../style.ts';
import { cellsOf, visibleWidth } from '../visible.ts';

export type Piece = { readonly text: string; readonly look?: Look };
export type Line = readonly Piece[];

export const piece = (text: string, look?: Look): Piece =>
  look === undefined ? { text } : { text, look };

export const widthOf = (line: Line): number =>
  line.reduce((sum, { text }) => sum + visibleWidth(text), 0);

/** Exactly `width` columns: cut or filled up. */
export function column(text: string, width: number, style: Style): string {
  const cut = cutText(shown(text), width, style.sign.cut);
  return cut + ' '.repeat(Math.max(0, width - visibleWidth(cut)));
}

/** Coloured, and never wider than `width`. */
export function paint(line: Line, width: number, style: Style): string {
  const mark = style.sign.cut;
  let left = width;
  let painted = '';
  const total = line.reduce((sum, { text }) => sum + visibleWidth(shown(text)), 0);
  for (const { text, look } of line) {
    if (left <= 0) break;
    const plain = shown(text);
    const isLast = visibleWidth(plain) >= left && total > width;
    const cut = isLast ? cutText(`${plain} `, left, mark) : plain;
    left -= visibleWidth(cut);
    painted += look === undefined || cut === '' ? cut : style[look](cut);
  }
  return painted;
}

/** Whatever a step's author or program has put into it, it stays on its row. */
const shown = (text: string): string =>
  cellsOf(text)
    .map(cell => cell.shown)
    .join('');

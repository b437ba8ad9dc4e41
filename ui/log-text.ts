/**
 * Lines of a step's log, made fit for a terminal: colours may stay, nothing else in them acts.
 * Unaware of where the lines come from and of what surrounds them.
 */
import { stripVTControlCharacters } from 'node:util';
import { cellsOf, visibleWidth } from './visible.ts';

/** Without colours; tabs as blanks; what is invisible as a sign. */
export const logText = (line: string): string =>
  cellsOf(stripVTControlCharacters(line.replace(/\r+$/, '')))
    .map(({ shown }) => shown)
    .join('');

const COLOR = /(\x1b\[[\d;:]*m)/;
const RESET = '\x1b[0m';

/** With its colours, from the column `from` on, and no wider than `width`. */
export function colorText(line: string, width: number, from = 0): string {
  let column = 0;
  let shown = '';
  let isColored = false;
  line.split(COLOR).forEach((piece, index) => {
    if (index % 2 === 1) {
      shown += piece;
      isColored = true;
      return;
    }
    for (const cell of cellsOf(stripVTControlCharacters(piece))) {
      if (column >= from && column + cell.width <= from + width) shown += cell.shown;
      column += cell.width;
    }
  });
  return isColored ? `${shown}${RESET}` : shown;
}

/** Cut to a width, the cut marked. */
export function cutText(text: string, width: number, mark: string): string {
  if (visibleWidth(text) <= width) return text;
  const room = width - visibleWidth(mark);
  if (room < 0) return '';
  let shown = '';
  let used = 0;
  for (const cell of cellsOf(text)) {
    if (used + cell.width > room) break;
    shown += cell.shown;
    used += cell.width;
  }
  return `${shown}${mark}`;
}

/** A log's text as lines; of a progress bar that redraws itself with `\r`, only its last state. */
export const logLines = (text: string): readonly string[] =>
  text
    .replace(/\n$/, '')
    .split('\n')
    .map(line => {
      const drawn = line.replace(/\r+$/, '');
      return drawn.slice(drawn.lastIndexOf('\r') + 1);
    });

/** A whole log as plain text, piece by piece: of a bar its last state, no colours, nothing that acts. */
export async function* plainText(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let open = '';
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf('\n') + 1;
    if (end > 0) yield plainLines(open + chunk.slice(0, end));
    open = end > 0 ? chunk.slice(end) : open + chunk;
  }
  if (open !== '') yield plainLines(open);
}

const plainLines = (text: string): string =>
  logLines(text)
    .map(line => `${stripVTControlCharacters(line)}\n`)
    .join('');

/**
 * Text as a terminal will show it: how many columns each character takes, and signs in place of
 * what would be invisible, move the cursor or reorder the line. Unaware of frames and colours.
 */

export type Cell = {
  /** Where in the text it begins, in UTF-16 units. */
  readonly offset: number;
  readonly shown: string;
  readonly width: number;
};

const TAB_WIDTH = 4;

/** Made when a line asks for them: they would take 20 ms of every start. */
type Unicode = { readonly graphemes: Intl.Segmenter; readonly emoji: RegExp };
let made: Unicode | undefined;
function unicode(): Unicode {
  made ??= {
    graphemes: new Intl.Segmenter('en', { granularity: 'grapheme' }),
    // Whole emoji, also those that are joined by invisible letters.
    emoji: /^\p{RGI_Emoji}$/v,
  };
  return made;
}

/** Controls, marks that change the direction of text, separators of lines, invisible letters. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
/**
 * Letters, dashes, arrows, boxes and the marks of our own lines: each a whole grapheme of one
 * column, whatever stands beside it in such a line.
 */
const SIMPLE =
  /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2190-\u21ff\u2500-\u25fc\u2713\u2717\u2718\u2800-\u28ff]*$/;

/** Characters that take two columns: East Asian wide forms. */
const WIDE =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{17000}-\u{18cff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]/u;
const COMBINING = /^[\p{Mark}]+$/u;

/** The columns of one line. */
export function cellsOf(line: string): readonly Cell[] {
  if (SIMPLE.test(line)) {
    return Array.from(line, (shown, offset) => ({ offset, shown, width: 1 }));
  }
  const cells: Cell[] = [];
  let column = 0;
  for (const { segment, index } of unicode().graphemes.segment(line)) {
    const cell = cellOf(segment, index, column);
    cells.push(cell);
    column += cell.width;
  }
  return cells;
}

function cellOf(segment: string, offset: number, column: number): Cell {
  if (segment === '\t') {
    const width = TAB_WIDTH - (column % TAB_WIDTH);
    return { offset, shown: ' '.repeat(width), width };
  }
  if (unicode().emoji.test(segment)) return { offset, shown: segment, width: 2 };
  const shown = segment.replace(HIDDEN, sign);
  return { offset, shown, width: shown === segment ? widthOf(segment) : shown.length };
}

function widthOf(grapheme: string): number {
  if (WIDE.test(grapheme)) return 2;
  return COMBINING.test(grapheme) ? 0 : 1;
}

/** `␛` for an escape, `<U+202E>` for what has no picture. */
function sign(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}

/** Text for one line of a terminal, or several where it has line breaks. Nothing in it acts. */
export const visible = (text: string): string =>
  text.replace(HIDDEN, found => (found === '\n' ? found : sign(found)));

/** A screen asks it of every row, ten times a second: everyday text needs no cells for it. */
export const visibleWidth = (text: string): number =>
  SIMPLE.test(text) ? text.length : cellsOf(text).reduce((sum, cell) => sum + cell.width, 0);

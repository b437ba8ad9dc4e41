/**
 * One step's log on the whole screen, as painted lines: a title, a page of the log with its colours,
 * and what can be done. Pure; unaware of files.
 */
import { colorText, logText } from '../log-text.ts';
import type { Style } from '../style.ts';
import { type Line, paint, piece } from './line.ts';
import type { Size } from './live.ts';
import type { LogLines, LogView } from './view.ts';

export type LogPageOptions = {
  readonly view: LogView;
  readonly log: LogLines;
  readonly size: Size;
  readonly style: Style;
  /** Project-relative. */
  readonly path: string;
  /** Where the step stands: `running 12.3s`. */
  readonly standing: string;
  /** Earlier lines are in the file only. */
  readonly isCut: boolean;
};

/** Lines of the log that a screen has room for. */
export const pageOf = ({ rows }: Size): number => Math.max(1, rows - 2);

/** Exactly as many lines as the terminal has rows. */
export function logPage(options: LogPageOptions): readonly string[] {
  const { view, log, size, style } = options;
  const page = pageOf(size);
  const end = (view.end ?? log.first + log.lines.length) - log.first;
  const start = Math.max(0, end - page);
  const lines = log.lines
    .slice(start, Math.max(end, page))
    .slice(0, page)
    .map((line, index) => logRow(line, log.first + start + index, options));
  if (log.lines.length === 0) lines.push(style.dim('it has printed nothing in this run'));
  const filled = [...lines, ...Array.from({ length: page - lines.length }, () => '')];
  const ending = (line: Line) => paint(line, size.columns, style);
  return [ending(titleLine(options)), ...filled, ending(footLine(options, start, end))];
}

function logRow(line: string, number: number, { view, size, style }: LogPageOptions): string {
  const { columns } = size;
  if (number === view.match) {
    return paint(
      [piece(style.unicode ? '❯ ' : '> ', 'live'), piece(logText(line), 'strong')],
      columns,
      style,
    );
  }
  const shift = view.match === undefined ? '' : '  ';
  const width = columns - shift.length;
  const shown = style.color
    ? colorText(line, width, view.left)
    : colorText(logText(line), width, view.left);
  return shift + shown;
}

function titleLine({ view, path, standing, style, isCut }: LogPageOptions): Line {
  const dot = style.unicode ? ' · ' : ' - ';
  return [
    piece(style.unicode ? '── ' : '-- ', 'dim'),
    piece(view.step, 'strong'),
    piece(
      `${dot}${standing}${dot}${path}${isCut ? `${dot}earlier lines are in the file` : ''}`,
      'dim',
    ),
  ];
}

function footLine({ view, log, style }: LogPageOptions, start: number, end: number): Line {
  if (view.typing) return [piece(`/${view.search}`, 'strong'), piece(style.unicode ? '▏' : '_')];
  const total = log.first + log.lines.length;
  const where =
    view.end === undefined
      ? [piece('following', 'live')]
      : [piece(`lines ${log.first + start + 1}-${log.first + Math.max(end, 0)} of ${total}`)];
  const search =
    view.search === ''
      ? []
      : [
          piece(
            `   /${view.search} ${view.match === undefined ? 'not found' : 'n older, N newer'}`,
            'warn',
          ),
        ];
  const keys = '   q back   / search   j k space b scroll   g start   f follow';
  return [...where, ...search, piece(keys, 'dim')];
}

/**
 * The part of the screen that lives: a head, the rows, a panel below them, a foot. Decides how many
 * lines each may take, so that the whole never needs more than the terminal has. Pure in what it is
 * given; unaware of Ink.
 */
import type { StepId } from '../../schema/id.ts';
import { formatDuration } from '../duration.ts';
import { countOutcomes, type RunState } from '../run-state.ts';
import type { Style } from '../style.ts';
import { visibleWidth } from '../visible.ts';
import { sampleText } from '../words.ts';
import { type Estimates, runRemainingMs } from './estimate.ts';
import { type Line, type Piece, paint, piece, widthOf } from './line.ts';
import { panelLines } from './panel.ts';
import { labelOf, type RowContext, rowLine, wholeSeconds } from './row-line.ts';
import {
  allRows,
  endedSteps,
  fitRows,
  liveRows,
  nearestNeeds,
  type Row,
  windowAround,
} from './rows.ts';
import type { View } from './view.ts';

export type LiveOptions = {
  readonly state: RunState;
  readonly view: View;
  /** Milliseconds since the run started. */
  readonly now: number;
  readonly size: Size;
  readonly style: Style;
  readonly history: Estimates;
  /** Words that stand above the foot until others come: `Stopping: …`. */
  readonly notice: string | undefined;
  readonly spoken: boolean;
  /** What keys may do: nothing can be stopped in a record. */
  readonly keys: 'run' | 'browse' | 'none';
  /** The last lines of a running step's log, where the stream no longer carries them. */
  readonly tailOf: (step: StepId) => readonly string[];
};

export type Size = { readonly columns: number; readonly rows: number };

const WIDEST_NAME = 32;

/** Painted, each within the columns; no more of them than the rows of the terminal less two. */
export function liveLines(options: LiveOptions): readonly string[] {
  const { state, view, style, size, notice } = options;
  const width = Math.max(20, size.columns - 1);
  const room = Math.max(3, size.rows - 2);
  const foot = [
    ...(notice === undefined ? [] : [[piece(notice, 'warn')]]),
    footLine(options, width),
  ];
  const left = room - 1 - foot.length;
  const rows = view.chosen === undefined ? liveRows(state) : allRows(state);
  const panel = panelLines({
    ...options,
    room: Math.max(0, left - Math.min(rows.length, minRows(left))),
  });
  const context = rowContext(options, rows, width);
  const shown = shownRows(rows, view, left - panel.length).map(row =>
    row.kind === 'waiting' ? { ...row, needs: nearestNeeds(row.needs, state) } : row,
  );
  const lines: readonly Line[] = [
    headLine(options),
    ...shown.map(row => marked(row, view, rowLine(row, context), style)),
    ...panel,
    ...foot,
  ];
  return lines.map(line => paint(line, width, style));
}

/** Rows of steps that a panel leaves alone. */
const minRows = (room: number): number => Math.max(1, Math.ceil(room * 0.5));

const shownRows = (rows: readonly Row[], { chosen }: View, room: number): readonly Row[] =>
  chosen === undefined
    ? fitRows(rows, room)
    : windowAround(
        rows,
        rows.findIndex(row => 'id' in row && row.id === chosen),
        room,
      );

function rowContext(options: LiveOptions, rows: readonly Row[], width: number): RowContext {
  const { now, style, spoken, view } = options;
  const longest = rows.reduce((most, row) => Math.max(most, nameWidthOf(row)), 0);
  const nameWidth = Math.min(longest, WIDEST_NAME, Math.floor(width / 3));
  // The pointer to the chosen row takes two columns of every row.
  const own = view.chosen === undefined ? width : width - 2;
  return { now, style, width: own, nameWidth, spoken };
}

const nameWidthOf = (row: Row): number => (row.kind === 'more' ? 0 : visibleWidth(labelOf(row)));

/** The chosen row has a pointer, and so every row has a column for it. */
function marked(row: Row, { chosen }: View, line: Line, style: Style): Line {
  if (chosen === undefined) return line;
  const isChosen = 'id' in row && row.id === chosen;
  const pointer = style.unicode ? '❯' : '>';
  if (!isChosen) return [piece('  '), ...line];
  return [
    piece(`${pointer} `, 'live'),
    ...line.map(({ text, look }) => piece(text, look ?? 'strong')),
  ];
}

function headLine({ state, style }: LiveOptions): Line {
  const counts = countOutcomes(state.finished);
  const hits = counts['up-to-date'] + counts.restored;
  const dot = style.unicode ? ' · ' : ' - ';
  const sample = state.sample === undefined ? '' : `${dot}${sampleText(state.sample)}`;
  const facts: Piece[] = [piece(sample, 'warn'), piece(`${dot}run ${state.run ?? ''}`, 'dim')];
  facts.push(piece(`${dot}${hits} cache ${hits === 1 ? 'hit' : 'hits'}`, 'dim'));
  const rule = style.unicode ? '──' : '--';
  return [piece(`${rule} `, 'dim'), piece(state.pipeline, 'strong'), ...facts];
}

function footLine(options: LiveOptions, width: number): Line {
  const { state, now, style, history, spoken } = options;
  const dot = style.unicode ? ' · ' : ' - ';
  const counts = countOutcomes(state.finished);
  const running = [...state.running.values()].filter(({ since }) => since !== undefined).length;
  const done = endedSteps(state).size;
  const waiting = state.total - done - running;
  const waits = waiting > 0 ? [piece(`${dot}${waiting} waiting`)] : [];
  const runs = running > 0 ? [piece(`${dot}${running} running`)] : [];
  const parts: Piece[] = [
    piece(`${done}/${state.total} done`, 'strong'),
    ...(counts.failed > 0 ? [piece(`${dot}${counts.failed} failed`, 'bad')] : []),
    ...runs,
    ...waits,
  ];
  const ahead: Piece[] = [];
  if (!spoken) {
    parts.push(
      piece(`${dot}${formatDuration(state.result === undefined ? now : state.durationMs)}`),
    );
    const left = state.result === undefined ? runRemainingMs(state, now, history) : undefined;
    if (left !== undefined && left > 0) {
      ahead.push(piece(`${dot}about ${wholeSeconds(left)} left`, 'dim'));
    }
  }
  const [first] = hintsFor(options.view, options.keys);
  const room = first === undefined ? width : width - visibleWidth(first) - HINTS_GAP;
  // What the rows tell as well makes room for the key that tells of all others.
  const facts = lessUntil([...parts, ...ahead], [...waits, ...runs, ...ahead], room);
  const hints = keyHints(options, width - widthOf(facts) - HINTS_GAP, dot);
  return hints === '' ? facts : [...facts, piece(`${' '.repeat(HINTS_GAP)}${hints}`, 'dim')];
}

const HINTS_GAP = 3;

/** Without the first few of `spare`, as many as it takes. */
function lessUntil(line: Line, spare: Line, room: number): Line {
  const [next, ...others] = spare;
  if (next === undefined || widthOf(line) <= room) return line;
  return lessUntil(
    line.filter(part => part !== next),
    others,
    room,
  );
}

/** As many as there is room for, the one that tells the others first. */
function keyHints({ view, keys }: LiveOptions, room: number, dot: string): string {
  let text = '';
  for (const hint of hintsFor(view, keys)) {
    const longer = text === '' ? hint : `${text}${dot}${hint}`;
    if (visibleWidth(longer) > room) break;
    text = longer;
  }
  return text;
}

function hintsFor({ chosen }: View, keys: LiveOptions['keys']): readonly string[] {
  if (keys === 'none') return [];
  if (keys === 'browse') return ['h help', 'q leave', 'enter log', 'w why'];
  if (chosen === undefined) return ['h help', 'q stop', 'j/k choose', 'enter log'];
  return ['h help', 'enter log', 'w why', 'c cancel', 'r rerun', 'esc back'];
}

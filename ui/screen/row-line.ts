/**
 * How one row of the screen looks: a sign, the step, where it stands. Each state has its own sign
 * and its own word, so that it is told without colour. Pure.
 */
import { assertNever } from '../../schema/assert-never.ts';
import type { StepId } from '../../schema/id.ts';
import { formatDuration } from '../duration.ts';
import { formatMetric, mainMetric } from '../metric.ts';
import type { RunningStep } from '../run-state.ts';
import { stepName } from '../step-name.ts';
import type { Look, Style } from '../style.ts';
import { outcomeWord, skipReason } from '../words.ts';
import { progressBar, sparkline, turning } from './drawing.ts';
import { remainingMs, shareOf } from './estimate.ts';
import { column, type Line, type Piece, piece, widthOf } from './line.ts';
import type { GroupCounts, Row } from './rows.ts';
import { usagePieces } from './usage-pieces.ts';

export type RowContext = {
  readonly now: number;
  readonly style: Style;
  /** Columns of the screen, and of the column of names. */
  readonly width: number;
  readonly nameWidth: number;
  /** For a screen reader: words only, and nothing that moves. */
  readonly spoken: boolean;
};

const NARROWEST_BAR = 10;
const WIDEST_BAR = 30;
const TIME_WIDTH = 7;

const barWidth = (width: number): number =>
  Math.min(WIDEST_BAR, Math.max(NARROWEST_BAR, Math.floor(width / 6)));

export function rowLine(row: Row, context: RowContext): Line {
  const { style, nameWidth } = context;
  const wait = style.unicode ? '·' : '.';
  const line = (sign: Piece, name: string, ...rest: readonly Piece[]): Line => [
    sign,
    piece(` ${column(name, nameWidth, style)}  `),
    ...rest,
  ];
  switch (row.kind) {
    case 'running':
      return line(runningSign(context), labelOf(row), ...runningPieces(row.step, context));
    case 'ready':
      return line(piece(wait, 'dim'), labelOf(row), piece(readyText(row.step), 'dim'));
    case 'waiting':
      return line(piece(wait, 'dim'), row.id, piece(waitingText(row.needs), 'dim'));
    case 'finished':
      return line(...finishedPieces(row, style));
    case 'group':
      return line(groupSign(row, context), row.name, ...groupPieces(row, context));
    case 'more':
      return [piece(`  ${moreText(row)}`, 'dim')];
    default:
      return assertNever(row);
  }
}

/** What stands in the column of names; an instance below its group needs only its axes. */
export function labelOf(row: Exclude<Row, { kind: 'more' }>): string {
  if (row.kind === 'group') return row.name;
  const isInner = 'inner' in row && row.inner;
  return isInner ? `  ${/\[(.*)\]$/s.exec(row.id)?.[1] ?? row.id}` : row.id;
}

const runningSign = ({ now, style, spoken }: RowContext): Piece =>
  piece(spoken ? '*' : turning(now, style.unicode), 'live');

const readyText = ({ isElsewhere }: RunningStep): string =>
  isElsewhere ? 'another step or run executes it, waits for that' : 'ready, waits for room';

function waitingText(needs: readonly StepId[]): string {
  const instances = Map.groupBy(needs, stepName);
  const [first, second, ...others] = [...instances].map(([name, ids]) =>
    ids.length === 1 ? ids[0] : `${ids.length} of ${name}`,
  );
  if (first === undefined) return 'is being looked at';
  if (second === undefined) return `waits for ${first}`;
  return `waits for ${first}, ${second}${others.length > 0 ? ` and ${others.length} more` : ''}`;
}

function runningPieces(step: RunningStep, context: RowContext): readonly Piece[] {
  const { now, style, spoken, width, nameWidth } = context;
  if (spoken) return [piece(spokenState(step))];
  const elapsed = formatDuration(now - (step.since ?? now)).padStart(TIME_WIDTH);
  const again = step.attempt > 1 ? [piece(`  try ${step.attempt}`, 'warn')] : [];
  const first = [
    piece(elapsed),
    ...barPieces(step, context),
    ...again,
    ...metricPieces(step, style),
  ];
  const room = width - nameWidth - AROUND_NAME - widthOf(first);
  const usage = usagePieces(step.usage, room, style.unicode);
  // A few letters of a message say nothing.
  const isTold = step.message !== undefined && room - widthOf(usage) >= SHORTEST_MESSAGE;
  return [...first, ...usage, ...(isTold ? [piece(`  ${step.message}`, 'dim')] : [])];
}

const SHORTEST_MESSAGE = 8;

/** Columns of the sign and of the gaps beside a name. */
const AROUND_NAME = 4;

/** Only what the step itself has said: a clock that ticks aloud helps nobody. */
function spokenState({ progress, message, attempt }: RunningStep): string {
  const facts = [
    'running',
    attempt > 1 ? `try ${attempt}` : '',
    progress === undefined ? '' : `${Math.floor(progress * 10) * 10} percent`,
    progress === undefined ? (message ?? '') : '',
  ];
  return facts.filter(fact => fact !== '').join(', ');
}

function barPieces(step: RunningStep, { now, style, width }: RowContext): readonly Piece[] {
  const known = shareOf(step, now);
  if (known === undefined) return [];
  const bar = progressBar(known.share, barWidth(width), style.unicode);
  const percent = `${known.isGuess ? '~' : ''}${Math.floor(known.share * 100)}%`.padStart(5);
  return [
    piece('  '),
    piece(bar.full, 'live'),
    piece(bar.empty, 'dim'),
    piece(percent),
    piece(`  ${leftText(step, now).padEnd(8)}`, 'dim'),
  ];
}

function leftText(step: RunningStep, now: number): string {
  const left = remainingMs(step, now);
  if (left === undefined) return '';
  if (left === 0) return step.progress === undefined ? 'late' : '';
  return left < 1000 ? '<1s left' : `${wholeSeconds(left)} left`;
}

/** A guess has no tenths. */
export const wholeSeconds = (ms: number): string =>
  ms < 59_500 ? `${Math.max(1, Math.round(ms / 1000))}s` : formatDuration(ms);

const SPARK_WIDTH = 12;

function metricPieces(step: RunningStep, style: Style): readonly Piece[] {
  const metric = mainMetric(step);
  if (metric === undefined) return [];
  const spark = sparkline(metric.course, SPARK_WIDTH, style.unicode);
  return [
    piece(`  ${metric.name} `),
    piece(formatMetric(metric.value), 'strong'),
    ...(spark === '' ? [] : [piece(` ${spark}`, 'live')]),
  ];
}

function finishedPieces(
  { id, entry }: Extract<Row, { kind: 'finished' }>,
  style: Style,
): readonly [sign: Piece, name: string, ...rest: Piece[]] {
  const { outcome } = entry;
  const word = outcomeWord(outcome).padEnd(10);
  switch (outcome.kind) {
    case 'succeeded':
      return [
        piece(style.sign.good, 'good'),
        id,
        piece(`${word}  ${formatDuration(entry.durationMs).padStart(TIME_WIDTH)}`),
      ];
    case 'up-to-date':
    case 'restored':
      return [
        piece(style.sign.hit, 'good'),
        id,
        piece(`${word}  from run ${outcome.madeBy}`, 'dim'),
      ];
    case 'failed':
      return [
        piece(style.sign.bad, 'bad'),
        id,
        piece(word, 'bad'),
        piece(`  ${formatDuration(entry.durationMs).padStart(TIME_WIDTH)}`),
      ];
    case 'skipped':
      return [
        piece(style.sign.skipped, 'dim'),
        id,
        piece(`${word}  ${skipReason(outcome)}`, 'dim'),
      ];
    case 'cancelled':
      return [piece(style.sign.skipped, 'warn'), id, piece(word, 'warn')];
    default:
      return assertNever(outcome);
  }
}

const groupSign = (row: GroupCounts, context: RowContext): Piece =>
  row.running > 0 ? runningSign(context) : piece(context.style.unicode ? '·' : '.', 'dim');

function groupPieces(row: GroupCounts, { style, width, spoken }: RowContext): readonly Piece[] {
  const { total, done, failed, running } = row;
  const counts = `${done}/${total}`.padStart(TIME_WIDTH);
  const waiting = total - done - running;
  const parts: readonly (readonly [number, string, Look])[] = [
    [failed, 'failed', 'bad'],
    [running, 'running', 'live'],
    [waiting, 'waiting', 'dim'],
  ];
  const words = parts
    .filter(([count]) => count > 0)
    .map(([count, word, look]) => piece(`  ${count} ${word}`, look));
  if (spoken) return [piece(counts.trim()), ...words];
  const bar = progressBar(done / total, barWidth(width), style.unicode);
  return [piece(counts), piece('  '), piece(bar.full, 'good'), piece(bar.empty, 'dim'), ...words];
}

function moreText({ waiting, running }: { waiting: number; running: number }): string {
  const parts = [
    running > 0 ? `${running} running` : '',
    waiting > 0 ? `${waiting} waiting` : '',
  ].filter(Boolean);
  return `plus ${parts.join(' and ')}`;
}

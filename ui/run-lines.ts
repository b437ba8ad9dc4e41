/**
 * The lines that tell a run, one wording for every reader that prints: its first line, one for each
 * step that has ended, the block of a failure, the last. Unaware of who prints them and when.
 */
import { formatDuration } from './duration.ts';
import { cutText, logText } from './log-text.ts';
import { byWorth, formatMetric } from './metric.ts';
import { type Counts, countOutcomes, type FinishedStep, type RunState } from './run-state.ts';
import type { Style } from './style.ts';
import { visibleWidth } from './visible.ts';
import { describeFailure, describeReason, outcomeWord, sampleText, skipReason } from './words.ts';

export const headLine = ({ pipeline, run, total, executor, sample }: RunState): string =>
  `${pipeline}  run ${run}  ${total} ${total === 1 ? 'step' : 'steps'}  ${executor}${sample === undefined ? '' : `  ${sampleText(sample)}`}`;

export type LineOptions = {
  readonly style: Style;
  /** Columns of the terminal, where the lines go to one: facts that do not fit are left out. */
  readonly columns?: (() => number) | undefined;
};

/** `width`: of the longest address, so that the columns stand below one another. */
export function finishedLine(entry: FinishedStep, width: number, options: LineOptions): string {
  const { outcome, step } = entry;
  const { style } = options;
  const name = step.padEnd(width);
  const word = outcomeWord(outcome);
  switch (outcome.kind) {
    case 'succeeded':
      return succeededLine(entry, width, options);
    case 'up-to-date':
    case 'restored':
      return `${style.good(style.sign.hit)} ${name}  ${word.padEnd(10)}  ${style.dim(`from run ${outcome.madeBy}`)}`;
    case 'skipped':
      return skippedLine(`${name}  ${word.padEnd(10)}  `, skipReason(outcome), options);
    case 'failed':
      return failedLine(entry, width, style);
    default:
      return `${style.warn(style.sign.skipped)} ${name}  ${word}`;
  }
}

/** What is printed stays: so that two ends of one step are no riddle, it is said that it began anew. */
export const reopenedLine = (step: string, width: number, style: Style): string =>
  `${style.live(style.sign.again)} ${step.padEnd(width)}  once more, as asked`;

/** A condition may be long: its end is what a terminal has no room for. */
function skippedLine(start: string, reason: string, { style, columns }: LineOptions): string {
  const room = (columns?.() ?? Number.POSITIVE_INFINITY) - 2 - visibleWidth(start);
  return `${style.dim(style.sign.skipped)} ${start}${style.dim(cutText(reason, room, style.sign.cut))}`;
}

function succeededLine(
  entry: FinishedStep,
  width: number,
  { style, columns }: LineOptions,
): string {
  const start = `${entry.step.padEnd(width)}  ${outcomeWord(entry.outcome).padEnd(10)}  ${formatDuration(entry.durationMs)}`;
  const { because: why } = entry;
  // A step that is new, or is never cached, needs no explanation; every other one does.
  const isTold = why !== null && why.kind !== 'never-run' && why.kind !== 'not-cached';
  const because = isTold ? describeReason(why) : [];
  const reason = because.length === 0 ? '' : `  (${because.join('; ')})`;
  let room = (columns?.() ?? Number.POSITIVE_INFINITY) - 2 - visibleWidth(start);
  // Metrics leave the reason what it needs, or half of the room: it may be cut, never left out.
  const kept = Math.min(visibleWidth(reason), Math.max(SHORTEST_REASON, Math.floor(room / 2)));
  let line = `${style.good(style.sign.good)} ${start}`;
  for (const [name, value] of byWorth(entry.metrics).slice(0, METRICS)) {
    const text = `  ${name} ${formatMetric(value)}`;
    if (visibleWidth(text) > room - kept) continue;
    room -= visibleWidth(text);
    line += text;
  }
  const cut = cutText(reason, Math.max(room, kept), style.unicode ? '…' : '~');
  return cut === '' ? line : line + style.dim(cut);
}

/** Columns in which a few letters of a reason can be told from one another. */
const SHORTEST_REASON = 12;

/** As many of a step's metrics as a line has room for. */
const METRICS = 4;

function failedLine(entry: FinishedStep, width: number, style: Style): string {
  if (entry.outcome.kind !== 'failed') return '';
  const { what } = describeFailure(entry.outcome.failure);
  const tries = entry.attempts > 1 ? ` (${entry.attempts} attempts)` : '';
  return `${style.bad(style.sign.bad)} ${entry.step.padEnd(width)}  ${style.bad('FAILED')}${tries} after ${formatDuration(entry.durationMs)}: ${what}`;
}

export type BlockOptions = {
  readonly style: Style;
  /** The command that repeats one step: `sluice run digits --step train`. */
  readonly again: (step: string) => string;
};

/** What a person needs who has to repair it: the end of its log, a hint, where to look further. */
export function failureBlock(entry: FinishedStep, width: number, options: BlockOptions): string {
  const { style } = options;
  if (entry.outcome.kind !== 'failed') return '';
  const tail = entry.tail.map(line => `    ${style.dim(style.sign.bar)} ${logText(line)}`);
  return [failedLine(entry, width, style), ...tail, failureFacts(entry, options)].join('\n');
}

/** The lower half of the block: for readers that have shown the log already. */
export function failureFacts(entry: FinishedStep, options: BlockOptions): string {
  if (entry.outcome.kind !== 'failed') return '';
  const { failure } = entry.outcome;
  const { help } = describeFailure(failure, entry.tail);
  const lines: string[] = [];
  if (help !== undefined) lines.push(`    help:  ${help}`);
  if (entry.log !== null) lines.push(`    log:   ${entry.log}`);
  lines.push(
    `    again: ${options.again(entry.step)}`,
    `    more:  sluice explain ${failure.class}`,
  );
  return lines.join('\n');
}

export function summaryLine(state: RunState, style: Style): string {
  const counts = countOutcomes(state.finished);
  const time = formatDuration(state.durationMs);
  // What was restored may be a file of the project that had been edited: that was something to do.
  const hits = counts['up-to-date'];
  if (state.result === 'succeeded' && hits === state.total) {
    const all = hits === 1 ? 'its step is' : `all ${hits} steps are`;
    return `${style.good(style.sign.good)} ${state.pipeline}: nothing to do, ${all} up to date (${time})`;
  }
  const looks = { succeeded: style.good, failed: style.bad, cancelled: style.warn };
  const result = state.result ?? 'failed';
  const sign = result === 'succeeded' ? style.sign.good : style.sign.bad;
  return `${looks[result](`${sign} ${state.pipeline} ${result}`)}: ${countsText(counts)} in ${time}`;
}

export const countsText = (counts: Counts): string =>
  [
    [counts.succeeded, 'executed'],
    [counts['up-to-date'], 'up to date'],
    [counts.restored, 'restored'],
    [counts.failed, 'failed'],
    [counts.cancelled, 'cancelled'],
    [counts.skipped, 'skipped'],
  ]
    .filter(([count]) => count !== 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(', ') || 'no steps';

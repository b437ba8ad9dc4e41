/**
 * The lines that tell a run, one wording for every reader that prints: its first line, one for each
 * step that has ended, the block of a failure, the last. Unaware of who prints them and when.
 */
import { formatDuration } from './duration.ts';
import { logText } from './log-text.ts';
import { type Counts, countOutcomes, type FinishedStep, type RunState } from './run-state.ts';
import type { Style } from './style.ts';
import { describeFailure, describeReason, outcomeWord, skipReason } from './words.ts';

export const headLine = ({ pipeline, run, total, executor }: RunState): string =>
  `${pipeline}  run ${run}  ${total} ${total === 1 ? 'step' : 'steps'}  ${executor}`;

/** `width`: of the longest address, so that the columns stand below one another. */
export function finishedLine(entry: FinishedStep, width: number, style: Style): string {
  const { outcome, step } = entry;
  const name = step.padEnd(width);
  const word = outcomeWord(outcome);
  switch (outcome.kind) {
    case 'succeeded': {
      const facts = [formatDuration(entry.durationMs), metricsText(entry.metrics)].filter(Boolean);
      const line = `${style.good(style.sign.good)} ${name}  ${word.padEnd(10)}  ${facts.join('  ')}`;
      const because = entry.because?.kind === 'changed' ? describeReason(entry.because) : [];
      return because.length === 0 ? line : `${line}  ${style.dim(`(${because.join('; ')})`)}`;
    }
    case 'up-to-date':
    case 'restored':
      return `${style.good(style.sign.hit)} ${name}  ${word.padEnd(10)}  ${style.dim(`from run ${outcome.madeBy}`)}`;
    case 'skipped':
      return `${style.dim(style.sign.skipped)} ${name}  ${word.padEnd(10)}  ${style.dim(skipReason(outcome))}`;
    case 'failed':
      return failedLine(entry, width, style);
    default:
      return `${style.warn(style.sign.skipped)} ${name}  ${word}`;
  }
}

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
  const { failure } = entry.outcome;
  const { help } = describeFailure(failure);
  const lines = [
    failedLine(entry, width, style),
    ...entry.tail.map(line => `    ${style.dim(style.sign.bar)} ${logText(line)}`),
  ];
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
  const hits = counts['up-to-date'] + counts.restored;
  if (state.result === 'succeeded' && hits === state.total) {
    return `${style.good(style.sign.good)} ${state.pipeline}: nothing to do, all ${hits} steps are up to date (${time})`;
  }
  const looks = { succeeded: style.good, failed: style.bad, cancelled: style.warn };
  const result = state.result ?? 'failed';
  const sign = result === 'succeeded' ? style.sign.good : style.sign.bad;
  return `${looks[result](`${sign} ${state.pipeline} ${result}`)}: ${countsText(counts)} in ${time}`;
}

/** The few that a row has room for, in the order the step reported them. */
const metricsText = (metrics: Readonly<Record<string, number>>): string =>
  Object.entries(metrics)
    .slice(0, 4)
    .map(([name, value]) => `${name} ${formatMetric(value)}`)
    .join('  ');

export const formatMetric = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));

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

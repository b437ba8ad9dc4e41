/**
 * The plain reader: append-only lines for pipes, CI logs and small terminals. One line per step as
 * it finishes, a sign of life for long ones, the end of the log of what failed. Unaware of the
 * runner; told of time by `tick`.
 */
import type { RunEvent, Stamped } from '../schema/event.ts';
import { formatDuration } from './duration.ts';
import {
  type Counts,
  countOutcomes,
  type FinishedStep,
  initial,
  type RunState,
  reduce,
} from './run-state.ts';
import type { Style } from './style.ts';
import { describeFailure, describeReason, outcomeWord, skipReason } from './words.ts';

export type PlainReader = {
  readonly read: (event: Stamped<RunEvent>) => void;
  /** Call now and then with milliseconds since the run started; prints signs of life. */
  readonly tick: (at: number) => void;
};

export type PlainOptions = {
  readonly write: (line: string) => void;
  readonly style: Style;
  readonly verbosity: 'quiet' | 'normal' | 'verbose';
  /** The command that repeats one step: `sluice run digits --step train`. */
  readonly again: (step: string) => string;
};

/** A log with nothing new for this long makes people wonder. */
const HEARTBEAT_MS = 10_000;

export function plainReader(options: PlainOptions): PlainReader {
  const { write, style, verbosity } = options;
  let state = initial;
  let spoke = 0;
  let width = 0;

  const say = (line: string, at: number) => {
    spoke = at;
    if (verbosity !== 'quiet') write(line);
  };

  return {
    read(event) {
      state = reduce(state, event);
      switch (event.type) {
        case 'run-started':
          width = event.steps.reduce((most, { id }) => Math.max(most, id.length), 0);
          say(style.dim(header(state)), event.at);
          break;
        case 'step-started':
          if (verbosity === 'verbose') say(startLine(state, event.step, width, style), event.at);
          break;
        case 'step-output':
          if (verbosity === 'verbose')
            say(prefixed(event.step, event.text, width, style), event.at);
          break;
        case 'step-retried': {
          const { what } = describeFailure(event.failure);
          const again = `try ${event.attempt + 1} in ${formatDuration(event.waitMs)}`;
          say(
            `${style.warn(style.sign.warn)} ${event.step.padEnd(width)}  ${what}; ${again}`,
            event.at,
          );
          break;
        }
        case 'warning': {
          const subject = event.step === null ? '' : `${event.step}: `;
          write(`${style.warn(style.sign.warn)} ${subject}${event.message}`);
          break;
        }
        case 'step-finished': {
          const last = state.finished.at(-1);
          if (last === undefined) break;
          if (last.outcome.kind === 'failed') write(failureBlock(last, width, options));
          else say(finishedLine(last, width, style), event.at);
          break;
        }
        case 'run-finished':
          write(summary(state, style));
          break;
      }
    },
    tick(at) {
      if (at - spoke < HEARTBEAT_MS || state.result !== undefined) return;
      for (const [step, { since, progress, message }] of state.running) {
        if (since === undefined) continue;
        const share = progress === undefined ? '' : `  ${Math.round(progress * 100)}%`;
        const note = message === undefined ? '' : `  ${message}`;
        const line = `  ${step.padEnd(width)}  running ${formatDuration(at - since)}${share}${note}`;
        say(style.dim(line), at);
      }
    },
  };
}

const header = ({ pipeline, run, total, executor }: RunState): string =>
  `${pipeline}  run ${run}  ${total} ${total === 1 ? 'step' : 'steps'}  ${executor}`;

function startLine(state: RunState, step: string, width: number, style: Style): string {
  const entry = [...state.running].find(([id]) => id === step)?.[1];
  const because = entry?.because ? describeReason(entry.because).join('; ') : '';
  return style.dim(`  ${step.padEnd(width)}  started${because === '' ? '' : `: ${because}`}`);
}

const prefixed = (step: string, text: string, width: number, style: Style): string =>
  text
    .replace(/\n$/, '')
    .split('\n')
    .map(line => `${style.dim(`  ${step.padEnd(width)} ${style.sign.bar}`)} ${line}`)
    .join('\n');

function finishedLine(entry: FinishedStep, width: number, style: Style): string {
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
    default:
      return `${style.warn(style.sign.skipped)} ${name}  ${word}`;
  }
}

/** The few that a row has room for, in the order the step reported them. */
const metricsText = (metrics: Readonly<Record<string, number>>): string =>
  Object.entries(metrics)
    .slice(0, 4)
    .map(([name, value]) => `${name} ${formatMetric(value)}`)
    .join('  ');

const formatMetric = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));

function failureBlock(entry: FinishedStep, width: number, options: PlainOptions): string {
  const { style } = options;
  if (entry.outcome.kind !== 'failed') return '';
  const { failure } = entry.outcome;
  const { what, help } = describeFailure(failure);
  const tries = entry.attempts > 1 ? ` (${entry.attempts} attempts)` : '';
  const lines = [
    `${style.bad(style.sign.bad)} ${entry.step.padEnd(width)}  ${style.bad('FAILED')}${tries} after ${formatDuration(entry.durationMs)}: ${what}`,
    ...entry.tail.map(line => `    ${style.dim(style.sign.bar)} ${line}`),
  ];
  if (help !== undefined) lines.push(`    help:  ${help}`);
  if (entry.log !== null) lines.push(`    log:   ${entry.log}`);
  lines.push(
    `    again: ${options.again(entry.step)}`,
    `    more:  sluice explain ${failure.class}`,
  );
  return lines.join('\n');
}

function summary(state: RunState, style: Style): string {
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

const countsText = (counts: Counts): string =>
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

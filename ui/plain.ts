/**
 * The plain reader: append-only lines for pipes, CI logs and small terminals. One line per step as
 * it finishes, a sign of life for long ones, the end of the log of what failed. The screen prints
 * its scrollback through it. Unaware of the runner; told of time by `tick`.
 */
import type { RunEvent, Stamped } from '../schema/event.ts';
import type { StepId } from '../schema/id.ts';
import { formatDuration } from './duration.ts';
import { failureBlock, finishedLine, headLine, reopenedLine, summaryLine } from './run-lines.ts';
import { type FinishedStep, initial, type RunState, reduce } from './run-state.ts';
import type { Style } from './style.ts';
import { visible } from './visible.ts';
import { describeFailure, describeHint, describeReason } from './words.ts';

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
  /**
   * Where the block of a failure stands: at once, for logs that are read later, or below
   * everything else, for people who look at the end.
   */
  readonly failures?: 'at-once' | 'last';
  /** Of the terminal that the lines go to; undefined where they go anywhere else. */
  readonly columns?: (() => number) | undefined;
};

/** A log with nothing new for this long makes people wonder. */
const HEARTBEAT_MS = 10_000;
/** Blocks at the end of a run: the first failures are the ones to look at. */
const BLOCKS = 3;

export function plainReader(options: PlainOptions): PlainReader {
  const { write, style, verbosity, failures = 'at-once' } = options;
  let state = initial;
  let spoke = 0;
  let width = 0;
  /** Told in the end: what came to nothing must not bury what came to something. */
  const notReached = new Map<StepId, FinishedStep>();

  const say = (line: string, at: number) => {
    spoke = at;
    if (verbosity !== 'quiet') write(line);
  };

  const finished = (at: number) => {
    const last = state.finished.at(-1);
    if (last === undefined) return;
    if (last.outcome.kind === 'skipped' && last.outcome.because === 'not-reached') {
      notReached.set(last.step, last);
    } else if (last.outcome.kind !== 'failed') say(finishedLine(last, width, options), at);
    else if (failures === 'at-once') write(failureBlock(last, width, options));
    else say(finishedLine(last, width, options), at);
  };

  const summary = () => {
    // Whoever wants to know only what went wrong is told nothing of what went well.
    if (verbosity !== 'quiet' || state.result !== 'succeeded') write(summaryLine(state, style));
  };

  return {
    read(event) {
      state = reduce(state, event);
      switch (event.type) {
        case 'run-started':
          width = event.steps.reduce((most, { id }) => Math.max(most, id.length), 0);
          say(style.dim(headLine(state)), event.at);
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
          write(`${style.warn(style.sign.warn)} ${subject}${visible(event.message)}`);
          break;
        }
        case 'step-hint': {
          const text = `${event.step.padEnd(width)}  ${describeHint(event.hint)}`;
          say(`${style.warn(style.sign.warn)} ${text}`, event.at);
          break;
        }
        case 'step-reopened':
          notReached.delete(event.step);
          if (event.because === 'asked') say(reopenedLine(event.step, width, style), event.at);
          break;
        case 'step-finished':
          finished(event.at);
          break;
        case 'run-finished':
          for (const line of notReachedLines([...notReached.values()], width, options))
            say(line, event.at);
          summary();
          if (failures === 'last') write(lastBlocks(state, width, options));
          break;
      }
    },
    tick(at) {
      if (at - spoke < HEARTBEAT_MS || state.result !== undefined) return;
      for (const [step, { since, progress, message }] of state.running) {
        if (since === undefined) continue;
        const share = progress === undefined ? '' : `  ${Math.round(progress * 100)}%`;
        const note = message === undefined ? '' : `  ${visible(message)}`;
        const line = `  ${step.padEnd(width)}  running ${formatDuration(at - since)}${share}${note}`;
        say(style.dim(line), at);
      }
    },
  };
}

/** Each of a few, or how many. */
function notReachedLines(
  entries: readonly FinishedStep[],
  width: number,
  options: PlainOptions,
): readonly string[] {
  if (entries.length <= FEW) return entries.map(entry => finishedLine(entry, width, options));
  const { style } = options;
  const what = `${entries.length} steps`.padEnd(width);
  const reason = style.dim('the run ended before their turn');
  return [`${style.dim(style.sign.skipped)} ${what}  skipped     ${reason}`];
}

const FEW = 3;

function lastBlocks(state: RunState, width: number, options: PlainOptions): string {
  const failed = state.finished.filter(({ outcome }) => outcome.kind === 'failed');
  if (failed.length === 0) return '';
  const blocks = failed.slice(0, BLOCKS).map(entry => failureBlock(entry, width, options));
  const others = failed.slice(BLOCKS).map(({ step }) => step);
  if (others.length > 0) blocks.push(`    and ${others.length} more: ${others.join(', ')}`);
  return `\n${blocks.join('\n\n')}`;
}

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

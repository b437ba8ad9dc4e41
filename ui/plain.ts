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

export class PlainReader {
  readonly #options: PlainOptions;
  #state: RunState = initial;
  /** When the last line was said. */
  #spoke = 0;
  #width = 0;
  /** Told in the end: what came to nothing must not bury what came to something. */
  readonly #notReached = new Map<StepId, FinishedStep>();

  constructor(options: PlainOptions) {
    this.#options = options;
  }

  read(event: Stamped<RunEvent>): void {
    this.#state = reduce(this.#state, event);
    switch (event.type) {
      case 'run-started':
        this.#width = event.steps.reduce((most, { id }) => Math.max(most, id.length), 0);
        this.#say(this.#options.style.dim(headLine(this.#state)), event.at);
        break;
      case 'step-started':
        this.#sayIfVerbose(() => this.#startLine(event.step), event.at);
        break;
      case 'step-output':
        this.#sayIfVerbose(() => this.#prefixed(event.step, event.text), event.at);
        break;
      case 'step-retried': {
        const { what } = describeFailure(event.failure);
        const again = `try ${event.attempt + 1} in ${formatDuration(event.waitMs)}`;
        this.#warn(event.step, `${what}; ${again}`, event.at);
        break;
      }
      case 'step-hint':
        this.#warn(event.step, describeHint(event.hint), event.at);
        break;
      case 'warning':
        this.#warning(event.step, event.message);
        break;
      case 'step-reopened':
        this.#reopened(event);
        break;
      case 'step-finished':
        this.#finished(event.at);
        break;
      case 'run-finished':
        this.#end(event.at);
        break;
    }
  }

  /** Call now and then with milliseconds since the run started; prints signs of life. */
  tick(at: number): void {
    if (at - this.#spoke < HEARTBEAT_MS || this.#state.result !== undefined) return;
    for (const [step, { since, progress, message }] of this.#state.running) {
      if (since === undefined) continue;
      const share = progress === undefined ? '' : `  ${Math.round(progress * 100)}%`;
      const note = message === undefined ? '' : `  ${visible(message)}`;
      const line = `  ${step.padEnd(this.#width)}  running ${formatDuration(at - since)}${share}${note}`;
      this.#say(this.#options.style.dim(line), at);
    }
  }

  #say(line: string, at: number): void {
    this.#spoke = at;
    if (this.#options.verbosity !== 'quiet') this.#options.write(line);
  }

  #sayIfVerbose(line: () => string, at: number): void {
    if (this.#options.verbosity === 'verbose') this.#say(line(), at);
  }

  #warn(step: string, text: string, at: number): void {
    const { style } = this.#options;
    this.#say(`${style.warn(style.sign.warn)} ${step.padEnd(this.#width)}  ${text}`, at);
  }

  /** Also for those who want to hear of nothing else. */
  #warning(step: string | null, message: string): void {
    const { style, write } = this.#options;
    const subject = step === null ? '' : `${step}: `;
    write(`${style.warn(style.sign.warn)} ${subject}${visible(message)}`);
  }

  #reopened({ step, because, at }: Stamped<Extract<RunEvent, { type: 'step-reopened' }>>): void {
    this.#notReached.delete(step);
    if (because === 'asked') this.#say(reopenedLine(step, this.#width, this.#options.style), at);
  }

  #finished(at: number): void {
    const { failures = 'at-once', write } = this.#options;
    const last = this.#state.finished.last;
    if (last === undefined) return;
    if (last.outcome.kind === 'skipped' && last.outcome.because === 'not-reached')
      this.#notReached.set(last.step, last);
    else if (last.outcome.kind === 'failed' && failures === 'at-once')
      write(failureBlock(last, this.#width, this.#options));
    else this.#say(finishedLine(last, this.#width, this.#options), at);
  }

  #end(at: number): void {
    const { failures, verbosity, style, write } = this.#options;
    for (const line of notReachedLines([...this.#notReached.values()], this.#width, this.#options))
      this.#say(line, at);
    // Whoever wants to know only what went wrong is told nothing of what went well.
    if (verbosity !== 'quiet' || this.#state.result !== 'succeeded')
      write(summaryLine(this.#state, style));
    if (failures === 'last') write(lastBlocks(this.#state, this.#width, this.#options));
  }

  #startLine(step: StepId): string {
    const because = this.#state.running.get(step)?.because;
    const reasons = because ? describeReason(because).join('; ') : '';
    const line = `  ${step.padEnd(this.#width)}  started${reasons === '' ? '' : `: ${reasons}`}`;
    return this.#options.style.dim(line);
  }

  #prefixed(step: StepId, text: string): string {
    const { style } = this.#options;
    const before = style.dim(`  ${step.padEnd(this.#width)} ${style.sign.bar}`);
    return text
      .replace(/\n$/, '')
      .split('\n')
      .map(line => `${before} ${line}`)
      .join('\n');
  }
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

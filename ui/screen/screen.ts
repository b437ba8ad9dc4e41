/**
 * The screen as a reader of the stream. Reduces every event, draws ten times a second, and loads Ink
 * only when there is something to see: a run in which everything is known is over before. Whatever
 * goes wrong in here, the run goes on and is told in plain lines.
 */
import type { RunEvent, Stamped } from '../../schema/event.ts';
import type { StepId } from '../../schema/id.ts';
import { formatDuration } from '../duration.ts';
import { PlainReader } from '../plain.ts';
import { initial, type RunState, reduce } from '../run-state.ts';
import type { Style } from '../style.ts';
import { visibleWidth } from '../visible.ts';
import { outcomeWord } from '../words.ts';
import type { Frame, Written } from './app.ts';
import type { Estimates } from './estimate.ts';
import { press } from './keys.ts';
import { liveLines, type Size } from './live.ts';
import { logPage, pageOf } from './log-page.ts';
import { glance, type LogFiles, LogWindow } from './log-window.ts';
import type { Stage } from './stage.ts';
import { type Command, initialView, type Key, type View } from './view.ts';

export type ScreenOptions = {
  readonly style: Style;
  readonly verbosity: 'quiet' | 'normal' | 'verbose';
  readonly again: (step: string) => string;
  /** Loads what draws; called once, when there is something to draw. */
  readonly open: (onKey: ((key: Key) => void) | undefined) => Promise<Stage>;
  readonly size: () => Size;
  /** Milliseconds since the run started. */
  readonly now: () => number;
  /** Prints for good; only while nothing is drawn. */
  readonly print: (text: string) => void;
  readonly command: (command: Command) => void;
  readonly logs: LogFiles;
  readonly history: () => Estimates;
  readonly spoken: boolean;
  readonly keys: boolean;
  /** Look at all steps, the first of them chosen, until a key leaves. */
  readonly browse: boolean;
};

export type Screen = {
  readonly read: (event: Stamped<RunEvent>) => void;
  readonly announce: (text: string) => void;
  /** Settles when the terminal is as it was, everything printed. */
  readonly end: () => Promise<void>;
};

const FRAME_MS = 100;
/** After this long without a word somebody who watches wonders whether anything happens. */
const SILENCE_MS = 1_000;

export class RunScreen implements Screen {
  readonly #options: ScreenOptions;
  readonly #lines: PlainReader;
  #state: RunState = initial;
  #view: View = initialView;
  #lastAt = 0;
  #notice: string | undefined;
  /** Lines on their way into the scrollback. */
  #pending: string[] = [];
  #written: readonly Written[] = [];
  #stage: Stage | undefined;
  #opening: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #silence: NodeJS.Timeout | undefined;
  #log: LogWindow | undefined;
  /** Draws no more: it has ended, or it is broken. */
  #isOver = false;
  #left: (() => void) | undefined;

  constructor(options: ScreenOptions) {
    this.#options = options;
    const write = (line: string) => this.#write(line);
    const { style, verbosity, again } = options;
    const columns = () => options.size().columns;
    this.#lines = new PlainReader({ write, style, verbosity, again, columns, failures: 'last' });
  }

  read = (event: Stamped<RunEvent>): void => {
    this.#state = reduce(this.#state, event);
    this.#lastAt = event.at;
    this.#lines.read(event);
    if (event.type === 'run-started') {
      this.#silence = setTimeout(() => this.#open(), SILENCE_MS);
    } else if (event.type === 'run-finished') clearTimeout(this.#silence);
    else if (event.type === 'step-started' || event.type === 'warning') this.#open();
  };

  announce = (text: string): void => {
    if (this.#stage === undefined) this.#options.print(text);
    else {
      this.#notice = text;
      this.#draw();
    }
  };

  end = async (): Promise<void> => {
    if (this.#options.browse) this.#open();
    await this.#opening;
    // Who reads a log, or looks around, is not thrown out of it by the end of the run.
    if (this.#stage !== undefined && (this.#view.log !== undefined || this.#options.browse)) {
      this.#notice = this.#options.browse ? undefined : 'the run has ended';
      this.#draw();
      await new Promise<void>(resolve => {
        this.#left = resolve;
      });
    }
    await this.#close();
  };

  #write(text: string): void {
    if (text === '') return;
    if (this.#isOver) this.#options.print(text);
    else this.#pending.push(text);
  }

  #open(): void {
    const { open, keys } = this.#options;
    this.#opening ??= open(keys ? this.#onKey : undefined).then(
      stage => {
        if (this.#isOver) return stage.close();
        this.#stage = stage;
        stage.broken.then(error => this.#fallBack(error));
        if (this.#options.browse) this.#view = { ...this.#view, chosen: this.#state.steps[0]?.id };
        this.#timer = setInterval(() => this.#draw(), FRAME_MS);
        this.#draw();
        return undefined;
      },
      error => this.#fallBack(error),
    );
  }

  #onKey = (key: Key): void => {
    const before = this.#view;
    const page = pageOf(this.#options.size());
    const log = this.#log?.lines() ?? { first: 0, lines: [] };
    const { view, command } = press(before, key, { state: this.#state, page, log });
    this.#view = view;
    const isLeaving =
      command?.kind === 'interrupt' || (before.log !== undefined && view.log === undefined);
    if (
      this.#left !== undefined &&
      (command?.kind === 'interrupt' || (isLeaving && !this.#options.browse))
    ) {
      this.#left();
    } else if (command !== undefined) this.#options.command(command);
    this.#draw();
  };

  /** Never throws: a fault in drawing ends the drawing, not the run. */
  #draw(): void {
    if (this.#isOver || this.#stage === undefined) return;
    try {
      const isWhole = this.#view.log !== undefined || this.#options.browse;
      const frame = this.#frame();
      this.#stage.draw(frame, isWhole ? 'whole' : 'below');
      // Only now: what could not be drawn is still to be told.
      if (frame.written.length > this.#written.length) {
        this.#written = frame.written;
        this.#pending = [];
      }
    } catch (error) {
      this.#fallBack(error);
    }
  }

  #frame(): Frame {
    const { log } = this.#view;
    if (log !== undefined) return { written: [], lines: this.#logLines(log) };
    this.#log = undefined;
    const { size, style, spoken, keys, history, logs, browse } = this.#options;
    const lines = liveLines({
      state: this.#state,
      view: this.#view,
      now: this.#now(),
      size: size(),
      style,
      history: history(),
      notice: this.#notice,
      spoken,
      keys: keys ? (browse ? 'browse' : 'run') : 'none',
      tailOf: step => glance(step, logs),
    });
    return { written: this.#scrollback(), lines };
  }

  /** What has been drawn for good, and what is now added to it. */
  #scrollback(): readonly Written[] {
    if (this.#pending.length === 0 || this.#options.browse) return this.#written;
    const text = this.#pending.join('\n');
    const width = Math.max(...text.split('\n').map(visibleWidth));
    return [...this.#written, { text, width }];
  }

  #logLines(view: NonNullable<View['log']>): readonly string[] {
    const { logs, size, style } = this.#options;
    if (this.#log?.step !== view.step) this.#log = new LogWindow(view.step, logs);
    this.#log.refresh();
    return logPage({
      view,
      log: this.#log.lines(),
      size: size(),
      style,
      path: logs.pathOf(view.step),
      standing: this.#standing(view.step),
      isCut: this.#log.isCut,
    });
  }

  /** A record stands still at its end. */
  #now(): number {
    return this.#options.browse ? this.#lastAt : this.#options.now();
  }

  #standing(step: StepId): string {
    const since = this.#state.running.get(step)?.since;
    if (since !== undefined) return `running ${formatDuration(this.#now() - since)}`;
    const entry = this.#state.finished.find(finished => finished.step === step);
    return entry === undefined ? 'waiting' : outcomeWord(entry.outcome);
  }

  #fallBack(error: unknown): void {
    if (this.#isOver) return;
    const what = error instanceof Error ? error.message : String(error);
    this.#pending.push(`The screen has ended (${what}); the run goes on in plain lines.`);
    this.#close().catch(() => undefined);
    this.#left?.();
  }

  async #close(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#timer);
    clearTimeout(this.#silence);
    const stage = this.#stage;
    this.#stage = undefined;
    await stage?.close();
    for (const text of this.#pending) this.#options.print(text);
    this.#pending = [];
  }
}

/**
 * Which reader of the stream tells a run: the one that was asked for, else the one that fits where
 * the output goes. How much it says is `-q` and `-v`, apart from this. Unaware of where events come
 * from.
 */
import { randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { Option } from '@commander-js/extra-typings';
import type { RunEvent, Stamped } from '../schema/event.ts';
import { githubReader } from '../ui/github.ts';
import { gitlabReader } from '../ui/gitlab.ts';
import { PlainReader } from '../ui/plain.ts';
import { initial, reduce } from '../ui/run-state.ts';
import { runSummary } from '../ui/run-summary.ts';
import type { Estimates } from '../ui/screen/estimate.ts';
import type { LogFiles } from '../ui/screen/log-window.ts';
import { RunScreen } from '../ui/screen/screen.ts';
import type { Command } from '../ui/screen/view.ts';
import { makeStyle, type Style } from '../ui/style.ts';
import type { Invocation } from './command.ts';
import type { Terminal } from './terminal.ts';

const MODES = ['auto', 'screen', 'plain', 'json', 'github', 'gitlab', 'quiet'] as const;
export type Mode = (typeof MODES)[number];

export const uiOption = () =>
  new Option('--ui <reader>', 'how the run is told').choices(MODES).default('auto' as const);

export type Reader = {
  readonly read: (event: Stamped<RunEvent>) => void;
  /** Something that is not an event: it goes where it disturbs nothing. */
  readonly announce: (text: string) => void;
  /** Settles when everything is told and the terminal is as it was. */
  readonly end: () => Promise<void>;
};

export type ReaderOptions = {
  readonly ui: Mode;
  readonly json?: true | undefined;
  readonly again: (step: string) => string;
  /** Project-relative: annotations point to it. */
  readonly pipelinePath: string | undefined;
  readonly logs: LogFiles;
  readonly command: (command: Command) => void;
  readonly history: () => Estimates;
  /** Milliseconds of the run by the screen's clock, from milliseconds since its first event. */
  readonly speed?: number;
  readonly browse?: boolean;
};

export function openReader(invocation: Invocation, options: ReaderOptions): Reader {
  const { terminal } = invocation;
  const mode = chooseMode(invocation, options);
  switch (mode) {
    case 'json':
      return quietEnd({
        read: event => terminal.out(JSON.stringify(event)),
        announce: terminal.err,
      });
    case 'screen':
      return screenReader(invocation, options);
    case 'github':
      return githubLines(invocation, options);
    case 'gitlab':
      return ciLines(
        terminal,
        gitlabReader({ ...options, write: terminal.out, style: ciStyle(invocation) }),
      );
    case 'quiet':
      return linesReader({ ...terminal, verbosity: 'quiet' }, options);
    default:
      return linesReader(terminal, options);
  }
}

/** Both show colours, and neither gives the runner a terminal. */
const ciStyle = ({ env, terminal }: Invocation): Style =>
  makeStyle({ color: !env['NO_COLOR'], unicode: terminal.unicode });

const ciLines = ({ err }: Terminal, read: Reader['read']): Reader =>
  quietEnd({ read, announce: err });

/** The lines, and in the end a page for the summary of the workflow. */
function githubLines(invocation: Invocation, options: ReaderOptions): Reader {
  const { env, terminal } = invocation;
  const { again, pipelinePath } = options;
  const style = ciStyle(invocation);
  const token = randomUUID();
  const lines = githubReader({ write: terminal.out, style, again, pipelinePath, token });
  const page = env['GITHUB_STEP_SUMMARY'];
  let state = initial;
  return ciLines(terminal, event => {
    lines(event);
    state = reduce(state, event);
    if (event.type !== 'run-finished' || !page) return;
    try {
      appendFileSync(page, runSummary(state));
    } catch (error) {
      terminal.err(`warning: the summary could not be written: ${String(error)}`);
    }
  });
}

const quietEnd = (reader: Omit<Reader, 'end'>): Reader => ({ ...reader, end: async () => {} });

/** Smaller than this nothing can be laid out. */
const SMALLEST = { columns: 40, rows: 8 };

/** Exported for its table of tests: the environment decides, and nothing else. */
export function chooseMode(
  { env, terminal }: Pick<Invocation, 'env' | 'terminal'>,
  { ui, json }: Pick<ReaderOptions, 'ui' | 'json'>,
): Exclude<Mode, 'auto'> {
  if (json) return 'json';
  if (ui !== 'auto') return ui;
  if (env['GITHUB_ACTIONS'] === 'true') return 'github';
  if (env['GITLAB_CI'] === 'true') return 'gitlab';
  if (!terminal.interactive || terminal.verbosity !== 'normal') return 'plain';
  // Lines that are only ever added are what a screen reader reads best.
  if (env['TERM'] === 'dumb' || env['INK_SCREEN_READER'] === 'true') return 'plain';
  const { columns = 0, rows = 0 } = process.stdout;
  if (columns < SMALLEST.columns || rows < SMALLEST.rows) return 'plain';
  return isForeground() ? 'screen' : 'plain';
}

/** `sluice run &`: who asks the terminal for keys from the background is stopped. */
function isForeground(): boolean {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return group === foreground;
  } catch {
    return true; // Not Linux: the shell has to know.
  }
}

const TICK_MS = 1_000;

/** The plain reader with a clock, for its signs of life. */
function linesReader(terminal: Terminal, { again }: ReaderOptions): Reader {
  const reader = new PlainReader({
    write: terminal.out,
    style: makeStyle(terminal),
    verbosity: terminal.verbosity,
    again,
  });
  const start = performance.now();
  const clock = setInterval(() => reader.tick(performance.now() - start), TICK_MS);
  return {
    read: event => reader.read(event),
    announce: terminal.err,
    end: async () => clearInterval(clock),
  };
}

function screenReader({ env, terminal }: Invocation, options: ReaderOptions): Reader {
  const { again, command, logs, history, speed = 1, browse = false } = options;
  const { stdin, stdout } = process;
  const spoken = env['INK_SCREEN_READER'] === 'true';
  let start: number | undefined;
  const screen = new RunScreen({
    style: makeStyle(terminal),
    verbosity: terminal.verbosity,
    again,
    command,
    logs,
    history,
    spoken,
    browse,
    keys: stdin.isTTY === true,
    print: terminal.out,
    size: () => ({ columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 }),
    now: () => (start === undefined ? 0 : (performance.now() - start) * speed),
    open: async onKey => {
      const { InkStage } = await loadInk(() => import('../ui/screen/stage.ts'));
      return new InkStage({ stdin, stdout, spoken, onKey });
    },
  });
  return {
    read: event => {
      start ??= performance.now() - event.at / speed;
      screen.read(event);
    },
    announce: screen.announce,
    end: screen.end,
  };
}

/** React looks once, while it loads, whether it is to check its user at every turn. */
async function loadInk<T>(load: () => Promise<T>): Promise<T> {
  const before = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = before ?? 'production';
  try {
    return await load();
  } finally {
    if (before === undefined) delete process.env['NODE_ENV'];
  }
}

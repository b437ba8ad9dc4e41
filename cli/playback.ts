/**
 * A recorded run, told again: at once where nobody watches, in its own rhythm where it has a screen.
 * Serves `replay` and `ui`; unaware of how a reader tells it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { readEvents } from '../runner/history.ts';
import type { RunEvent, Stamped } from '../schema/event.ts';
import type { RunId } from '../schema/id.ts';
import type { Invocation } from './command.ts';
import { logFilesOf } from './log-files.ts';
import type { Project } from './project.ts';
import { chooseMode, type Mode, openReader } from './readers.ts';
import { openReports, type ReportFile } from './reports.ts';

export type Playback = {
  readonly run: RunId;
  readonly ui: Mode;
  readonly json?: true | undefined;
  readonly report?: readonly ReportFile[] | undefined;
  /** Times as fast as it was; undefined: so that it takes no longer than people like to watch. */
  readonly speed?: number | undefined;
  readonly browse?: boolean;
};

/** A run of this length is shown as it was, a longer one faster. */
const WATCHED_MS = 10_000;

export async function playBack(
  invocation: Invocation,
  { root, part }: Project,
  options: Playback,
): Promise<void> {
  const { run, browse = false } = options;
  const events = await Array.fromAsync(readEvents(part, run));
  const isWatched = !browse && chooseMode(invocation, options) === 'screen';
  const length = events.at(-1)?.at ?? 0;
  const speed = options.speed ?? Math.max(1, length / WATCHED_MS);
  const stop = new AbortController();
  const reports = openReports(options.report ?? [], invocation.cwd);
  const started = events.find(event => event.type === 'run-started');
  const reader = openReader(invocation, {
    ...options,
    browse,
    speed: isWatched ? speed : 1,
    again: step => `sluice run ${started?.pipeline ?? ''} --step ${step}`,
    pipelinePath: undefined,
    logs: logFilesOf({ root, part, run }),
    history: () => new Map(),
    // There is nothing to stop but the telling: what is left of it comes at once.
    command: ({ kind }) => {
      if (kind === 'interrupt') stop.abort();
    },
  });
  const begin = performance.now();
  for (const event of events) {
    reports.read(event);
    if (isWatched) await until(event, begin, speed, stop.signal);
    reader.read(event);
  }
  await reader.end();
  if (events.at(-1)?.type !== 'run-finished') {
    invocation.terminal.err('note: the record ends here: the run still runs, or was killed');
  }
  reports.write(invocation.terminal.err);
}

/** Waits for the moment at which the event happened. */
async function until(
  { at }: Stamped<RunEvent>,
  begin: number,
  speed: number,
  signal: AbortSignal,
): Promise<void> {
  const wait = begin + at / speed - performance.now();
  if (wait <= 1 || signal.aborted) return;
  await sleep(wait, undefined, { signal }).catch(() => undefined);
}

/**
 * Reads back what the recorder wrote: `runs/<run-id>/` in the project's part of `.sluice`. Trusts nothing it finds; a damaged
 * run is listed as far as it can be read. Unaware of how a run is shown.
 */
import { closeSync, createReadStream, fstatSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { byCodeUnit, type Json } from '../schema/canonical-json.ts';
import type { Reason, RunEvent, Stamped } from '../schema/event.ts';
import { parseRunId, type RunId, type StepId } from '../schema/id.ts';
import { openRegular } from '../store/regular-file.ts';
import { fileNameOf } from './file-name.ts';
import { quietly } from './quietly.ts';

export type RecordedRun = {
  readonly run: RunId;
  readonly pipeline: string;
  readonly startedAt: string;
  readonly steps: number;
  /** About this share of each dataset; undefined for all of it. */
  readonly sample: number | undefined;
  /** The parameters that somebody asked for. */
  readonly given: Readonly<Record<string, Json>>;
  /** Undefined: it still runs, or was killed. */
  readonly finished: Extract<RunEvent, { type: 'run-finished' }> | undefined;
};

export const runsFolder = (part: string): string => join(part, 'runs');

export const runFolder = (part: string, run: RunId): string => join(runsFolder(part), run);

export const eventsFile = (part: string, run: RunId): string =>
  join(runFolder(part, run), 'events.jsonl');

/** What a step printed in a run: of all its attempts, secrets masked. */
export const logFile = (part: string, run: RunId, step: StepId): string =>
  join(runFolder(part, run), 'logs', `${fileNameOf(step)}.log`);

/** Newest first. */
export function listRuns(part: string, limit = Number.POSITIVE_INFINITY): readonly RecordedRun[] {
  const runs: RecordedRun[] = [];
  for (const run of runIds(part)) {
    if (runs.length >= limit) break;
    const recorded = readRecordedRun(part, run);
    if (recorded !== undefined) runs.push(recorded);
  }
  return runs;
}

/** Newest first; the ids sort by start. None where they cannot be read. */
export function runIds(part: string): readonly RunId[] {
  const names = quietly(() => readdirSync(runsFolder(part))) ?? [];
  const ids = names.map(parseRunId).filter(id => id !== undefined);
  return ids.sort(byCodeUnit).reverse();
}

/** Is there a record of which at least the beginning can be read? */
export const isRecorded = (part: string, run: RunId): boolean =>
  readRecordedRun(part, run) !== undefined;

/** Undefined for one of which nothing can be read. */
export function readRecordedRun(part: string, run: RunId): RecordedRun | undefined {
  const ends = firstAndLastLine(eventsFile(part, run));
  const first = parseEvent(ends?.first ?? '');
  const last = parseEvent(ends?.last ?? '');
  if (first?.type !== 'run-started') return undefined;
  return {
    run,
    pipeline: first.pipeline,
    startedAt: first.startedAt,
    steps: first.steps.length,
    sample: first.sample,
    given: Object.fromEntries(
      Object.entries(first.params).filter(([name]) => first.given?.includes(name)),
    ),
    finished: last?.type === 'run-finished' ? last : undefined,
  };
}

/** Every readable event of a run in order; a half-written last line is left out. */
export async function* readEvents(part: string, run: RunId): AsyncGenerator<Stamped<RunEvent>> {
  const fd = openRegular(eventsFile(part, run));
  if (fd === undefined) return;
  for await (const line of createInterface({ input: createReadStream('', { fd }) })) {
    const event = parseEvent(line);
    if (event !== undefined) yield event;
  }
}

/** Why each step was executed that was, the last time in this run; of a lost record nothing. */
export async function recordedReasons(
  part: string,
  run: RunId,
): Promise<ReadonlyMap<StepId, Reason>> {
  const reasons = new Map<StepId, Reason>();
  for await (const event of readEvents(part, run)) {
    if (event.type === 'step-judged' && event.because !== null) {
      reasons.set(event.step, event.because);
    }
  }
  return reasons;
}

function parseEvent(line: string): Stamped<RunEvent> | undefined {
  try {
    const event: unknown = JSON.parse(line);
    return isEvent(event) ? event : undefined;
  } catch {
    return undefined; // JSON.parse throws at us; a torn line is not an event.
  }
}

const isEvent = (value: unknown): value is Stamped<RunEvent> =>
  typeof value === 'object' && value !== null && 'type' in value && 'seq' in value;

/** The run-finished event is small; the run-started one grows with the pipeline. */
const TAIL_BYTES = 4096;
const HEAD_BYTES = 16 * 1024;

/** Synchronous: a list is a thousand small reads, and each trip to the pool costs more than they do. */
function firstAndLastLine(path: string): { first: string; last: string } | undefined {
  const file = openRegular(path);
  if (file === undefined) return undefined;
  try {
    const { size } = fstatSync(file);
    const tail = readAt(file, Math.max(0, size - TAIL_BYTES), TAIL_BYTES);
    const last = tail.toString('utf8').trimEnd().split('\n').at(-1) ?? '';
    for (let length = HEAD_BYTES; ; length *= 4) {
      const head = readAt(file, 0, length);
      const end = head.indexOf('\n');
      if (end >= 0) return { first: head.toString('utf8', 0, end), last };
      if (head.length < length) return undefined;
    }
  } finally {
    closeSync(file);
  }
}

function readAt(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, position));
}

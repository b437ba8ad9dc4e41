/**
 * Follows the file that SLUICE_EVENTS names while a step runs, and turns its lines into events.
 * What a step reports is a claim: lines are bounded, checked, and counted when they are nothing
 * that the protocol knows (schema/step-protocol.ts).
 */
import { closeSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import type { StepId } from '../schema/id.ts';
import { openRegular } from '../store/regular-file.ts';
import type { Emit } from './event-stream.ts';
import { maskText, type Secrets } from './secrets.ts';

const POLL_MS = 200;
const LINE_LIMIT = 64 * 1024;
const MESSAGE_LIMIT = 1_000;
/** All that is read of one step: a file without end would hold up everything else. */
const BYTES_LIMIT = 256 << 20;
/** Reports of one step that become events; a step that reports each sample would drown the rest. */
const REPORT_BUDGET = 20_000;

export type ReportReader = {
  /** Reads what is there by now; call it after the step has ended, then it is complete. */
  readonly finish: () => void;
};

export function followReports(options: {
  readonly step: StepId;
  readonly path: string;
  readonly secrets: Secrets;
  readonly emit: Emit;
}): ReportReader {
  const { step, emit } = options;
  const lines = lineReader(options.path);
  let ignored = 0;
  let taken = 0;
  const poll = () => {
    for (const line of lines.next()) {
      const event = taken < REPORT_BUDGET ? readReport(line, step, options.secrets) : undefined;
      if (event === undefined) ignored += 1;
      else emit(event);
      taken += 1;
    }
  };
  const timer = setInterval(poll, POLL_MS);
  return {
    finish: () => {
      clearInterval(timer);
      poll();
      ignored += lines.tooLong();
      lines.close();
      if (ignored > 0) {
        const message = `${ignored} of its reports were ignored: not a line of JSON that SLUICE_EVENTS knows, or too many`;
        emit({ type: 'warning', step, code: 'ignored-report', message });
      }
    },
  };
}

type ReportEvent = Parameters<Emit>[0];

/** Undefined when the line is none of the protocol's. */
export function readReport(line: string, step: StepId, secrets: Secrets): ReportEvent | undefined {
  const report = parseObject(line);
  if (report === undefined) return undefined;
  const shown = (text: string) => maskText(text, secrets).slice(0, MESSAGE_LIMIT);
  const { progress, message, metric, step: index, warning } = report;
  if (typeof warning === 'string') {
    return { type: 'warning', step, code: 'step-warning', message: shown(warning) };
  }
  if (typeof progress === 'number' && progress >= 0 && progress <= 1) {
    const text = typeof message === 'string' ? shown(message) : null;
    return { type: 'step-progress', step, progress, message: text };
  }
  const values = numbers(metric);
  if (values === undefined) return undefined;
  return { type: 'step-metric', step, values, index: typeof index === 'number' ? index : null };
}

function numbers(metric: unknown): Readonly<Record<string, number>> | undefined {
  if (typeof metric !== 'object' || metric === null || Array.isArray(metric)) return undefined;
  const entries = Object.entries(metric).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function parseObject(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** Room for what is read at once; one for all, because reading is synchronous. */
const room = Buffer.allocUnsafeSlow(64 * 1024);

/** Complete lines of a growing file. A line beyond the limit is dropped and counted. */
function lineReader(path: string) {
  let fd: number | undefined;
  const decoder = new StringDecoder('utf8');
  let partial = '';
  let dropping = false;
  let tooLong = 0;
  let left = BYTES_LIMIT;
  const split = (text: string): readonly string[] => {
    const pieces = (partial + text).split('\n');
    partial = pieces.pop() ?? '';
    const first = dropping ? pieces.splice(0, 1) : [];
    if (first.length > 0) dropping = false;
    if (partial.length > LINE_LIMIT) {
      if (!dropping) tooLong += 1;
      dropping = true;
      partial = '';
    }
    return pieces.filter(line => line.trim() !== '');
  };
  return {
    tooLong: () => tooLong,
    next: function* (): Generator<string> {
      try {
        // The step may have put anything in its place.
        fd ??= openRegular(path, { followLink: false });
        if (fd === undefined) return;
        for (;;) {
          const size = readSync(fd, room, 0, Math.min(room.length, left), null);
          if (size === 0) return;
          left -= size;
          if (left === 0) tooLong += 1;
          yield* split(decoder.write(room.subarray(0, size)));
        }
      } catch {
        return; // Its disk fails: nothing more to read.
      }
    },
    close: () => {
      if (fd !== undefined) closeSync(fd);
    },
  };
}

/**
 * What a step prints: every byte goes to its log file, secrets masked; a bounded share of it becomes
 * events. Writing is synchronous, so that a step which prints faster than the disk takes has to
 * wait. Unaware of what is printed.
 */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { StepId } from '../schema/id.ts';
import type { Emit } from './event-stream.ts';
import { type Mask, maskStream, type Secrets } from './secrets.ts';

/** Of one step, as events. What comes after it is in the log, and its end is shown once more. */
const EVENT_TEXT_BUDGET = 256 * 1024;
/** One event holds no more than this. */
const EVENT_TEXT_LIMIT = 8 * 1024;
/** How long a text waits for more before it becomes an event. */
const FLUSH_MS = 40;
/** Enough to find in it what a failing command complained about. */
const TAIL_BYTES = 16 * 1024;

type StreamName = 'stdout' | 'stderr';

export type StepLog = {
  readonly write: (stream: StreamName, chunk: Buffer) => void;
  /** The last of what was printed, masked: for hints. */
  readonly tail: () => string;
  /** Undefined unless the log could not be written. */
  readonly failure: () => string | undefined;
  readonly close: () => void;
};

export function openStepLog(options: {
  readonly step: StepId;
  readonly path: string;
  readonly secrets: Secrets;
  readonly emit: Emit;
}): StepLog {
  const file = logFile(options.path);
  const text = outputEvents(options.step, options.emit);
  const masks: Readonly<Record<StreamName, Mask>> = {
    stdout: maskStream(options.secrets),
    stderr: maskStream(options.secrets),
  };
  let tail: Buffer = Buffer.alloc(0);
  const take = (stream: StreamName, bytes: Buffer) => {
    if (bytes.length === 0) return;
    file.append(bytes);
    text.push(stream, bytes);
    tail = Buffer.concat([tail, bytes.subarray(-TAIL_BYTES)]).subarray(-TAIL_BYTES);
  };
  return {
    write: (stream, chunk) => take(stream, masks[stream].push(chunk)),
    tail: () => tail.toString('utf8'),
    failure: file.failure,
    close: () => {
      take('stdout', masks.stdout.end());
      take('stderr', masks.stderr.end());
      text.end();
      file.close();
    },
  };
}

function logFile(path: string) {
  let failure: string | undefined;
  const guarded = <T>(action: () => T): T | undefined => {
    try {
      return action();
    } catch (error) {
      failure ??= error instanceof Error ? error.message : String(error);
      return undefined;
    }
  };
  const fd = guarded(() => {
    mkdirSync(dirname(path), { recursive: true });
    return openSync(path, 'a');
  });
  return {
    failure: () => failure,
    append: (bytes: Buffer) => {
      if (fd === undefined || failure !== undefined) return;
      guarded(() => {
        for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
      });
    },
    close: () => {
      if (fd !== undefined) guarded(() => closeSync(fd));
    },
  };
}

/** Gathers text into events of moderate size, in order, and stops at the budget. */
function outputEvents(step: StepId, emit: Emit) {
  const decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  let pending = '';
  let from: StreamName = 'stdout';
  let spent = 0;
  /** The latest of what the budget left out. */
  let unshown = '';
  let timer: NodeJS.Timeout | undefined;

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (pending !== '') emit({ type: 'step-output', step, stream: from, text: pending });
    pending = '';
  };
  const drop = (text: string) => {
    if (unshown === '') {
      flush();
      const message = `it printed more than ${EVENT_TEXT_BUDGET / 1024} KiB; the rest is in the log only`;
      emit({ type: 'warning', step, code: 'output-truncated', message });
    }
    unshown = (unshown + text).slice(-EVENT_TEXT_LIMIT);
  };
  const add = (stream: StreamName, text: string) => {
    if (text === '') return;
    if (stream !== from) flush();
    from = stream;
    if (spent >= EVENT_TEXT_BUDGET) return drop(text);
    spent += text.length;
    pending += text;
    while (pending.length > EVENT_TEXT_LIMIT) {
      const piece = pending.slice(0, EVENT_TEXT_LIMIT);
      emit({ type: 'step-output', step, stream, text: piece });
      pending = pending.slice(EVENT_TEXT_LIMIT);
    }
    timer ??= setTimeout(flush, FLUSH_MS);
  };
  return {
    push: (stream: StreamName, bytes: Buffer) => add(stream, decoders[stream].write(bytes)),
    end: () => {
      add('stdout', decoders.stdout.end());
      add('stderr', decoders.stderr.end());
      flush();
      if (unshown !== '') emit({ type: 'step-output', step, stream: from, text: unshown });
    },
  };
}

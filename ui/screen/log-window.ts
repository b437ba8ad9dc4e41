/**
 * The lines of one step's log file while somebody looks at them: the end of what was there, and what
 * comes after it. Memory is bounded whatever is printed. Unaware of screens; told when to look.
 */
import { StringDecoder } from 'node:string_decoder';
import type { StepId } from '../../schema/id.ts';
import { logLines } from '../log-text.ts';
import type { LogLines } from './view.ts';

/** Where logs are read from. Lengths are bytes; a log that is not there has none. */
export type LogFiles = {
  /** For people: project-relative. */
  readonly pathOf: (step: StepId) => string;
  readonly sizeOf: (step: StepId) => number;
  readonly read: (step: StepId, from: number, to: number) => Buffer;
};

/** Taken at once: what lies before it stays in the file. */
const WINDOW_BYTES = 2 * 1024 * 1024;
const MOST_LINES = 50_000;

export class LogWindow {
  readonly step: StepId;
  readonly #files: LogFiles;
  #decoder = new StringDecoder('utf8');
  #read = 0;
  #first = 0;
  #lines: readonly string[] = [];
  #partial = '';
  /** Something before the first line was left out. */
  isCut = false;

  constructor(step: StepId, files: LogFiles) {
    this.step = step;
    this.#files = files;
  }

  /** Takes in what has been printed since the last look. */
  refresh(): void {
    const size = this.#files.sizeOf(this.step);
    if (size === this.#read) return;
    const from = Math.max(size < this.#read ? 0 : this.#read, size - WINDOW_BYTES);
    if (from !== this.#read) this.#beginAnew();
    const text = this.#decoder.write(this.#files.read(this.step, from, size));
    const isMiddle = from > 0 && from !== this.#read;
    this.#read = size;
    this.#append(isMiddle ? text.slice(text.indexOf('\n') + 1) : text);
  }

  lines(): LogLines {
    const open = this.#partial === '' ? [] : logLines(this.#partial);
    return { first: this.#first, lines: [...this.#lines, ...open] };
  }

  /** Bytes were skipped, or the file was begun anew: what is shown would not join on. */
  #beginAnew(): void {
    this.#decoder = new StringDecoder('utf8');
    this.#first += this.#lines.length;
    this.#lines = [];
    this.#partial = '';
    this.isCut = true;
  }

  #append(text: string): void {
    const end = text.lastIndexOf('\n') + 1;
    const whole = this.#partial + text.slice(0, end);
    this.#partial = end === 0 ? this.#partial + text : text.slice(end);
    if (end === 0) return;
    const lines = [...this.#lines, ...logLines(whole)];
    const surplus = Math.max(0, lines.length - MOST_LINES);
    this.#first += surplus;
    this.isCut ||= surplus > 0;
    this.#lines = lines.slice(surplus);
  }
}

/** The last lines of a log: enough bytes for a few. */
const GLANCE_BYTES = 8 * 1024;

export function glance(step: StepId, files: LogFiles): readonly string[] {
  const size = files.sizeOf(step);
  return logLines(files.read(step, Math.max(0, size - GLANCE_BYTES), size).toString('utf8')).slice(
    1,
  );
}

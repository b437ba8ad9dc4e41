/**
 * Keeps secrets out of what is told of a run: what a step prints and reports is masked where it is
 * read, but failures, reasons and conditions quote what it has left behind: paths, names, values.
 * Unaware of which event says what.
 */
import type { Emit } from './event-stream.ts';
import { maskText, type Secrets } from './secrets.ts';

/** The fields of events that may quote. All others hold names that readers compare. */
const QUOTING = new Set(['message', 'hint', 'detail', 'paths', 'values', 'before', 'after']);

export const masking = (emit: Emit, secrets: Secrets): Emit =>
  secrets.size === 0 ? emit : event => emit(masked(event, secrets, false));

function masked<T>(value: T, secrets: Secrets, isQuote: boolean): T;
function masked(value: unknown, secrets: Secrets, isQuote: boolean): unknown {
  if (typeof value === 'string') return isQuote ? maskText(value, secrets) : value;
  if (Array.isArray(value)) return value.map(item => masked(item, secrets, isQuote));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      masked(part, secrets, isQuote || QUOTING.has(name)),
    ]),
  );
}

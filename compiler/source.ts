/**
 * One file's text, and the way from offsets to places that a person can find. Unaware of YAML.
 */
import type { Span } from '../schema/diagnostic.ts';

export type Source = {
  readonly file: string;
  /** What all offsets count in: decoded, without a byte order mark. */
  readonly text: string;
  /** Offsets beyond the text are drawn back into it. */
  readonly span: (start: number, end: number) => Span;
};

export function source(file: string, text: string): Source {
  const starts = lineStarts(text);
  // Most places are asked for one after another.
  let line = 0;
  const within = (offset: number): number => Math.max(0, Math.min(offset, text.length));
  return {
    file,
    text,
    span(from, to) {
      const start = within(from);
      if (start < (starts[line] ?? 0) || start >= (starts[line + 1] ?? Infinity))
        line = lastAtMost(starts, start);
      const column = start - (starts[line] ?? 0) + 1;
      return { file, start, end: Math.max(start, within(to)), line: line + 1, column };
    },
  };
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** Index of the last of the sorted `values` that is not above `limit`. */
function lastAtMost(values: readonly number[], limit: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((values[middle] ?? 0) <= limit) low = middle;
    else high = middle - 1;
  }
  return low;
}

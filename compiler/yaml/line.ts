/**
 * Lines that say something, with how deep they stand: what is left to go by where YAML's grammar is
 * confused. Unaware of the grammar.
 */

export type Line = {
  readonly start: number;
  readonly indent: number;
  /** Without indentation. */
  readonly text: string;
};

/** Where a tab stands in the indentation, nobody knows how deep it is. */
export function linesOf(text: string): readonly Line[] {
  const lines: Line[] = [];
  for (let start = 0; start < text.length; ) {
    const stop = text.indexOf('\n', start);
    const end = stop === -1 ? text.length : stop;
    const inner = text.slice(start, end).replace(/^ +/, '');
    if (inner.trim() !== '' && !inner.startsWith('#')) {
      const indent = inner.startsWith('\t') ? Number.POSITIVE_INFINITY : end - start - inner.length;
      lines.push({ start, indent, text: inner });
    }
    start = end + 1;
  }
  return lines;
}

const KEY = /^(?:"[^"\n]*"|'[^'\n]*'|[\p{L}\d_][\p{L}\d_.-]*) *:(?=\s|$)/u;

/** With its colon. */
export const keyOf = ({ text }: Line): string | undefined => KEY.exec(text)?.[0];

/** What stands behind its key. */
export const restOf = (line: Line): string => line.text.slice(keyOf(line)?.length ?? 0).trim();

export const isBareKey = (line: Line): boolean =>
  keyOf(line) !== undefined && /^(?:#.*)?$/.test(restOf(line));

export const isDash = ({ text }: Line): boolean => /^-(?:\s|$)/.test(text);

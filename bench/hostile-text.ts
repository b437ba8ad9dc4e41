/**
 * How files that no person writes are written: as large as a file may be, or as large as is left of
 * it beside others. Unaware of what they are to show.
 */
import { LIMITS } from '../compiler/limits.ts';

/** Path → text, and what is asked of them where that is not `check`. */
export type Hostile = {
  readonly files: Readonly<Record<string, string>>;
  readonly argv?: readonly string[];
};

/** A text alone is a pipeline's. */
export type Cases = Readonly<Record<string, () => string | Hostile>>;

export const repeated = (count: number, line: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => line(at)).join('');

export const HEAD = 'sluice: 1\nname: p\n';

/** As many lines as a file may hold, or as fit into so many bytes. */
export function filled(
  line: (at: number) => string,
  head = 'steps:\n',
  most: number = LIMITS.fileBytes,
): string {
  const lines = [HEAD + head];
  let size = lines.join('').length;
  for (let at = 0; ; at++) {
    const next = line(at);
    size += next.length;
    if (size > most) return lines.join('');
    lines.push(next);
  }
}

/** An expression. */
export const x = (source: string): string => `\${{ ${source} }}`;

export const range = (count: number): string => `"${x(`range(${count})`)}"`;

export const manifest = (key: string, value: string, count: number = LIMITS.entries): string =>
  `step: s\nversion: 1.0.0\nrun: [x]\n${key}:\n${repeated(count, at => `  p${at}: ${value}\n`)}`;

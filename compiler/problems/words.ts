/**
 * The shape of what `describe` says about one problem, and small pieces of prose that several
 * problems share. Unaware of which problems there are.
 */
import type { Diagnostic, Fix, Span } from '../../schema/diagnostic.ts';
import { closest, nearest } from '../closest.ts';
import { MOST } from '../limits.ts';
import type { Spanned } from '../syntax.ts';

/** A diagnostic but for its code and what is usually empty. */
export type Words = Omit<Diagnostic, 'severity' | 'code' | 'related' | 'fixes'> &
  Partial<Pick<Diagnostic, 'severity' | 'related' | 'fixes'>>;

/** No name and no value, however long, makes more than a few lines. */
export const diagnostic = (code: string, { message, help, ...words }: Words): Diagnostic => ({
  severity: 'error',
  related: [],
  fixes: [],
  ...words,
  message: brief(message, LONGEST_TEXT),
  ...(help !== undefined && { help: brief(help, LONGEST_TEXT) }),
  code,
});

const LONGEST_TEXT = 400;

/** What an author wrote, cut where it is longer than anyone reads. */
export const brief = (text: string, most = 40): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;

export const mebibytes = (bytes: number): string => `${Math.round(bytes / 104_857.6) / 10} MiB`;

/** How many names of a long list are shown. */
export const LISTED = 12;

/** `a`, `b` or `c`; a long list is cut, with its length. `all`: where only its beginning is there. */
export function choices(
  names: readonly string[],
  last: 'or' | 'and' = 'or',
  all = names.length,
): string {
  const quoted = names.slice(0, LISTED).map(name => `\`${name}\``);
  if (all > LISTED) return `${quoted.join(', ')} and ${all - LISTED} more`;
  const end = quoted.pop() ?? 'none';
  return quoted.length === 0 ? end : `${quoted.join(', ')} ${last} ${end}`;
}

/**
 * Did-you-mean; else what there is to choose from. For names that authors give: which of two was
 * misspelt, or is still to be written, nobody can tell, so it is no repair.
 */
export function suggestion(
  name: Spanned<string>,
  known: readonly string[],
  plural: string,
): Pick<Words, 'help'> {
  const match = closest(name.value, known);
  if (match !== undefined) return { help: `did you mean \`${match}\`?` };
  return known.length === 0 ? {} : { help: `${plural}: ${choices(known, 'and')}` };
}

/** For words of the language, which only one side can have misspelt: with its repair. */
export function correction(
  word: Spanned<string>,
  known: readonly string[],
  plural: string,
): Pick<Words, 'help' | 'fixes'> {
  const match = nearest(word.value, known);
  return {
    ...suggestion(word, known, plural),
    ...(match?.alone && { fixes: replacement(word.span, match.name) }),
  };
}

export const replacement = (at: Span, text: string): readonly Fix[] => [
  { title: `write \`${text}\``, edits: [{ at, text }] },
];

/** `U+202E`, for what cannot be told by eye. */
export const unicode = (codePoint: number): string =>
  `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`;

export const NO_NUL = 'take the NUL out: no program, no variable and no file name can hold one';

/** `1 instance`, `3 instances`. */
export const count = (n: number, noun: string): string =>
  `${n.toLocaleString('en-US')} ${noun}${n === 1 ? '' : 's'}`;

/** What raises a limit that there is so much of for `each` instance; nothing where none may be more. */
export function raised(limit: number, each: number): string {
  const instances = Math.min(2 * (limit / each), MOST.instances);
  return instances * each > limit
    ? `; where so much is meant, \`limits: { instances: ${instances} }\` in sluice.yaml allows more`
    : '';
}

/** What older YAML read as a truth value, and ours reads as text. */
export function truthOf(text: string): 'true' | 'false' | undefined {
  if (/^(?:yes|on|y|true)$/i.test(text)) return 'true';
  return /^(?:no|off|n|false)$/i.test(text) ? 'false' : undefined;
}

/** A value as an author would write it. */
export const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return brief(text, 60);
};

/** `between 1 and 5`, `1 or more`. */
export const range = (
  least: number | string | undefined,
  most: number | string | undefined,
): string => {
  if (least === undefined) return `${most} or less`;
  return most === undefined ? `${least} or more` : `between ${least} and ${most}`;
};

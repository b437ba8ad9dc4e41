/**
 * Shows diagnostics: for people with the marked source, for GitHub as annotations. What is wrong
 * and how to say it was decided by the compiler. Unaware of where sources come from.
 */
import { byCodeUnit } from '../schema/canonical-json.ts';
import { type Diagnostic, MOST_DIAGNOSTICS, type Span } from '../schema/diagnostic.ts';
import { frameRows, type Mark } from './source-frame.ts';
import { makeStyle, type Style } from './style.ts';
import { visible, visibleWidth } from './visible.ts';

export type DiagnosticOptions = {
  readonly color: boolean;
  readonly width: number;
  /** False for a terminal that cannot draw lines. */
  readonly unicode?: boolean;
};

type Signs = {
  readonly corner: string;
  readonly bar: string;
  readonly gap: string;
  readonly ellipsis: string;
};

const UNICODE: Signs = { corner: '┌─', bar: '│', gap: '·', ellipsis: '…' };
const ASCII: Signs = { corner: '-->', bar: '|', gap: ':', ellipsis: '...' };

/** Beyond this nobody reads on; the last line still counts them all. */
const MAX_SHOWN = 100;

/** All of them in the order of their places, each once, and how many there are. */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: (file: string) => string | undefined,
  { color, width, unicode = true }: DiagnosticOptions,
): string {
  const look = {
    style: makeStyle({ color, unicode }),
    signs: unicode ? UNICODE : ASCII,
    width,
    sources,
  };
  const distinct = inOrder(diagnostics);
  const shown = distinct.slice(0, MAX_SHOWN).map(diagnostic => renderOne(diagnostic, look));
  if (distinct.length === 0) return '';
  const more = diagnostics.length >= MOST_DIAGNOSTICS ? ' and perhaps more' : '';
  const cut = distinct.length > MAX_SHOWN ? `, the first ${MAX_SHOWN} are shown` : '';
  return `${shown.join('\n\n')}\n\n${counted(distinct)}${more}${cut}\n`;
}

/** One workflow command per diagnostic, as GitHub Actions reads them from a log. */
export const githubAnnotations = (
  diagnostics: readonly Diagnostic[],
  sources: (file: string) => string | undefined,
): string =>
  inOrder(diagnostics)
    .map(one => annotation(one, sources))
    .join('\n');

/** By place, each once. */
export function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const keyed = diagnostics.map(diagnostic => {
    const { code, at, message } = diagnostic;
    return [JSON.stringify([code, at?.file, at?.start, at?.end, message]), diagnostic] as const;
  });
  return [...new Map(keyed.toReversed()).values()]
    .reverse()
    .sort((a, b) => byPlace(a.at, b.at) || byCodeUnit(a.code, b.code));
}

const byPlace = (a: Span | undefined, b: Span | undefined): number => {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  return byCodeUnit(a.file, b.file) || a.start - b.start || a.end - b.end;
};

function counted(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const warnings = diagnostics.length - errors;
  const count = (n: number, noun: string) => (n === 0 ? [] : [`${n} ${noun}${n === 1 ? '' : 's'}`]);
  return [...count(errors, 'error'), ...count(warnings, 'warning')].join(', ');
}

type Look = {
  readonly style: Style;
  readonly signs: Signs;
  readonly width: number;
  readonly sources: (file: string) => string | undefined;
};

function renderOne(diagnostic: Diagnostic, look: Look): string {
  const { severity, code, message, at } = diagnostic;
  const { style } = look;
  const paint = severity === 'error' ? style.bad : style.warn;
  const head = `${paint(`${severity}[${code}]`)}: ${style.strong(visible(message))}`;
  const places = placesOf(diagnostic, look, paint);
  const gutter = Math.max(1, ...places.map(({ at: { line } }) => String(line).length)) + 1;
  const files = [...new Set(places.map(place => place.at.file))];
  const frames = files.flatMap(file =>
    frame(
      places.filter(place => place.at.file === file),
      gutter,
      look,
    ),
  );
  const indent = at === undefined ? 1 : gutter;
  const footer = helpIsLabel(diagnostic, look) ? [] : helpLines(diagnostic.help, look, indent);
  return [head, ...frames, ...footer, ...userLines(diagnostic, look, indent)].join('\n');
}

type Placed = { readonly at: Span; readonly mark: Mark };

/** The place itself first, then what belongs to it. */
function placesOf(diagnostic: Diagnostic, look: Look, paint: Mark['paint']): readonly Placed[] {
  const { at, related } = diagnostic;
  const label = diagnostic.label ?? (helpIsLabel(diagnostic, look) ? diagnostic.help : undefined);
  const main = at && {
    at,
    mark: { start: at.start, end: at.end, label: label ?? '', sign: '^', paint },
  };
  const others = related.map(({ at, message }) => ({
    at,
    mark: { start: at.start, end: at.end, label: message, sign: '-', paint: look.style.strong },
  }));
  return main === undefined ? others : [main, ...others];
}

/** A short remedy stands right where the mistake is, if there is room beside the mark. */
function helpIsLabel({ label, help, at }: Diagnostic, { sources, width }: Look): boolean {
  if (label !== undefined || help === undefined || at === undefined || help.includes('\n')) {
    return false;
  }
  const source = sources(at.file);
  if (source === undefined) return false;
  const room = width - GUTTER;
  const end = source.indexOf('\n', at.start);
  const before = at.column - 1;
  const behind = Math.max(0, (end === -1 ? source.length : end) - at.start);
  // A line that is cut shows its mark a third of the way in, or nearer to its end.
  const start = before + behind <= room ? before : Math.max(room / 3, room - behind);
  return start + (at.end - at.start) + 1 + visibleWidth(help) <= room;
}

/** Line numbers have at most four digits, nearly always; this is only about where words go. */
const GUTTER = 7;

function frame(places: readonly Placed[], gutter: number, look: Look): readonly string[] {
  const [first] = places;
  if (first === undefined) return [];
  const { style, signs, sources } = look;
  const { file, line, column } = first.at;
  const pad = ' '.repeat(gutter);
  const head = `${style.dim(`${pad}${signs.corner}`)} ${visible(file)}:${line}:${column}`;
  const source = sources(file);
  if (source === undefined) {
    const labels = places.flatMap(({ mark }) => (mark.label === '' ? [] : [mark.label]));
    return [head, ...labels.map(label => `${style.dim(`${pad}${signs.bar}`)} ${visible(label)}`)];
  }
  const width = Math.max(20, look.width - gutter - 2);
  const rows = frameRows(
    source,
    places.map(({ mark }) => mark),
    { width, ellipsis: signs.ellipsis },
  );
  return [
    head,
    ...rows.map(row => {
      if (row.kind === 'gap') return style.dim(`${pad}${signs.gap}`);
      const number = row.kind === 'source' ? String(row.line).padStart(gutter) : pad;
      return `${style.dim(`${number}${signs.bar}`)} ${row.text}`.trimEnd();
    }),
  ];
}

function helpLines(help: string | undefined, { style }: Look, gutter: number): readonly string[] {
  if (help === undefined) return [];
  const [first = '', ...rest] = visible(help).split('\n');
  const pad = ' '.repeat(gutter);
  return [
    `${pad}${style.dim('=')} ${style.strong('help')}: ${first}`,
    ...rest.map(line => `${pad}        ${line}`),
  ];
}

function userLines(
  { usedBy = [] }: Diagnostic,
  { style }: Look,
  gutter: number,
): readonly string[] {
  if (usedBy.length === 0) return [];
  const first = usedBy.slice(0, USERS).map(visible).join(', ');
  const more = usedBy.length > USERS ? ` and ${usedBy.length - USERS} more` : '';
  return [`${' '.repeat(gutter)}${style.dim('=')} ${style.strong('used by')}: ${first}${more}`];
}

/** How many pipelines are named. */
const USERS = 5;

function annotation(
  { severity, code, message, at, label, help, related, usedBy = [] }: Diagnostic,
  sources: (file: string) => string | undefined,
): string {
  const place = at === undefined ? '' : `file=${property(at.file)},${range(at, sources(at.file))},`;
  const others = related.map(({ at, message }) => `${at.file}:${at.line}:${at.column}: ${message}`);
  const users = usedBy.length === 0 ? undefined : `used by ${usedBy.join(', ')}`;
  const words = [message, label, help, users, ...others].filter(text => text !== undefined);
  return `::${severity} ${place}title=${property(code)}::${data(words.join('\n'))}`;
}

/** GitHub takes columns only within one line; the last one is that of the last marked letter. */
function range({ line, column, start, end }: Span, source: string | undefined): string {
  const marked = source?.slice(start, end).split('\n') ?? [''];
  const last = line + marked.length - 1;
  if (last > line) return `line=${line},endLine=${last}`;
  const endColumn = Math.max(column, column + (marked[0]?.length ?? 0) - 1);
  return `line=${line},endLine=${last},col=${column},endColumn=${endColumn}`;
}

/** GitHub's own escapes: a line break would end the command. */
const data = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

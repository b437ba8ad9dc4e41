/**
 * Where in a shell command each expression stands. An expression becomes one quoted word; between
 * quotes, in here-documents, comments and a few more places that quoting would not hold, and what
 * the expression's value says would be run. Reads as much of a POSIX shell's grammar as that takes,
 * and where it is unsure it answers a refused place. Unaware of expressions' content.
 */
import type { SyntaxPart } from './tree.ts';

export type ShellPlace = 'word' | 'quotes' | 'heredoc' | 'comment' | 'escape' | 'expansion';

/** One per part; text parts get `word`, which says nothing. */
export function shellPlaces(parts: readonly SyntaxPart[]): readonly ShellPlace[] {
  const reader: Reader = {
    inside: [],
    last: '\n',
    heredocs: [],
    delimiter: undefined,
    line: '',
    unsure: false,
  };
  return parts.map(part => {
    if (part.kind === 'text') {
      for (let at = 0; at < part.value.length; ) at += step(reader, part.value, at);
      return 'word';
    }
    const place = placeOf(reader);
    reader.line += STRANGER;
    if (reader.delimiter !== undefined) reader.delimiter.text += STRANGER;
    reader.last = STRANGER;
    return place;
  });
}

/** Stands for an expression in what has been read: no delimiter of a here-document equals it. */
const STRANGER = '\0';

type Inside =
  | 'single'
  | 'double'
  /** `$(…)` and `(…)`: commands again. */
  | 'commands'
  /** `$((…))`, one entry per bracket. */
  | 'arithmetic'
  | 'braces'
  | 'backtick'
  | 'comment';

type Heredoc = { text: string; quoted: boolean; readonly stripsTabs: boolean };

type Reader = {
  /** The open constructs, the innermost last; commands when empty. */
  readonly inside: Inside[];
  /** The character in front; `\\` only where it escapes what comes next. */
  last: string;
  /** Announced with `<<`, in order; their bodies begin with the next line. */
  readonly heredocs: { doc: Heredoc; begun: boolean }[];
  /** The delimiter that is being read. */
  delimiter: Heredoc | undefined;
  /** The line so far, inside a here-document. */
  line: string;
  /** Shells differ on what was read: nothing after it is judged. */
  unsure: boolean;
};

function placeOf(reader: Reader): ShellPlace {
  if (reader.unsure) return 'expansion';
  if (reader.heredocs[0]?.begun === true || reader.delimiter !== undefined) return 'heredoc';
  if (
    reader.inside.some(each => each === 'backtick' || each === 'braces' || each === 'arithmetic')
  ) {
    return 'expansion';
  }
  const innermost = reader.inside.at(-1);
  if (innermost === 'comment') return 'comment';
  if (innermost === 'single' || innermost === 'double') return 'quotes';
  return reader.last === '\\' || reader.last === '$' ? 'escape' : 'word';
}

/** Reads one construct and says how many characters it took. */
function step(reader: Reader, text: string, at: number): number {
  const char = text[at] ?? '';
  if (reader.heredocs[0]?.begun === true) return heredocBody(reader, char);
  if (reader.delimiter !== undefined) return heredocDelimiter(reader, char);
  switch (reader.inside.at(-1)) {
    case 'comment':
      if (char !== '\n') return 1;
      reader.inside.pop();
      return command(reader, text, at);
    case 'single':
      if (char === "'") reader.inside.pop();
      reader.last = char;
      return 1;
    case 'backtick':
      if (char === '`') reader.inside.pop();
      reader.last = char;
      return char === '\\' ? 2 : 1;
    case 'double':
      return quoted(reader, text, at);
    case 'braces':
      if (char === '}') return close(reader, char);
      if (char === "'" && reader.inside.includes('double')) reader.unsure = true;
      return command(reader, text, at);
    default:
      return command(reader, text, at);
  }
}

function close(reader: Reader, char: string): number {
  reader.inside.pop();
  reader.last = char;
  return 1;
}

function open(reader: Reader, inside: Inside, length: number): number {
  reader.inside.push(inside);
  reader.last = '(';
  return length;
}

/** Between double quotes, where substitutions still happen. */
function quoted(reader: Reader, text: string, at: number): number {
  const char = text[at] ?? '';
  if (char === '"') return close(reader, char);
  if (char === '\\') return escaped(reader, text, at);
  return substitution(reader, text, at) ?? plain(reader, char);
}

function substitution(reader: Reader, text: string, at: number): number | undefined {
  if (text.startsWith('$((', at)) {
    reader.inside.push('arithmetic');
    return open(reader, 'arithmetic', 3);
  }
  if (text.startsWith('$(', at)) return open(reader, 'commands', 2);
  if (text.startsWith('${', at)) return open(reader, 'braces', 2);
  return text[at] === '`' ? open(reader, 'backtick', 1) : undefined;
}

function plain(reader: Reader, char: string): number {
  reader.last = char;
  return 1;
}

/** A backslash takes the next character with it, if the text has one. */
function escaped(reader: Reader, text: string, at: number): number {
  reader.last = at + 1 < text.length ? 'x' : '\\';
  return 2;
}

/** Where commands and their words stand; also inside brackets and braces, which nest the same. */
function command(reader: Reader, text: string, at: number): number {
  const char = text[at] ?? '';
  const innermost = reader.inside.at(-1);
  switch (char) {
    case '\\':
      return escaped(reader, text, at);
    case "'":
      // `$'…'` knows escapes in some shells: `\'` then ends it in one and not in the other.
      if (reader.last === '$' && /^'[^']*\\'/.test(text.slice(at))) reader.unsure = true;
      return open(reader, 'single', 1);
    case '"':
      return open(reader, 'double', 1);
    case '(':
      return open(reader, innermost === 'arithmetic' ? 'arithmetic' : 'commands', 1);
    case ')':
      if (innermost === 'commands' || innermost === 'arithmetic') return close(reader, char);
      return plain(reader, char);
    case '#':
      if (innermost === 'arithmetic' || innermost === 'braces') return plain(reader, char);
      return /[\s;&|()<>]/.test(reader.last) ? open(reader, 'comment', 1) : plain(reader, char);
    case '\n':
      for (const heredoc of reader.heredocs) heredoc.begun = true;
      reader.line = '';
      return plain(reader, char);
    case '<':
      return innermost === 'arithmetic' ? plain(reader, char) : input(reader, text, at);
    default:
      return substitution(reader, text, at) ?? plain(reader, char);
  }
}

function input(reader: Reader, text: string, at: number): number {
  reader.last = '<';
  if (text.startsWith('<<<', at)) return 3;
  if (!text.startsWith('<<', at)) return 1;
  const stripsTabs = text[at + 2] === '-';
  reader.delimiter = { text: '', quoted: false, stripsTabs };
  return stripsTabs ? 3 : 2;
}

/** Quotes around a delimiter are not part of it; they make the body plain text. */
function heredocDelimiter(reader: Reader, char: string): number {
  const doc = reader.delimiter;
  if (doc === undefined) throw new Error('bug: no here-document is announced');
  if (doc.text === '' && (char === ' ' || char === '\t')) return 1;
  if (!/[\s;&|()<>]/.test(char)) {
    if (/['"\\]/.test(char)) doc.quoted = true;
    else doc.text += char;
    return 1;
  }
  reader.heredocs.push({ doc, begun: false });
  reader.delimiter = undefined;
  return 0;
}

function heredocBody(reader: Reader, char: string): number {
  if (char !== '\n') {
    reader.line += char;
    return 1;
  }
  const doc = reader.heredocs[0]?.doc;
  const line = doc?.stripsTabs === true ? reader.line.replace(/^\t+/, '') : reader.line;
  // A backslash joins the next line to this one, which then may be no delimiter.
  if (doc?.quoted === false && line.endsWith('\\')) reader.unsure = true;
  if (line === doc?.text) reader.heredocs.shift();
  reader.line = '';
  reader.last = '\n';
  return 1;
}

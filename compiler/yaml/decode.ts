/**
 * Bytes to text, and a look at the text before any parser sees it: whatever could mislead a reader
 * (invisible characters), a line count (lone CR) or a parser (NUL) is refused by name and place.
 * Unaware of YAML.
 */
import { isUtf8 } from 'node:buffer';
import type { SyntaxProblem } from '../problems/syntax.ts';
import { type Source, source } from '../source.ts';

export type Decoded = {
  readonly source: Source;
  /** Not empty: nothing further may look at the text. */
  readonly problems: readonly SyntaxProblem[];
};

/** The text that spans count in; what is not UTF-8 becomes U+FFFD. A byte order mark is dropped. */
export const decodeText = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** `most`: bytes that the file may have. */
export function decode(file: string, bytes: Uint8Array, most: number): Decoded {
  if (bytes.length > most) {
    const empty = source(file, '');
    const limit = { kind: 'bytes', found: bytes.length, most } as const;
    return { source: empty, problems: [{ kind: 'file-too-large', at: empty.span(0, 0), limit }] };
  }
  const decoded = source(file, decodeText(bytes));
  const problem = encodingProblem(decoded, bytes);
  return { source: decoded, problems: problem === undefined ? screen(decoded) : [problem] };
}

function encodingProblem(decoded: Source, bytes: Uint8Array): SyntaxProblem | undefined {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    return { kind: 'not-utf8', at: decoded.span(0, 0), offset: 0, encoding: 'UTF-16' };
  if (isUtf8(bytes)) return undefined;
  const offset = validPrefix(bytes);
  const before = decodeText(bytes.subarray(0, offset)).length;
  const at = decoded.span(before, before + 1);
  return { kind: 'not-utf8', at, offset, encoding: null };
}

/** Length of the longest prefix that is UTF-8, by bisection: prefixes of valid text are valid. */
function validPrefix(bytes: Uint8Array): number {
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (isUtf8(bytes.subarray(0, wholeCharacters(bytes, middle)))) low = middle;
    else high = middle - 1;
  }
  return wholeCharacters(bytes, low);
}

/** `end` drawn back so that it does not cut a character in two. */
function wholeCharacters(bytes: Uint8Array, end: number): number {
  for (let back = 1; back <= 3 && back <= end; back += 1) {
    const byte = bytes[end - back] ?? 0;
    if (byte < 0x80) return end;
    if (byte >= 0xc0) return back < lengthByLead(byte) ? end - back : end;
  }
  return end;
}

const lengthByLead = (lead: number): number => (lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2);

// Tab, line feed and carriage return are text; all other C0 and C1 controls and DEL are not.
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
/** They make a line look other than it reads: "Trojan Source", CVE-2021-42574. */
const BIDIRECTIONAL = /[\u202a-\u202e\u2066-\u2069]/g;
const LONE_RETURN = /\r(?!\n)/g;
const CONFLICT = /^<{7}(?: .*)?$/gm;

function screen(decoded: Source): readonly SyntaxProblem[] {
  const { text, span } = decoded;
  const problems: SyntaxProblem[] = [];
  const first = (
    pattern: RegExp,
  ): { readonly index: number; readonly count: number } | undefined => {
    let count = 0;
    let index = 0;
    for (const match of text.matchAll(pattern)) {
      if (count === 0) index = match.index;
      count += 1;
    }
    return count === 0 ? undefined : { index, count };
  };
  for (const [kind, pattern] of [
    ['control-character', CONTROL],
    ['bidi-control', BIDIRECTIONAL],
  ] as const) {
    const found = first(pattern);
    if (found === undefined) continue;
    const codePoint = text.charCodeAt(found.index);
    const at = span(found.index, found.index + 1);
    problems.push({ kind, at, codePoint, count: found.count });
  }
  const lone = first(LONE_RETURN);
  if (lone !== undefined)
    problems.push({
      kind: 'lone-carriage-return',
      at: span(lone.index, lone.index + 1),
      count: lone.count,
    });
  for (const match of text.matchAll(CONFLICT))
    problems.push({ kind: 'merge-conflict', at: span(match.index, match.index + match[0].length) });
  return problems;
}

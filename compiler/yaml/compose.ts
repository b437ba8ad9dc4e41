/**
 * Text to the nodes of one YAML document, by the library `yaml`, with what it cannot be trusted
 * with done around it: nesting is bounded while the parser runs (its composer recurses, and deep
 * enough input ends the process), and its errors become problems, without their echoes.
 */
import { Composer, type Document, Lexer, Parser, type YAMLError } from 'yaml';
import type { Span } from '../../schema/diagnostic.ts';
import { LIMITS } from '../limits.ts';
import type { SyntaxProblem } from '../problems/syntax.ts';
import type { YamlSlip } from '../problems/yaml-slip.ts';
import type { Source } from '../source.ts';
import { openBracket, quotedBefore } from './lexemes.ts';
import { outdentedBefore } from './outdented.ts';

export type Composed = {
  readonly document: Document | undefined;
  readonly problems: readonly SyntaxProblem[];
};

/**
 * `text` is the source's, mended: of the same length, with the same offsets. `unusual` is where it
 * first needs this parser.
 */
export function compose(source: Source, text: string, unusual = 0): Composed {
  const problems: SyntaxProblem[] = [];
  const [document, second] = documents(source, text, unusual, problems);
  if (problems.length > 0) return { document: undefined, problems };
  const directive = /^%YAML[ \t]+(?!1\.2\s)/m.exec(text);
  if (directive !== null) {
    const at = source.span(directive.index, endOfLine(text, directive.index));
    problems.push({ kind: 'yaml-syntax', at, slip: 'directive', marked: directive[0] });
  }
  if (document !== undefined) problems.push(...syntaxProblems(source, text, document));
  if (second !== undefined && problems.length === 0)
    problems.push({ kind: 'several-documents', at: separatorBefore(source, second) });
  return { document, problems };
}

const endOfLine = (text: string, from: number): number => {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
};

/** The first two documents at most: a second one is refused whatever it holds. */
function documents(
  source: Source,
  text: string,
  unusual: number,
  problems: SyntaxProblem[],
): readonly Document[] {
  const composer = new Composer({
    version: '1.2',
    schema: 'failsafe',
    merge: false,
    // Both are quadratic or lossy in the library; tree.ts does them.
    uniqueKeys: false,
    prettyErrors: false,
  });
  const found: Document[] = [];
  for (const document of composer.compose(
    tokens(source, text, unusual, problems),
    true,
    text.length,
  )) {
    found.push(document);
    if (found.length === 2) break;
  }
  return found;
}

function* tokens(source: Source, text: string, unusual: number, problems: SyntaxProblem[]) {
  const parser = new Parser();
  let count = 0;
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    count += 1;
    if (count > LIMITS.lexemes) {
      const at = source.span(unusual, unusual + 1);
      problems.push({ kind: 'file-too-large', at, limit: { kind: 'lexemes' } });
      return;
    }
    // The stack holds the document and each collection that is open.
    if (parser.stack.length > LIMITS.nesting + 2) {
      const at = source.span(parser.offset - 1, parser.offset);
      problems.push({ kind: 'nested-too-deep', at, through: 'brackets' });
      return;
    }
  }
  yield* parser.end();
}

function separatorBefore(source: Source, document: Document): ReturnType<Source['span']> {
  const start = document.range?.[0] ?? 0;
  const separator = source.text.lastIndexOf('---', start);
  return separator === -1 ? source.span(start, start) : source.span(separator, separator + 3);
}

/**
 * After an error in the document's structure the rest is guesswork, so the list ends there; before
 * it, one error a line: the library often reports one slip twice.
 */
function syntaxProblems(
  source: Source,
  text: string,
  document: Document,
): readonly SyntaxProblem[] {
  const problems: SyntaxProblem[] = [];
  const lines = new Set<number>();
  const errors = document.errors
    .filter(error => error.code !== 'TAG_RESOLVE_FAILED')
    .sort((a, b) => a.pos[0] - b.pos[0]);
  for (const [index, error] of errors.entries()) {
    const found = deeperKey(source, error, errors[index + 1]) ?? slipAt(source, text, error);
    const { slip, at } = found;
    if (lines.has(at.line)) continue;
    lines.add(at.line);
    const marked = source.text.slice(at.start, at.end);
    problems.push({ kind: 'yaml-syntax', at, slip, marked });
    if (!LOCAL.has(slip)) break;
  }
  return problems;
}

/**
 * A value and, deeper below it, a key: YAML reads both as one key with a colon behind it, and says
 * so of the value.
 */
function deeperKey(
  source: Source,
  error: YAMLError,
  next: YAMLError | undefined,
): Slip | undefined {
  if (error.code !== 'BLOCK_AS_IMPLICIT_KEY' || next?.code !== 'MULTILINE_IMPLICIT_KEY')
    return undefined;
  const [start, end] = next.pos;
  const line = source.text.lastIndexOf('\n', end - 1) + 1;
  if (start !== error.pos[0] || line <= start) return undefined;
  return { slip: 'indentation', at: oddLine(source, source.span(line, end)) };
}

type Slip = { readonly slip: YamlSlip; readonly at: Span };

/** What is the matter, and where it began rather than where it was noticed. */
function slipAt(source: Source, text: string, error: YAMLError): Slip {
  const at = source.span(error.pos[0], error.pos[1]);
  const slip = slipOf(error, text);
  if (slip === 'unclosed-quote' || slip === 'after-value') {
    const quoted = quotedBefore(text, at.start);
    const lines =
      quoted === undefined ? undefined : text.slice(quoted.start, quoted.end).split('\n');
    if (quoted !== undefined && (slip === 'unclosed-quote' || (lines?.length ?? 0) > 1)) {
      const end = quoted.start + (lines?.[0]?.length ?? 1);
      return { slip: 'unclosed-quote', at: source.span(quoted.start, end) };
    }
  }
  if (slip === 'unexpected' && /!\$$/.test(text.slice(Math.max(0, at.start - 2), at.start)))
    return { slip: 'outer-not', at: source.span(at.start - 2, at.start - 1) };
  if (slip === 'second-colon') return { slip, at: secondColon(source, at) };
  if (slip === 'escape') return { slip, at: source.span(at.start, at.start + 2) };
  if (slip === 'indentation') return { slip, at: oddLine(source, at) };
  if (slip === 'dash') return { slip, at: firstWord(source, at) };
  const open = slip === 'unclosed-bracket' ? openBracket(text, at.start) : undefined;
  return { slip, at: open === undefined ? at : source.span(open.start, open.end) };
}

/** The colon itself; the value begins long before it. */
function secondColon(source: Source, at: Span): Span {
  const { text } = source;
  const line = text.slice(at.start, endOfLine(text, at.start));
  const colon = line.search(/:(?:\s|$)/);
  return colon === -1 ? at : source.span(at.start + colon, at.start + colon + 1);
}

/**
 * Where a line stands unlike its neighbours: below one that stands too far out, and has its value
 * already, the line itself is as it was meant.
 */
function oddLine(source: Source, at: Span): Span {
  const above = outdentedBefore(source.text, at.start);
  return firstWord(source, above === undefined ? at : source.span(above, above));
}

/** The first word on the line where `at` begins: white space cannot be seen. */
function firstWord(source: Source, at: Span): Span {
  const [, space = '', word = ''] = /^(\s*)(\S*)/.exec(source.text.slice(at.start)) ?? [];
  const start = at.start + space.length;
  return word === '' ? at : source.span(start, start + word.length);
}

/** Slips that leave everything around them as it was meant. */
const LOCAL: ReadonlySet<YamlSlip> = new Set(['escape', 'comment-space', 'directive']);

/** Does it leave everything around it as it was meant? */
export const isLocal = (problem: SyntaxProblem): boolean =>
  problem.kind === 'several-documents' ||
  (problem.kind === 'yaml-syntax' && LOCAL.has(problem.slip));

function slipOf({ code, message, pos: [start, end] }: YAMLError, text: string): YamlSlip {
  const marked = text.slice(start, end);
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'tab';
    case 'BAD_DQ_ESCAPE':
      return 'escape';
    case 'BAD_DIRECTIVE':
      return 'directive';
    case 'BAD_INDENT':
      if (/must be sufficiently indented and end with|Flow end indicator/.test(message))
        return 'unclosed-bracket';
      return marked.startsWith('\t') ? 'tab' : 'indentation';
    case 'BLOCK_IN_FLOW':
      return 'missing-comma';
    case 'BLOCK_AS_IMPLICIT_KEY':
      if (message.includes('block sequence')) return 'dash';
      return marked.startsWith('?') ? 'reserved-start' : 'second-colon';
    case 'BAD_SCALAR_START':
      return 'reserved-start';
    case 'MULTILINE_IMPLICIT_KEY':
      return /^-(?:\s|$)/.test(marked) ? 'dash' : 'missing-colon';
    case 'MISSING_CHAR':
      return missingCharacter(message);
    case 'UNEXPECTED_TOKEN':
      if (/[|>][-+0-9]*[ \t]+$/.test(text.slice(Math.max(0, start - 10), start)))
        return 'block-start';
      return /Unexpected (?:scalar|flow-seq|flow-map|alias|\w+-quoted)/.test(message)
        ? 'after-value'
        : 'unexpected';
    case 'BAD_ALIAS':
    case 'ALIAS_PROPS':
    case 'MULTIPLE_ANCHORS':
    case 'MULTIPLE_TAGS':
    case 'BAD_PROP_ORDER':
      return 'anchor';
    default:
      return 'unexpected';
  }
}

function missingCharacter(message: string): YamlSlip {
  if (message.includes('quote')) return 'unclosed-quote';
  if (message.includes('Comments')) return 'comment-space';
  if (message.includes('followed by map values')) return 'missing-colon';
  if (message.includes('space after :')) return 'colon-space';
  if (message.includes('Missing ,') || message.includes('Missing , or :')) return 'missing-comma';
  return message.includes('Flow') || message.includes('flow') ? 'unclosed-bracket' : 'unexpected';
}

/**
 * Text to the nodes of one YAML document, by the library `yaml`, with what it cannot be trusted
 * with done around it: nesting is bounded while the parser runs (its composer recurses, and deep
 * enough input ends the process), and its errors become problems, without their echoes.
 */
import { Composer, type Document, Lexer, Parser, type YAMLError } from 'yaml';
import { LIMITS } from '../limits.ts';
import type { SyntaxProblem } from '../problems/syntax.ts';
import type { YamlSlip } from '../problems/yaml.ts';
import type { Source } from '../source.ts';

export type Composed = {
  readonly document: Document | undefined;
  readonly problems: readonly SyntaxProblem[];
};

/** `text` is the source's, mended: of the same length, with the same offsets. */
export function compose(source: Source, text: string): Composed {
  const problems: SyntaxProblem[] = [];
  const [document, second] = documents(source, text, problems);
  if (problems.length > 0) return { document: undefined, problems };
  if (document !== undefined) problems.push(...syntaxProblems(source, document));
  if (second !== undefined && problems.length === 0)
    problems.push({ kind: 'several-documents', at: separatorBefore(source, second) });
  return { document, problems };
}

/** The first two documents at most: a second one is refused whatever it holds. */
function documents(source: Source, text: string, problems: SyntaxProblem[]): readonly Document[] {
  const composer = new Composer({
    version: '1.2',
    schema: 'failsafe',
    merge: false,
    // Both are quadratic or lossy in the library; tree.ts does them.
    uniqueKeys: false,
    prettyErrors: false,
  });
  const found: Document[] = [];
  for (const document of composer.compose(tokens(source, text, problems), true, text.length)) {
    found.push(document);
    if (found.length === 2) break;
  }
  return found;
}

function* tokens(source: Source, text: string, problems: SyntaxProblem[]) {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    // The stack holds the document and each collection that is open.
    if (parser.stack.length > LIMITS.nesting + 2) {
      problems.push({ kind: 'nested-too-deep', at: source.span(parser.offset - 1, parser.offset) });
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
function syntaxProblems(source: Source, document: Document): readonly SyntaxProblem[] {
  const problems: SyntaxProblem[] = [];
  const lines = new Set<number>();
  const errors = document.errors
    .filter(error => error.code !== 'TAG_RESOLVE_FAILED')
    .sort((a, b) => a.pos[0] - b.pos[0]);
  for (const error of errors) {
    const at = source.span(error.pos[0], error.pos[1]);
    const marked = source.text.slice(at.start, at.end);
    const slip = slipOf(error, marked);
    if (lines.has(at.line)) continue;
    lines.add(at.line);
    problems.push({ kind: 'yaml-syntax', at, slip, marked });
    if (!LOCAL.has(slip)) break;
  }
  return problems;
}

/** Slips that leave the structure around them as it was. */
const LOCAL: ReadonlySet<YamlSlip> = new Set(['escape', 'comment-space', 'tab']);

function slipOf(error: YAMLError, marked: string): YamlSlip {
  const { message } = error;
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return 'tab';
    case 'BAD_DQ_ESCAPE':
      return 'escape';
    case 'BAD_DIRECTIVE':
      return 'directive';
    case 'BAD_INDENT':
      return marked.startsWith('\t') ? 'tab' : 'indentation';
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'second-colon';
    case 'BAD_SCALAR_START':
      return 'reserved-start';
    case 'MULTILINE_IMPLICIT_KEY':
      return 'missing-colon';
    case 'MISSING_CHAR':
      return missingCharacter(message);
    case 'UNEXPECTED_TOKEN':
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

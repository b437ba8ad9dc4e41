/**
 * What all four documents share: bytes to YAML to a root map, then problems in order of place, each
 * once. Unaware of what the documents say.
 */
import type { Span } from '../../schema/diagnostic.ts';
import { LIMITS } from '../limits.ts';
import type { DocumentKind } from '../problems/phrases.ts';
import type { SyntaxProblem } from '../problems/syntax.ts';
import type { Source } from '../source.ts';
import { readYaml } from '../yaml/read.ts';
import { type Field, type Reader, refuse } from './reader.ts';

export type Parsed<T> = {
  /** Undefined when nothing of the document can be relied on. */
  readonly value: T | undefined;
  readonly problems: readonly SyntaxProblem[];
  /** What the spans count in: decoded, without a byte order mark. */
  readonly text: string;
};

export type DocumentBytes = {
  readonly document: DocumentKind;
  readonly file: string;
  readonly bytes: Uint8Array;
  /** Bytes that the file may have. */
  readonly most?: number | undefined;
};

/** Reads one document. `absent` is the value of a file that says nothing, where that is allowed. */
export function readDocument<T>(
  { document, file, bytes, most = LIMITS.fileBytes }: DocumentBytes,
  read: (reader: Reader, root: Field) => T | undefined,
): Parsed<T> {
  const yaml = readYaml(file, bytes, most);
  const { text } = yaml.source;
  const { tree } = yaml;
  if (tree === undefined) return { value: undefined, problems: tidy(yaml.problems), text };
  const reader: Reader = {
    document,
    source: yaml.source,
    problems: [],
    broken: new Set(yaml.lost.paths),
    unread: tree.broken,
  };
  const root: Field = { path: [], key: firstLine(yaml.source.span, text), node: tree.root };
  const value = isEmpty(root) ? readNothing(reader, root, read) : read(reader, root);
  const found = tidy(withoutRepeated([...yaml.problems, ...reader.problems]));
  const space = otherSpace(yaml.source, found);
  const brokenFrom = space?.start ?? yaml.brokenFrom;
  if (brokenFrom === undefined) {
    const whole = yaml.lost.keys.size + yaml.lost.paths.size === 0;
    return { value: whole || IN_PARTS.has(document) ? value : undefined, problems: found, text };
  }
  // What follows a slip in the structure is not what was meant, nor is what it interrupts.
  const line = lineBefore(yaml.source, brokenFrom);
  const before = reader.problems.filter(({ at, kind }) => at.line < line && kind !== 'missing-key');
  const slips =
    space === undefined
      ? yaml.problems
      : [...yaml.problems.filter(({ at }) => at.line < line), slipOf(yaml.source, space)];
  return { value: undefined, problems: tidy([...slips, ...before]), text };
}

/** What is lost of others, whoever uses them would miss. */
const IN_PARTS: ReadonlySet<DocumentKind> = new Set(['pipeline', 'config']);

/** Spaces of other kinds, as pasted from pages and chats: no indentation to YAML, nor what ends a key. */
const OTHER_SPACE = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+/y;
const KEY = /[\w-]{1,60}:/y;

/** The first of them that begins what could not be understood, or stands behind its colon. */
function otherSpace({ text, span }: Source, problems: readonly SyntaxProblem[]): Span | undefined {
  const endOf = (pattern: RegExp, start: number): number => {
    pattern.lastIndex = start;
    return pattern.test(text) ? pattern.lastIndex : start;
  };
  for (const { at } of problems) {
    for (const start of [at.start, at.start - 1, endOf(KEY, at.start)]) {
      const end = endOf(OTHER_SPACE, Math.max(0, start));
      if (end > start && start >= 0) return span(start, end);
    }
  }
  return undefined;
}

const slipOf = ({ text }: Source, at: Span): SyntaxProblem => {
  const marked = text.slice(at.start, at.end);
  return { kind: 'yaml-syntax', at, slip: 'other-space', marked };
};

/** The number of the last line above `offset` that says something. */
function lineBefore({ span, text }: Source, offset: number): number {
  let end = text.lastIndexOf('\n', offset - 1);
  while (end > 0) {
    const start = text.lastIndexOf('\n', end - 1) + 1;
    if (/^\s*[^\s#]/.test(text.slice(start, end))) return span(start, start).line;
    end = start - 1;
  }
  return 1;
}

const isEmpty = ({ node }: Field): boolean =>
  node.kind === 'scalar' && node.value === null && node.source === '';

/** An empty pipeline or manifest is a mistake; an empty config or settings file says nothing. */
function readNothing<T>(
  reader: Reader,
  root: Field,
  read: (reader: Reader, root: Field) => T | undefined,
): T | undefined {
  const { document } = reader;
  if (reader.unread.has(root.node)) return refuse(reader, root);
  if (document === 'pipeline' || document === 'manifest')
    return refuse(reader, root, { kind: 'empty-file', at: root.key, document });
  const { span } = root.node;
  return read(reader, { ...root, node: { kind: 'map', entries: new Map(), span } });
}

/** The first line that says something: where to show that something is missing. */
function firstLine(span: (start: number, end: number) => Span, text: string): Span {
  // Line by line: a repeated group of a regular expression would need a stack as deep.
  const blank = /[^\S\n]*(?:#.*|%.*|---[^\S\n]*)?\n/y;
  let first = 0;
  while (blank.test(text)) first = blank.lastIndex;
  const start = first < text.length ? first : 0;
  const end = text.indexOf('\n', start);
  return span(start, end === -1 ? text.length : end);
}

/** Keys that stand a level too far out repeat each other there, and would not where they belong. */
function withoutRepeated(problems: readonly SyntaxProblem[]): readonly SyntaxProblem[] {
  const inner = new Set(
    problems.flatMap(problem =>
      problem.kind === 'not-indented' ? problem.inner.map(({ start }) => start) : [],
    ),
  );
  return inner.size === 0
    ? problems
    : problems.filter(one => one.kind !== 'duplicate-key' || !inner.has(one.first.start));
}

/** In order of place; what aliases have made a reader see twice is one problem. */
function tidy(problems: readonly SyntaxProblem[]): readonly SyntaxProblem[] {
  const seen = new Set<string>();
  return problems
    .filter(problem => {
      const { kind, at } = problem;
      const missing = kind === 'missing-key' ? problem.keys.join() : '';
      const key = `${kind} ${at.start} ${at.end} ${missing}`;
      return !seen.has(key) && seen.add(key);
    })
    .sort((a, b) => a.at.start - b.at.start || a.at.end - b.at.end)
    .slice(0, LIMITS.problems);
}

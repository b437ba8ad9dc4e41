/**
 * Small readers of values: each takes a field, gives what it holds in the declared shape, or reports
 * one problem, marks the field's path as broken and gives undefined. Everything larger is made of
 * them. Unaware of which document they read.
 */
import type { Span } from '../../schema/diagnostic.ts';
import { closest } from '../closest.ts';
import { LIMITS } from '../limits.ts';
import {
  type DocumentKind,
  type Expectation,
  type Found,
  meantElsewhere,
  type Path,
} from '../problems/phrases.ts';
import type { SyntaxProblem } from '../problems/syntax.ts';
import type { Source } from '../source.ts';
import type { Entries, Spanned, Text, ValueNode } from '../syntax.ts';

export type Reader = {
  readonly document: DocumentKind;
  readonly source: Source;
  readonly problems: SyntaxProblem[];
  /** Paths of what was left out: see Broken in syntax.ts. */
  readonly broken: Set<string>;
  /** Values that could not be read as YAML; reported already. */
  readonly unread: ReadonlySet<ValueNode>;
};

/** A value and where it stands. */
export type Field = {
  readonly path: Path;
  /** The key in front of it; the value itself for an item of a list. */
  readonly key: Span;
  readonly node: ValueNode;
};

/** What a map holds under a known key. */
export type Fields = (key: string) => Field | undefined;

/** Reports, and leaves the field out. */
export function refuse(reader: Reader, field: Field, problem?: SyntaxProblem): undefined {
  if (problem !== undefined) reader.problems.push(problem);
  reader.broken.add(field.path.join('.'));
}

/** Shapes that are never computed. */
const LITERALS: ReadonlySet<Expectation> = new Set([
  'boolean',
  'number',
  'whole-number',
  'retries',
]);

/** A shape that does not fit; silent about what YAML has already refused. */
export function refuseShape(
  reader: Reader,
  field: Field,
  expected: Expectation,
  found: Found = foundIn(field.node),
): undefined {
  const { node, path } = field;
  if (reader.unread.has(node)) return refuse(reader, field);
  const at = placeOf(field);
  if (LITERALS.has(expected) && node.kind === 'text' && node.value.includes('${{'))
    return refuse(reader, field, { kind: 'expression-not-allowed', at, path });
  return refuse(reader, field, { kind: 'wrong-shape', at, path, expected, found });
}

/**
 * Nothing stands under any of `keys`. Silent where a key is there that was probably meant to be one
 * of them: it has been reported as unknown.
 */
export function refuseMissing(reader: Reader, field: Field, keys: readonly string[]): undefined {
  if (isMisspelt(field, keys) || reader.unread.has(field.node)) return refuse(reader, field);
  const { path, key: at } = field;
  const { document } = reader;
  return refuse(reader, field, { kind: 'missing-key', at, path, document, keys });
}

/** Is there a key that was probably meant to be one of `keys`? */
export function isMisspelt({ node }: Field, keys: readonly string[]): boolean {
  if (node.kind !== 'map') return false;
  return [...node.entries.keys()].some(name => {
    const meant = meantElsewhere(name) ?? closest(name, keys);
    return !keys.includes(name) && meant !== undefined && keys.includes(meant);
  });
}

/** A small value is marked itself, a large or absent one by its key. */
export const placeOf = ({ node, key }: Field): Span =>
  node.kind === 'map' || node.kind === 'list' || node.span.start === node.span.end
    ? key
    : node.span;

/** Of a text in which nothing is written. */
export const NOTHING: Found = { kind: 'nothing', source: '' };

export function foundIn(node: ValueNode): Found {
  if (node.kind === 'text') return { kind: 'text', source: node.value };
  if (node.kind !== 'scalar') return { kind: node.kind, source: '' };
  if (node.value === null) return { kind: 'nothing', source: node.source };
  return { kind: typeof node.value === 'number' ? 'number' : 'boolean', source: node.source };
}

export const child = (field: Field, name: string, key: Span, node: ValueNode): Field => ({
  path: [...field.path, name],
  key,
  node,
});

/** The fields of a map with a fixed set of keys; each unknown key is a problem of its own. */
export function readFields(
  reader: Reader,
  field: Field,
  known: readonly string[],
  expected: Expectation = 'map',
): Fields | undefined {
  const entries = readMap(reader, field, expected);
  if (entries === undefined) return undefined;
  const { document } = reader;
  const { path } = field;
  for (const { key, value } of entries.values()) {
    const { value: name, span: at } = key;
    if (known.includes(name)) continue;
    const bare = value.kind === 'scalar' && value.source === '' && value.value === null;
    reader.problems.push({ kind: 'unknown-key', at, path, document, name, known, bare });
    reader.broken.add([...path, name].join('.'));
    const meant = meantElsewhere(name) ?? closest(name, known);
    // What stands under it is in doubt, not absent.
    if (meant !== undefined && known.includes(meant)) reader.broken.add([...path, meant].join('.'));
  }
  // What it merges could not be read, and may have any of the others.
  if (reader.unread.has(field.node))
    for (const name of known) if (!entries.has(name)) reader.broken.add([...path, name].join('.'));
  return name => {
    const entry = entries.get(name);
    return entry === undefined ? undefined : child(field, name, entry.key.span, entry.value);
  };
}

export function readMap(
  reader: Reader,
  field: Field,
  expected: Expectation = 'map',
): Entries<ValueNode> | undefined {
  if (field.node.kind === 'map') {
    if (reader.unread.has(field.node)) reader.broken.add(field.path.join('.'));
    return field.node.entries;
  }
  return refuseShape(reader, field, expected);
}

/** A map from names that an author chose; nothing of it is read where there are too many. */
export function readNames(
  reader: Reader,
  field: Field,
  limit: number = LIMITS.entries,
): Entries<ValueNode> | undefined {
  const entries = readMap(reader, field);
  if (entries === undefined || entries.size <= limit) return entries;
  const { path, key: at } = field;
  return refuse(reader, field, { kind: 'too-many-names', at, path, found: entries.size, limit });
}

/** The items of a list, as fields of their own. */
export function readItems(
  reader: Reader,
  field: Field,
  expected: Expectation = 'list',
): readonly Field[] | undefined {
  const { node, path } = field;
  if (node.kind !== 'list') return refuseShape(reader, field, expected);
  return node.items.map((item, index) => ({
    path: [...path, String(index)],
    key: item.span,
    node: item,
  }));
}

/** Reads each item; those that are refused are left out. */
export function readEach<T>(
  reader: Reader,
  field: Field,
  read: (item: Field) => T | undefined,
  expected: Expectation = 'list',
): readonly T[] | undefined {
  const items = readItems(reader, field, expected)?.map(read);
  if (items === undefined) return undefined;
  const good = items.filter(item => item !== undefined);
  if (good.length < items.length) reader.broken.add(field.path.join('.'));
  return good;
}

export function readText(
  reader: Reader,
  field: Field,
  expected: Expectation = 'text',
): Text | undefined {
  const { node } = field;
  if (node.kind === 'text') return node;
  return refuseShape(reader, field, expected);
}

/** A text that says something. */
export function readFilled(
  reader: Reader,
  field: Field,
  expected: Expectation = 'text',
): Text | undefined {
  const text = readText(reader, field, expected);
  return text?.value.trim() === '' ? refuseShape(reader, field, expected, NOTHING) : text;
}

/** Text, or a number or boolean taken as the text that is written: `1.10` stays `1.10`. */
export function readWritten(reader: Reader, field: Field): Text | undefined {
  const { node } = field;
  if (node.kind !== 'scalar' || node.value === null || reader.unread.has(node))
    return readText(reader, field, 'scalar');
  const { source, span } = node;
  return {
    value: source,
    span,
    part: (from, to) => reader.source.span(span.start + from, span.start + to),
  };
}

export function readTexts(reader: Reader, field: Field): readonly Text[] | undefined {
  return readEach(reader, field, item => readText(reader, item), 'texts');
}

export const spanned = ({ value, span }: Text): Spanned<string> => ({ value, span });

/** A text that is no expression: for what has to be known before anything is computed. */
export function readLiteral(reader: Reader, field: Field): Spanned<string> | undefined {
  const text = readText(reader, field);
  if (text === undefined) return undefined;
  if (!text.value.includes('${{')) return spanned(text);
  return refuse(reader, field, { kind: 'expression-not-allowed', at: text.span, path: field.path });
}

export function readBoolean(reader: Reader, field: Field): Spanned<boolean> | undefined {
  const { node } = field;
  if (node.kind === 'scalar' && typeof node.value === 'boolean')
    return { value: node.value, span: node.span };
  return refuseShape(reader, field, 'boolean');
}

/** One of a few words. */
export function readChoice<T extends string>(
  reader: Reader,
  field: Field,
  allowed: readonly T[],
  expected: Expectation = 'text',
): Spanned<T> | undefined {
  const { node } = field;
  const isBare = node.kind === 'scalar' && node.value !== null && !reader.unread.has(node);
  const text = isBare ? readWritten(reader, field) : readText(reader, field, expected);
  if (text === undefined) return undefined;
  if (text.value.includes('${{'))
    return refuse(reader, field, {
      kind: 'expression-not-allowed',
      at: text.span,
      path: field.path,
    });
  const value = allowed.find(choice => choice === text.value);
  if (value !== undefined) return { value, span: text.span };
  const { path } = field;
  return refuse(reader, field, {
    kind: 'unknown-value',
    at: text.span,
    path,
    value: text.value,
    allowed,
  });
}

/**
 * The nodes of a YAML document to the compiler's own values: scalars read by the core schema,
 * anchors and merge keys resolved, each value with its place. Aliases share what they stand for,
 * and what they all stand for together is bounded, so no later walk can explode. Own data only:
 * keys live in Maps, so `__proto__` is a key like any other. Unaware of the pipeline language.
 */
import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Span } from '../../schema/diagnostic.ts';
import { LIMITS } from '../limits.ts';
import type { SyntaxProblem } from '../problems/syntax.ts';
import type { Source } from '../source.ts';
import type { Entries, Spanned, ValueNode } from '../syntax.ts';
import { rangeOf } from './range.ts';
import type { Lost } from './recover.ts';
import { plainScalar } from './scalar.ts';
import type { Slip } from './slips.ts';
import { type Style, text, type Written } from './text.ts';

export type Tree = {
  readonly root: ValueNode;
  /** Stand-ins for what could not be read; its problem is reported. Never to be looked into. */
  readonly broken: ReadonlySet<ValueNode>;
  readonly problems: readonly SyntaxProblem[];
};

type Size = { readonly values: number; readonly depth: number };

type Walk = {
  readonly source: Source;
  readonly slips: ReadonlyMap<number, Slip>;
  readonly lost: Lost;
  readonly problems: SyntaxProblem[];
  readonly broken: Set<ValueNode>;
  /** Undefined while the anchored value itself is being read. */
  readonly anchors: Map<string, ValueNode | undefined>;
  /** With aliases followed; scalars are one value of depth zero and stand in no table. */
  readonly sizes: Map<ValueNode, Size>;
  aliased: number;
  tooDeep: number;
};

const SCALAR_SIZE: Size = { values: 1, depth: 0 };

export function tree(
  source: Source,
  document: Document,
  { slips, lost }: { readonly slips: readonly Slip[]; readonly lost: Lost },
): Tree {
  const walk: Walk = {
    source,
    lost,
    slips: new Map(slips.map(slip => [slip.start, slip])),
    problems: [],
    broken: new Set(),
    anchors: new Map(),
    sizes: new Map(),
    aliased: 0,
    tooDeep: 0,
  };
  const root = read(walk, document.contents, 0);
  return { root, broken: walk.broken, problems: walk.problems };
}

/** `near` is where an absent value would stand. */
function read(walk: Walk, node: unknown, near: number): ValueNode {
  if (isAlias(node)) return readAlias(walk, node.source, placeOf(walk, node, near));
  const at = placeOf(walk, node, near);
  if (!(isScalar(node) || isSeq(node) || isMap(node)))
    return { kind: 'scalar', source: '', value: null, span: at };
  const { anchor } = node;
  if (anchor !== undefined) walk.anchors.set(anchor, undefined);
  const value = readTagged(walk, node, at);
  if (anchor !== undefined) walk.anchors.set(anchor, value);
  return value;
}

function readTagged(walk: Walk, node: Scalar | YAMLMap | YAMLSeq, at: Span): ValueNode {
  const { tag } = node;
  if (isScalar(node)) return readScalar(walk, node, tag, at);
  if (tag !== undefined && tag !== `${CORE}${isSeq(node) ? 'seq' : 'map'}`)
    return refuseTag(walk, at, tag);
  return isSeq(node) ? readList(walk, node.items, at) : readMap(walk, node, at);
}

const CORE = 'tag:yaml.org,2002:';

function readScalar(walk: Walk, node: Scalar, tag: string | undefined, at: Span): ValueNode {
  const slip = walk.slips.get(at.start);
  const value = slip === undefined ? String(node.value ?? '') : slip.text;
  const style = STYLES[node.type ?? 'PLAIN'] ?? 'block';
  const written: Written = { value, style, start: at.start, end: at.end };
  const asText = (): ValueNode => textNode(walk, written);
  if (tag === `${CORE}str` || tag === '!') return asText();
  if (tag !== undefined) return refuseTag(walk, at, tag);
  if (slip !== undefined || style !== 'plain') return asText();
  const scalar = plainScalar(value);
  return scalar.kind === 'text'
    ? asText()
    : { kind: 'scalar', value: scalar.value, source: value, span: at };
}

function textNode(walk: Walk, written: Written): ValueNode {
  const made = text(walk.source, written);
  const nul = written.value.indexOf('\0');
  if (nul === -1) return { kind: 'text', ...made };
  return refuse(walk, { kind: 'nul-character', at: made.part(nul, nul + 1) });
}

const STYLES: Readonly<Record<string, Style>> = {
  PLAIN: 'plain',
  QUOTE_SINGLE: 'single',
  QUOTE_DOUBLE: 'double',
};

function readList(walk: Walk, nodes: readonly unknown[], at: Span): ValueNode {
  const items: ValueNode[] = [];
  for (const node of nodes) items.push(readItem(walk, node, at));
  return measured(walk, { kind: 'list', items, span: at }, items);
}

/** `[a: 1]` is a list of one map, in YAML. */
function readItem(walk: Walk, node: unknown, at: Span): ValueNode {
  return isPair(node) ? readMap(walk, { items: [node] }, at) : read(walk, node, at.start);
}

type Entry = { readonly key: Spanned<string>; readonly value: ValueNode };

function readMap(walk: Walk, node: { readonly items: readonly unknown[] }, at: Span): ValueNode {
  const own = new Map<string, Entry>();
  const merged = new Map<string, Entry>();
  let merge: Spanned<string> | undefined;
  let whole = true;
  for (const pair of node.items) {
    if (!isPair(pair)) continue;
    if (isMap(pair.key)) return refuseBraces(walk, at);
    const key = readKey(walk, pair.key, at);
    if (key === undefined) {
      read(walk, pair.value, at.start);
      continue;
    }
    const { value: name, span } = key;
    const value = walk.lost.keys.has(span.start)
      ? standIn(walk, walk.source.span(span.end, span.end))
      : read(walk, pair.value, span.end);
    const first = key.merge ? merge : own.get(name)?.key;
    if (first !== undefined)
      walk.problems.push({ kind: 'duplicate-key', at: span, name, first: first.span });
    else if (key.merge) {
      merge = key;
      whole = mergeInto(merged, value, walk);
    } else own.set(name, { key: { value: name, span }, value });
  }
  const entries: Entries<ValueNode> = new Map([...merged, ...own]);
  const values = [...entries.values()].map(entry => entry.value);
  const map: ValueNode = { kind: 'map', entries, span: at };
  if (!whole) walk.broken.add(map);
  return measured(walk, map, values);
}

/** `{{ x }}`, an expression without its dollar sign; a map as a key is never meant. */
function refuseBraces(walk: Walk, at: Span): ValueNode {
  const braces = walk.source.text.slice(at.start, at.end);
  const whole = /^\{\{[^{}\n]{0,200}\}\}$/.test(braces);
  return refuse(walk, { kind: 'key-not-text', at, braces: whole ? braces : undefined });
}

function readKey(
  walk: Walk,
  node: unknown,
  map: Span,
): (Spanned<string> & { readonly merge: boolean }) | undefined {
  const at = placeOf(walk, node, map.start);
  if (!isScalar(node) || (node.tag !== undefined && node.tag !== `${CORE}str`)) {
    walk.problems.push({ kind: 'key-not-text', at, braces: undefined });
    return undefined;
  }
  const value = String(node.value ?? '');
  if (value === '' && node.type === 'PLAIN') {
    walk.problems.push({ kind: 'key-not-text', at, braces: undefined });
    return undefined;
  }
  const span = walk.source.span(at.start, at.end);
  const key = { value, span, merge: node.type === 'PLAIN' && value === '<<' };
  if (node.anchor !== undefined)
    walk.anchors.set(node.anchor, readScalar(walk, node, undefined, at));
  return key;
}

/**
 * Earlier maps of a list win over later ones; a map's own keys win over all of them. Tells whether
 * it is known what they all hold.
 */
function mergeInto(merged: Map<string, Entry>, value: ValueNode, walk: Walk): boolean {
  let whole = true;
  for (const map of value.kind === 'list' ? value.items : [value]) {
    if (walk.broken.has(map)) whole = false;
    else if (map.kind !== 'map') walk.problems.push({ kind: 'bad-merge', at: map.span });
    if (map.kind !== 'map') continue;
    for (const [name, entry] of map.entries) if (!merged.has(name)) merged.set(name, entry);
  }
  return whole;
}

function readAlias(walk: Walk, name: string, at: Span): ValueNode {
  if (walk.lost.anchors.has(name)) return standIn(walk, at);
  if (!walk.anchors.has(name))
    return refuse(walk, { kind: 'unknown-alias', at, name, known: anchorsOf(walk) });
  const value = walk.anchors.get(name);
  if (value === undefined) return refuse(walk, { kind: 'alias-cycle', at, name });
  const before = walk.aliased;
  walk.aliased += sizeOf(walk, value).values;
  if (walk.aliased <= LIMITS.aliasedValues) return value;
  // Said once: all further aliases are over the limit as well.
  return before > LIMITS.aliasedValues
    ? standIn(walk, at)
    : refuse(walk, { kind: 'alias-expansion', at, name });
}

/** A few are enough to find the one that was meant; a broken generator makes thousands. */
const anchorsOf = (walk: Walk): readonly string[] => [...walk.anchors.keys()].slice(-1_000);

const sizeOf = (walk: Walk, value: ValueNode): Size => walk.sizes.get(value) ?? SCALAR_SIZE;

function measured(walk: Walk, value: ValueNode, children: readonly ValueNode[]): ValueNode {
  let values = 1;
  let depth = 0;
  for (const child of children) {
    const size = sizeOf(walk, child);
    values += size.values;
    depth = Math.max(depth, size.depth);
  }
  // Only aliases can get here: the parser has bounded what is written out.
  if (depth >= LIMITS.nesting) {
    walk.tooDeep += 1;
    const { span: at } = value;
    return walk.tooDeep > 1
      ? standIn(walk, at)
      : refuse(walk, {
          kind: 'nested-too-deep',
          at,
          through: walk.aliased > 0 ? 'aliases' : 'brackets',
        });
  }
  walk.sizes.set(value, { values, depth: depth + 1 });
  return value;
}

function refuse(walk: Walk, problem: SyntaxProblem): ValueNode {
  if (walk.problems.length < LIMITS.problems) walk.problems.push(problem);
  return standIn(walk, problem.at);
}

function standIn(walk: Walk, at: Span): ValueNode {
  const value: ValueNode = { kind: 'scalar', source: '', value: null, span: at };
  walk.broken.add(value);
  return value;
}

function refuseTag(walk: Walk, value: Span, tag: string): ValueNode {
  if (walk.problems.length >= LIMITS.problems) return standIn(walk, value);
  const at = tagSpan(walk, value);
  const { text } = walk.source;
  const line =
    text
      .slice(Math.max(0, at.start - LONGEST_TAG), at.end)
      .split('\n')
      .at(-1) ?? '';
  return refuse(walk, { kind: 'custom-tag', at, tag, line });
}

const LONGEST_TAG = 200;

/** From the tag's `!` to the end of its name, which stands before the value. */
function tagSpan(walk: Walk, at: Span): Span {
  const from = Math.max(0, at.start - LONGEST_TAG);
  const before = walk.source.text.slice(from, at.start);
  const tag = /![^\s,[\]{}]*(?=\s*(?:&\S*\s*)?$)/.exec(before);
  if (tag === null) return at;
  const start = from + tag.index;
  return walk.source.span(start, start + tag[0].length);
}

function placeOf(walk: Walk, node: unknown, near: number): Span {
  const range = rangeOf(node);
  return range === undefined
    ? walk.source.span(near, near)
    : walk.source.span(range.start, range.end);
}

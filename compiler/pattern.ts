/**
 * Regular expressions that cannot hang: the syntax is JavaScript's (flag `u`), the matching is that
 * of a nondeterministic automaton, all of its states at once (Thompson 1968), so time grows with the
 * length of pattern × text and never faster. What only backtracking can do, looking around and
 * referring back, is refused. A pattern matches the whole text or not. Unaware of parameters.
 */
import { LIMITS } from './limits.ts';
import { type PatternNode, parsePattern } from './pattern-syntax.ts';

export type Pattern =
  | { readonly ok: true; readonly matches: (text: string) => boolean }
  | { readonly ok: false; readonly flaw: PatternFlaw };

export type PatternFlaw = 'length' | 'syntax' | 'backtracking' | 'size';

/** One step of the automaton: take a character, go two ways, or ask for the text's edge. */
type State =
  | {
      readonly kind: 'character';
      readonly accepts: (character: string) => boolean;
      readonly next: number;
    }
  | { readonly kind: 'fork'; readonly first: number; readonly second: number }
  | { readonly kind: 'edge'; readonly edge: 'start' | 'end'; readonly next: number }
  | { readonly kind: 'match' };

export function compilePattern(source: string): Pattern {
  if (source.length > LIMITS.patternLength) return { ok: false, flaw: 'length' };
  if (!isRegularExpression(source)) return { ok: false, flaw: 'syntax' };
  const node = parsePattern(source);
  if (node === undefined) return { ok: false, flaw: 'backtracking' };
  const states: State[] = [{ kind: 'match' }];
  const start = build(states, node, 0);
  if (start === undefined) return { ok: false, flaw: 'size' };
  return { ok: true, matches: text => simulate(states, start, [...text]) };
}

function isRegularExpression(source: string): boolean {
  try {
    new RegExp(source, 'u');
    return true;
  } catch {
    return false; // The engine knows the syntax best; its words are not for authors.
  }
}

/** Builds backwards, from what comes next; undefined once there are too many states. */
function build(states: State[], node: PatternNode, next: number): number | undefined {
  if (states.length > LIMITS.patternStates) return undefined;
  switch (node.kind) {
    case 'character':
      return states.push({ kind: 'character', accepts: node.accepts, next }) - 1;
    case 'edge':
      return states.push({ kind: 'edge', edge: node.edge, next }) - 1;
    case 'sequence':
      return node.items.reduceRight<number | undefined>(
        (after, item) => (after === undefined ? undefined : build(states, item, after)),
        next,
      );
    case 'choice':
      return node.items
        .map(item => build(states, item, next))
        .reduce((first, second) => {
          if (first === undefined || second === undefined) return undefined;
          return states.push({ kind: 'fork', first, second }) - 1;
        });
    case 'repeat':
      return buildRepeat(states, node, next);
  }
}

function buildRepeat(
  states: State[],
  { item, least, most }: Extract<PatternNode, { kind: 'repeat' }>,
  next: number,
): number | undefined {
  let entry: number | undefined = next;
  if (most === undefined) {
    const loop = states.push({ kind: 'match' }) - 1;
    const body = build(states, item, loop);
    if (body === undefined) return undefined;
    states[loop] = { kind: 'fork', first: body, second: next };
    entry = loop;
  }
  for (let optional = least; most !== undefined && optional < most; optional += 1) {
    const body: number | undefined = entry === undefined ? undefined : build(states, item, entry);
    if (body === undefined) return undefined;
    entry = states.push({ kind: 'fork', first: body, second: next }) - 1;
  }
  for (let needed = 0; needed < least && entry !== undefined; needed += 1)
    entry = build(states, item, entry);
  return entry;
}

function simulate(states: readonly State[], start: number, text: readonly string[]): boolean {
  let now = reach(states, [start], { start: true, end: text.length === 0 });
  for (const [index, character] of text.entries()) {
    const next: number[] = [];
    for (const at of now) {
      const state = states[at];
      if (state?.kind === 'character' && state.accepts(character)) next.push(state.next);
    }
    if (next.length === 0) return false;
    now = reach(states, next, { start: false, end: index === text.length - 1 });
  }
  return now.has(0);
}

/** All states that are reached without taking a character. */
function reach(
  states: readonly State[],
  from: readonly number[],
  edges: { readonly start: boolean; readonly end: boolean },
): ReadonlySet<number> {
  const reached = new Set<number>();
  const open = [...from];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (reached.has(at)) continue;
    reached.add(at);
    const state = states[at];
    if (state?.kind === 'fork') open.push(state.second, state.first);
    if (state?.kind === 'edge' && edges[state.edge]) open.push(state.next);
  }
  return reached;
}

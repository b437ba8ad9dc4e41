/**
 * Where a text is no YAML: what else is wrong with it. The entry that holds the mistake is painted
 * over and the rest is read again, as often as it takes. Nothing is said that might only follow
 * from a mistake above. Unaware of what the text is for.
 */
import type { SyntaxProblem } from '../problems/syntax.ts';
import type { Source } from '../source.ts';
import { type Composed, compose, isLocal } from './compose.ts';
import { anchorsIn, type Entry, entryAt, namesIn, type Unclear } from './entry.ts';

/** What was painted over, so that nobody takes it for absent. */
export type Lost = {
  /** Offsets of the keys that were left standing, without what belongs to them. */
  readonly keys: ReadonlySet<number>;
  /** Names of the document, `steps.train`, that may have stood there. */
  readonly paths: ReadonlySet<string>;
  readonly anchors: ReadonlySet<string>;
};

export const NOTHING_LOST: Lost = { keys: new Set(), paths: new Set(), anchors: new Set() };

/** From a mistake to the end of what it has confused. */
export type Confused = { readonly start: number; readonly end: number };

export type Recovered = {
  readonly composed: Composed;
  readonly problems: readonly SyntaxProblem[];
  readonly lost: Lost;
  readonly confused: readonly Confused[];
  /** Offset from which on the text could not be relied on; undefined when all of the rest could. */
  readonly brokenFrom: number | undefined;
};

/** Readings of one text: who has made more mistakes sees them after these. */
const MOST_ROUNDS = 20;
/** Characters that may be read again in all: a reading of a large text takes half a second. */
const MOST_CHARACTERS = 300_000;

/** `first`: what reading the whole of `text` has come to. */
export function recover(source: Source, text: string, first: Composed): Recovered {
  const all: Recovered = {
    composed: first,
    problems: first.problems,
    lost: NOTHING_LOST,
    confused: [],
    brokenFrom: undefined,
  };
  const broken = first.problems.find(problem => !isLocal(problem));
  if (broken === undefined || first.document === undefined) return all;
  const found: SyntaxProblem[] = [...first.problems];
  const rest = withoutBroken(source, text, { broken, found });
  if (!('from' in rest)) return { ...all, ...rest, problems: found };
  const start = Math.min(broken.at.start, rest.from);
  const confused = [{ start, end: text.length }];
  return { ...all, problems: found, confused, brokenFrom: start };
}

type Search = { readonly broken: SyntaxProblem; readonly found: SyntaxProblem[] };

/** Where it is not certain what belongs to a mistake: from where on not. */
function withoutBroken(
  source: Source,
  text: string,
  { broken, found }: Search,
): Pick<Recovered, 'composed' | 'lost' | 'confused'> | Unclear {
  const lost = { keys: new Set<number>(), paths: new Set<string>(), anchors: new Set<string>() };
  const rounds = Math.min(MOST_ROUNDS, Math.floor(MOST_CHARACTERS / text.length));
  const confused: Confused[] = [];
  let rest = text;
  let last = broken;
  let certain = true;
  for (let round = 0; round < rounds; round += 1) {
    const entry = entryAt(rest, last.at.start);
    if ('from' in entry) return entry;
    confused.push({ start: last.at.start, end: entry.end });
    lose(lost, entry, rest.slice(entry.start, entry.end));
    // What a nameless key of the document was meant to be, nobody can tell.
    certain &&= entry.key !== undefined || entry.area !== undefined;
    rest = paintOver(rest, entry);
    const composed = compose(source, rest);
    const next = composed.problems.find(problem => !isLocal(problem));
    if (next !== undefined && isDoubtful(text, next, last)) return NOWHERE;
    found.push(...composed.problems.filter(problem => isNew(problem, found)));
    if (next === undefined) return certain ? { composed, lost, confused } : NOWHERE;
    last = next;
  }
  return NOWHERE;
}

/** No sooner than from the mistake itself. */
const NOWHERE: Unclear = { from: Number.POSITIVE_INFINITY };

type Losing = {
  readonly keys: Set<number>;
  readonly paths: Set<string>;
  readonly anchors: Set<string>;
};

function lose({ keys, paths, anchors }: Losing, { key, area }: Entry, text: string): void {
  if (key !== undefined) keys.add(key.start);
  if (area !== undefined) for (const name of namesIn(text)) paths.add(`${area}.${name}`);
  for (const name of anchorsIn(text)) anchors.add(name);
}

/** Spaces take the place of what is lost, so that every offset stays. */
function paintOver(text: string, { start, end, key }: Entry): string {
  const from = key?.end ?? start;
  return text.slice(0, from) + text.slice(from, end).replace(/[^\n]/g, ' ') + text.slice(end);
}

/** What shows only now, and above, or begins a line with what belongs to `last`, follows from it. */
const isDoubtful = (text: string, next: SyntaxProblem, last: SyntaxProblem): boolean =>
  next.kind !== 'yaml-syntax' ||
  next.at.start <= last.at.start ||
  (/^[\]},]/.test(next.marked) && /(?:^|\n)[ \t]*$/.test(text.slice(0, next.at.start).slice(-200)));

/** Who has typed one tab, or pasted one odd space, has done so in many lines. */
const isNew = (problem: SyntaxProblem, found: readonly SyntaxProblem[]): boolean =>
  !found.some(
    ({ kind, at, ...known }) =>
      kind === problem.kind &&
      (at.start === problem.at.start ||
        ('slip' in known && known.slip === 'tab' && 'slip' in problem && problem.slip === 'tab')),
  );

/**
 * Secrets: found when a run starts (environment first, then `.env`), given to steps that name them,
 * and masked wherever bytes of a step become visible. Their values are never written anywhere.
 */
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { PlanStep } from '../schema/plan.ts';
import { readRegularText } from '../store/regular-file.ts';

export type Secrets = ReadonlyMap<string, string>;

const MASK = Buffer.from('***');

type Environment = Readonly<Record<string, string | undefined>>;

/** Of those that the steps name the ones that have a value. A step whose secret has none does not start. */
export function readSecrets(
  steps: readonly Pick<PlanStep, 'secrets'>[],
  project: string,
  environment: Environment,
): Secrets {
  const names = new Set(steps.flatMap(({ secrets }) => secrets));
  if (names.size === 0) return new Map();
  const file = dotEnv(project);
  const found = [...names].map(name => [name, environment[name] ?? file[name]] as const);
  return new Map(found.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** Of one that has no value. */
export const unsetText = (name: string): string =>
  `secret \`${name}\` is set neither in the environment nor in .env`;

/** Where there is none, or it may not be read, the environment alone decides. */
const dotEnv = (project: string): Environment =>
  parseEnv(readRegularText(join(project, '.env')) ?? '');

/** What has to be hidden: each value, and each line of one that has several. Longest first. */
const needles = (secrets: Secrets): readonly Buffer[] =>
  [...new Set([...secrets.values()].flatMap(value => [value, ...value.split(/\r?\n/)]))]
    .filter(text => text.trim() !== '')
    .sort((a, b) => b.length - a.length)
    .map(text => Buffer.from(text));

export type Mask = {
  /** Masks what has come so far; holds back an end that may be the start of a secret. */
  readonly push: (chunk: Buffer) => Buffer;
  /** What was held back. */
  readonly end: () => Buffer;
};

/** For one stream of bytes, cut into chunks wherever it pleases. */
export function maskStream(secrets: Secrets): Mask {
  const hidden = needles(secrets);
  if (hidden.length === 0) return { push: chunk => chunk, end: () => Buffer.alloc(0) };
  let held: Buffer = Buffer.alloc(0);
  return {
    push: chunk => {
      const { done, rest } = replaceAll(Buffer.concat([held, chunk]), hidden, openEnd);
      held = rest;
      return done;
    },
    end: () => {
      // What was held for a longer secret's sake may hold a shorter one.
      const { done } = replaceAll(held, hidden, bytes => bytes.length);
      held = Buffer.alloc(0);
      return done;
    },
  };
}

/** For a text that is whole. */
export function maskText(text: string, secrets: Secrets): string {
  if (secrets.size === 0) return text;
  const mask = maskStream(secrets);
  return Buffer.concat([mask.push(Buffer.from(text)), mask.end()]).toString('utf8');
}

function replaceAll(
  bytes: Buffer,
  hidden: readonly Buffer[],
  undecidedFrom: typeof openEnd,
): { readonly done: Buffer; readonly rest: Buffer } {
  const parts: Buffer[] = [];
  const search = searcher(bytes, hidden);
  let from = 0;
  let open = undecidedFrom(bytes, hidden, from);
  for (;;) {
    const next = search(from);
    // A longer secret may begin there, and end in what is still to come.
    if (next === undefined || open <= next.at) {
      parts.push(bytes.subarray(from, open));
      return { done: Buffer.concat(parts), rest: Buffer.from(bytes.subarray(open)) };
    }
    parts.push(bytes.subarray(from, next.at), MASK);
    from = next.at + next.length;
    if (from > open) open = undecidedFrom(bytes, hidden, from);
  }
}

/** Finds the earliest secret from an ascending position on; of two that start together the longer. */
function searcher(bytes: Buffer, hidden: readonly Buffer[]) {
  const positions = hidden.map(needle => ({ needle, at: bytes.indexOf(needle) }));
  return (from: number): { readonly at: number; readonly length: number } | undefined => {
    let first: { at: number; length: number } | undefined;
    for (const position of positions) {
      const { needle } = position;
      if (position.at >= 0 && position.at < from) position.at = bytes.indexOf(needle, from);
      const { at } = position;
      if (at >= 0 && (first === undefined || at < first.at)) first = { at, length: needle.length };
    }
    return first;
  };
}

/** Where the longest end begins that is a proper start of some secret; the length if none. */
function openEnd(bytes: Buffer, hidden: readonly Buffer[], from: number): number {
  let open = bytes.length;
  for (const needle of hidden) {
    const longest = Math.min(needle.length - 1, bytes.length - from);
    for (let size = longest; size > bytes.length - open; size -= 1) {
      const start = bytes.length - size;
      if (bytes.subarray(start).equals(needle.subarray(0, size))) {
        open = start;
        break;
      }
    }
  }
  return open;
}

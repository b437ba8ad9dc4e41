/**
 * Files that whoever started this process has left open to it. A child would get them as well, and
 * could read or hold what no key tells of. Known where there is a /proc. Unaware of attempts.
 */
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { quietly } from '../quietly.ts';

export type Stream = 'ignore' | 'pipe' | number;

/** What is beyond is closed for good: to put nothing in its place takes streams up to there, for each child. */
const HIGHEST = 4_096;
const CLOSES_ON_EXEC = 0o2000000;

/** A child's streams: those that it is to have, and nothing in the place of what it would inherit. */
export function withoutInherited(streams: readonly Stream[]): Stream[] {
  const inherited = descriptors().filter(fd => fd >= streams.length);
  const all = [...streams];
  for (const fd of inherited) {
    while (all.length <= fd) all.push('ignore');
    all[fd] = nothing();
  }
  return all;
}

/** Node marks what it opens itself, and of the others those with low numbers: these have high ones. */
const descriptors = asked((): readonly number[] => {
  const open = (quietly(() => readdirSync('/proc/self/fd')) ?? [])
    .map(Number)
    .filter(fd => fd > 2 && isPassedOn(fd))
    .sort((a, b) => a - b);
  // Each wants a second number for a moment, beyond all those that the child gets.
  const end = Math.min(mostOpen() / 2, HIGHEST);
  for (const fd of open.filter(fd => fd >= end)) quietly(() => closeSync(fd));
  return open.filter(fd => fd < end);
});

/** No number from this on can be opened, nor anything be put in its place; it may be open since before. */
function mostOpen(): number {
  const limits = quietly(() => readFileSync('/proc/self/limits', 'utf8'));
  return Number(/^Max open files +(\d+)/m.exec(limits ?? '')?.[1] ?? HIGHEST);
}

function isPassedOn(fd: number): boolean {
  const info = quietly(() => readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'));
  const flags = /^flags:\s+([0-7]+)$/m.exec(info ?? '')?.[1];
  return flags !== undefined && (Number.parseInt(flags, 8) & CLOSES_ON_EXEC) === 0;
}

/** What is `ignore`d from the fourth on is left as it is; this is not. */
const nothing = asked(() => openSync('/dev/null', 'r+'));

/** Once for the whole process. */
function asked<T>(answer: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => {
    known ??= { value: answer() };
    return known.value;
  };
}

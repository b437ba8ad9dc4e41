/**
 * A thousand short attempts leave nothing behind, however they end: part of what every executor is
 * held to (conformance.ts). Unaware of how an attempt runs.
 */
import { randomUUID } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { grown, heldObjects, holdingsOf, leakWarnings } from '../testing/holdings.ts';
import { plainAttempt } from '../testing/plain-attempt.ts';
import type { Attempt, Executor, Termination } from './executor.ts';

const ATTEMPTS = 1_000;
/** As a run has them. */
const AT_ONCE = 8;
/** What is made once for all has been made after so many. */
const FIRST_ATTEMPTS = 40;
/** What may have come since; one attempt in fifty that keeps something is seen. */
const MORE_OBJECTS = ATTEMPTS / 50;
const MORE_BYTES = 1024 * 1024;
/** A connection may still be closing when the attempt is over. */
const SETTLED_MS = 10_000;
/** Far above what it takes: a new container costs the engine a third of a second. */
export const LEAKS_TIMEOUT_MS = 30 * 60_000;

/** An executor that nobody else uses. */
export type Alone = {
  readonly executor: Executor;
  /** Ends what it has kept for attempts to come. */
  readonly close: () => Promise<void>;
  /** What its attempts share, and may listen to. */
  readonly shared: readonly EventEmitter[];
};

export const onlyExecutor = (executor: Executor): Alone => ({
  executor,
  close: async () => undefined,
  shared: [],
});

type Ending = {
  readonly script: string;
  readonly termination: Partial<Termination>;
  readonly changes?: Partial<Attempt>;
  readonly isCancelled?: true;
};

const WELL: Ending = { script: 'echo x', termination: { kind: 'exited', code: 0 } };

/** One attempt in five, by turns: each lets go of what it holds in another place. */
const OTHERS: readonly Ending[] = [
  { script: 'echo x >&2; exit 3', termination: { kind: 'exited', code: 3 } },
  { script: 'kill -SEGV $$', termination: { kind: 'killed', signal: 'SIGSEGV' } },
  { script: '', changes: { command: ['no-such'] }, termination: { kind: 'not-started' } },
  { script: 'echo x; sleep 300', isCancelled: true, termination: { kind: 'cancelled' } },
];

const endingOf = (index: number): Ending =>
  (index % 5 === 0 ? OTHERS[(index / 5) % OTHERS.length] : undefined) ?? WELL;

/** What the attempts are given by their surroundings. */
export type Given = {
  readonly workdir: string;
  readonly setting: () => Partial<Attempt>;
};

/** What is the same for all attempts of a run. */
type Run = {
  readonly home: string;
  readonly signal: AbortSignal;
  readonly kill: AbortSignal;
};

export async function expectNoLeak(open: () => Alone, given: Given): Promise<void> {
  const [signal, kill] = [new AbortController().signal, new AbortController().signal];
  const run = { home: randomUUID(), signal, kill };
  const emitters = await execute(FIRST_ATTEMPTS, open(), run, given);
  const holdings = () => holdingsOf({ signals: [signal, kill], emitters });
  using warnings = leakWarnings();
  const [before, objectsBefore] = [holdings(), heldObjects()];
  await execute(ATTEMPTS, open(), run, given);
  await expect.poll(() => grown(before, holdings()), { timeout: SETTLED_MS }).toEqual({});
  const { bytes, ...objects } = heldObjects();
  expect(bytes - objectsBefore.bytes).toBeLessThan(MORE_BYTES);
  expect(objects).toEqual({
    timers: atMost(objectsBefore.timers + MORE_OBJECTS),
    emitters: atMost(objectsBefore.emitters + MORE_OBJECTS),
    signals: atMost(objectsBefore.signals + MORE_OBJECTS),
  });
  expect(warnings.seen).toEqual([]);
}

const atMost = (most: number): unknown =>
  expect.toSatisfy(count => count <= most, `at most ${most}`);

/** Returns what they have shared, and may still be listened to. */
async function execute(count: number, alone: Alone, run: Run, given: Given) {
  const { executor, close, shared } = alone;
  let next = 0;
  const lane = async () => {
    while (next < count) await executeOne(executor, next++, run, given);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  await close();
  expect((await executor.orphans?.(run.home, async () => true)) ?? []).toEqual([]);
  return shared;
}

async function executeOne(executor: Executor, index: number, run: Run, given: Given) {
  const { script, changes, termination, isCancelled } = endingOf(index);
  const workdir = join(given.workdir, `${index}`);
  const abort = new AbortController();
  const attempt: Attempt = {
    ...plainAttempt(workdir, script),
    ...given.setting(),
    labels: { home: run.home, run: run.home, key: `${index}` },
    timeoutMs: LEAKS_TIMEOUT_MS,
    kill: run.kill,
    onRunning: gauge => void gauge.read('quick'),
    onOutput: () => isCancelled && abort.abort(),
    ...changes,
  };
  await executor.reserve?.(attempt);
  mkdirSync(workdir, { recursive: true });
  const end = await executor.execute(attempt, isCancelled ? abort.signal : run.signal);
  expect(end).toMatchObject(termination);
  await executor.release?.(workdir);
  rmSync(workdir, { recursive: true, force: true });
}

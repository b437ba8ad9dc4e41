import { expect, test } from 'vitest';
import type { Failure } from '../schema/event.ts';
import type { Retries } from '../schema/plan.ts';
import type { Termination } from './executors/executor.ts';
import { failureOf, resourcesAfter, retryAfter } from './termination.ts';

test.each<[Termination, Failure | undefined]>([
  [{ kind: 'exited', code: 0 }, undefined],
  [
    { kind: 'exited', code: 2 },
    { class: 'exit', code: 2, hint: null },
  ],
  [
    { kind: 'killed', signal: 'SIGSEGV' },
    { class: 'killed', signal: 'SIGSEGV' },
  ],
  [{ kind: 'timed-out' }, { class: 'timed-out', timeoutMs: 5 }],
  [{ kind: 'out-of-memory' }, { class: 'out-of-memory', usedBytes: 7, limitBytes: 8 }],
  [
    { kind: 'out-of-disk', usedBytes: 12 },
    { class: 'out-of-disk', usedBytes: 12, limitBytes: 9 },
  ],
  [
    { kind: 'not-started', message: 'm' },
    { class: 'not-started', message: 'm' },
  ],
  [
    { kind: 'input-replaced', path: 'p' },
    { class: 'unstable-input', paths: ['p'] },
  ],
  [
    { kind: 'lost', message: 'm' },
    { class: 'lost', message: 'm' },
  ],
])('%j means %j', (termination, failure) => {
  const memory = { usedBytes: 7, limitBytes: 8 };
  expect(failureOf(termination, { timeoutMs: 5, diskBytes: 9, memory })).toEqual(failure);
});

const all: Retries = { max: 3, on: ['exit', 'timeout', 'oom', 'lost'], backoffMs: 1000 };
const exit: Failure = { class: 'exit', code: 1, hint: null };

test.each<[string, Failure, number, Retries, number | undefined]>([
  ['first', exit, 1, all, 1000],
  ['second', exit, 2, all, 2000],
  ['third', exit, 3, all, 4000],
  ['no more', exit, 4, all, undefined],
  ['not for this cause', exit, 1, { ...all, on: ['lost'] }, undefined],
  ['a signal counts as an exit', { class: 'killed', signal: 'SIGBUS' }, 1, all, 1000],
  ['never for a bad output', { class: 'bad-output', message: '' }, 1, all, undefined],
  [
    'never for a full disk',
    { class: 'out-of-disk', usedBytes: 2, limitBytes: 1 },
    1,
    all,
    undefined,
  ],
  ['never for what did not start', { class: 'not-started', message: '' }, 1, all, undefined],
  ['never beyond a quarter of an hour', exit, 20, { ...all, max: 30 }, 900_000],
])('%s', (_, failure, attempt, retries, waitMs) => {
  expect(retryAfter(failure, attempt, retries)).toBe(waitMs);
});

test.each([
  [{ class: 'out-of-memory' } as const, 1.5, 150],
  [{ class: 'out-of-memory' } as const, undefined, 100],
  [{ class: 'lost', message: '' } as const, 1.5, 100],
])('after %j with a factor of %s it is given %d bytes', (failure, memoryFactor, bytes) => {
  const resources = {
    cpus: 1,
    memoryBytes: 100,
    gpus: 0,
    gpuMemoryBytes: null,
    shmBytes: null,
    diskBytes: null,
  };
  const factor = memoryFactor === undefined ? {} : { memoryFactor };
  const retries = { max: 2, on: [], backoffMs: 0, ...factor };
  expect(resourcesAfter(failure, { resources, retries }).memoryBytes).toBe(bytes);
});

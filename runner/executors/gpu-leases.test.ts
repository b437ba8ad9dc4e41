import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stepId } from '../../schema/id.ts';
import type { Attempt, Executor, Termination } from './executor.ts';
import { heldGpus, leaseGpus } from './gpu-leases.ts';
import { parseGpus } from './gpus.ts';

const GIB = 1024 ** 3;
const gpus = parseGpus('GPU-a, 0, Small, 16384\nGPU-b, 1, Large, 81920\nGPU-c, 2, Large, 81920');

let locks = '';
beforeAll(() => {
  locks = mkdtempSync(join(tmpdir(), 'sluice-gpus-'));
});
afterAll(() => rmSync(locks, { recursive: true }));

const attemptFor = (count: number, changes: Partial<Attempt> = {}): Attempt => ({
  step: stepId('tried'),
  command: ['true'],
  workdir: '/',
  env: { A: '1' },
  resources: {
    cpus: 1,
    memoryBytes: null,
    gpus: count,
    gpuMemoryBytes: null,
    shmBytes: null,
    diskBytes: null,
  },
  timeoutMs: null,
  container: null,
  onOutput: () => undefined,
  ...changes,
});

/** Keeps each attempt until it is let go. */
function holding() {
  const held: { readonly attempt: Attempt; readonly end: () => void }[] = [];
  const arrivals: (() => void)[] = [];
  const inner: Executor = {
    name: 'held',
    execute: attempt =>
      new Promise<Termination>(resolve => {
        held.push({ attempt, end: () => resolve({ kind: 'exited', code: 0 }) });
        for (const arrived of arrivals.splice(0)) arrived();
      }),
  };
  const arrived = async (count: number) => {
    while (held.length < count) await new Promise<void>(resolve => arrivals.push(resolve));
  };
  return { held, arrived, executor: leaseGpus(inner, { gpus: () => gpus, locks }) };
}

const never = new AbortController().signal;

test('attempts get devices of their own, also from two executors, and wait where none is free', async () => {
  const one = holding();
  const two = holding();
  const first = one.executor.execute(attemptFor(2), never);
  await one.arrived(1);
  const second = two.executor.execute(attemptFor(1), never);
  await two.arrived(1);
  const waits = Promise.withResolvers<string>();
  const third = two.executor.execute(
    attemptFor(1, { onProgress: (_, message) => waits.resolve(message) }),
    never,
  );
  const devices = [...one.held, ...two.held].map(
    ({ attempt }) => attempt.env['CUDA_VISIBLE_DEVICES'],
  );
  expect(devices).toEqual(['GPU-a,GPU-b', 'GPU-c']);
  expect(await waits.promise).toBe('waiting for 1 GPU');
  two.held[0]?.end();
  expect(await second).toEqual({ kind: 'exited', code: 0 });
  await two.arrived(2);
  expect(two.held[1]?.attempt.devices).toEqual(['GPU-c']);
  for (const { end } of [...one.held, ...two.held]) end();
  expect(await Promise.all([first, third])).toHaveLength(2);
});

test('which devices are held can be told, and telling holds none', async () => {
  const { executor, held, arrived } = holding();
  const ending = executor.execute(attemptFor(2), never);
  await arrived(1);
  expect((await heldGpus(gpus, locks))?.map(({ uuid }) => uuid)).toEqual(['GPU-a', 'GPU-b']);
  held[0]?.end();
  await ending;
  expect(await heldGpus(gpus, locks)).toEqual([]);
  expect(await heldGpus(gpus, locks)).toEqual([]);
});

test('where nothing can be locked, nobody can tell', async () => {
  expect(await heldGpus(gpus, '/dev/null/locks')).toBeUndefined();
});

test('an attempt that asks for none passes untouched', async () => {
  const { executor, held, arrived } = holding();
  const ending = executor.execute(attemptFor(0), never);
  await arrived(1);
  expect(held[0]?.attempt.env).toEqual({ A: '1' });
  held[0]?.end();
  await ending;
});

test('devices with too little memory do not count, and the message says what there is', async () => {
  const { executor } = holding();
  const attempt = attemptFor(1);
  const resources = { ...attempt.resources, gpus: 3, gpuMemoryBytes: 40 * GIB };
  const end = await executor.execute({ ...attempt, resources }, never);
  expect(end).toMatchObject({
    kind: 'not-started',
    message: expect.stringMatching(/3 GPUs with 40 GiB each.*Small \(16 GiB\), Large \(80 GiB\)/),
  });
});

test('who waits for a device can be cancelled', async () => {
  const { executor, held, arrived } = holding();
  const first = executor.execute(attemptFor(3), never);
  await arrived(1);
  const abort = new AbortController();
  const waiting = executor.execute(
    attemptFor(1, { onProgress: () => abort.abort() }),
    abort.signal,
  );
  expect(await waiting).toEqual({ kind: 'cancelled' });
  held[0]?.end();
  await first;
});

describe('what runs already, started by a run that has died,', () => {
  const adopts = (...devices: readonly string[]): Partial<Attempt> => ({
    adopts: { id: 'found', startedAt: new Date(0), devices },
  });

  test('has the devices that it was given leased to it again, whatever else is free', async () => {
    const { executor, held, arrived } = holding();
    const attempt = attemptFor(2, adopts('GPU-b', 'GPU-c'));
    // It has them, whatever its plan says of their size by now.
    const resources = { ...attempt.resources, gpuMemoryBytes: 200 * GIB };
    const ending = executor.execute({ ...attempt, resources }, never);
    await arrived(1);
    expect(held[0]?.attempt.devices).toEqual(['GPU-b', 'GPU-c']);
    expect((await heldGpus(gpus, locks))?.map(({ uuid }) => uuid)).toEqual(['GPU-b', 'GPU-c']);
    held[0]?.end();
    expect(await ending).toEqual({ kind: 'exited', code: 0 });
  });

  test.each<[string, number, readonly string[]]>([
    ['more GPUs are asked for now', 2, ['GPU-a']],
    ['fewer are', 1, ['GPU-a', 'GPU-b']],
    ['none is', 0, ['GPU-a']],
    ['it was given none, and one is asked for', 1, []],
    ['one of its own is not here any more', 2, ['GPU-a', 'GPU-gone']],
  ])('is lost where %s, and holds nothing', async (_, count, devices) => {
    const { executor, held } = holding();
    const end = await executor.execute(attemptFor(count, adopts(...devices)), never);
    expect(end).toMatchObject({ kind: 'lost' });
    expect(held).toEqual([]);
    expect(await heldGpus(gpus, locks)).toEqual([]);
  });

  test('is lost at once where another step has one of its GPUs, or answers an abort', async () => {
    const { executor, held, arrived } = holding();
    const other = executor.execute(attemptFor(1), never);
    await arrived(1);
    const attempt = attemptFor(2, adopts('GPU-a', 'GPU-b'));
    expect(await executor.execute(attempt, never)).toEqual({
      kind: 'lost',
      message: 'another step has its GPUs now',
    });
    expect(await executor.execute(attempt, AbortSignal.abort())).toEqual({ kind: 'cancelled' });
    held[0]?.end();
    await other;
    expect(held).toHaveLength(1);
  });
});

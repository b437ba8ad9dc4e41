/**
 * Gives each attempt that asks for GPUs devices of its own, across all runs and users of the
 * machine: a lock of the kernel per device, free again when its holder dies. Wraps any executor;
 * unaware of what it does.
 */
import { chmodSync, closeSync, constants, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Resources } from '../../schema/plan.ts';
import { type Lock, tryLock } from '../../store/lock.ts';
import type { Attempt, Executor, Handle, Termination } from './executor.ts';
import { describeGpu, type Gpu } from './gpus.ts';

/** The same for every user of a machine, wherever their own temporary files lie. */
const GPU_LOCKS = '/tmp/sluice-gpus';

/** The folder of the locks. */
export const gpuLocks = (env: Readonly<Record<string, string | undefined>>): string =>
  env['SLUICE_GPU_LOCKS'] ?? GPU_LOCKS;

const POLL_MS = 500;

export type GpuOptions = {
  /** Asked once, when the first attempt wants one. */
  readonly gpus: () => readonly Gpu[];
  /** The folder of the locks. */
  readonly locks: string;
};

export function leaseGpus(executor: Executor, options: GpuOptions): Executor {
  let known: readonly Gpu[] | undefined;
  const gpus = () => {
    known ??= options.gpus();
    return known;
  };
  return {
    ...executor,
    execute: (attempt, signal) => {
      const { adopts, resources } = attempt;
      const takesNone = resources.gpus === 0 && (adopts?.devices ?? []).length === 0;
      if (takesNone) return executor.execute(attempt, signal);
      return executeWith(attempt, signal, executor, { gpus: gpus(), locks: options.locks });
    },
  };
}

async function executeWith(
  attempt: Attempt,
  signal: AbortSignal,
  executor: Executor,
  { gpus, locks }: { readonly gpus: readonly Gpu[]; readonly locks: string },
): Promise<Termination> {
  const lease = await (attempt.adopts === undefined
    ? waitForLease(gpus, locks, attempt, signal)
    : leaseAgain(attempt.adopts, gpus, locks, attempt.resources));
  if (lease.kind !== 'leased') return isAborted(attempt, signal) ? { kind: 'cancelled' } : lease;
  try {
    const devices = lease.gpus.map(({ uuid }) => uuid);
    return await executor.execute(withDevices(attempt, devices, executor), signal);
  } finally {
    for (const lock of lease.locks) lock.release();
  }
}

const isAborted = ({ kill }: Attempt, signal: AbortSignal): boolean =>
  signal.aborted || kill?.aborted === true;

/** A container is given devices; a process is told which are its own. */
function withDevices(attempt: Attempt, devices: readonly string[], executor: Executor): Attempt {
  const isContained = attempt.container !== null && executor.imageOf !== undefined;
  if (isContained) return { ...attempt, devices };
  return { ...attempt, devices, env: { ...attempt.env, CUDA_VISIBLE_DEVICES: devices.join(',') } };
}

type Leased = {
  readonly kind: 'leased';
  readonly gpus: readonly Gpu[];
  readonly locks: readonly Lock[];
};

type NotLeased =
  | { readonly kind: 'not-started' | 'lost'; readonly message: string }
  | { readonly kind: 'cancelled' };

/** All at once or none: whoever holds some while waiting for others may wait for ever. */
async function waitForLease(
  gpus: readonly Gpu[],
  folder: string,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<Leased | NotLeased> {
  const { gpus: count } = attempt.resources;
  const fitting = gpus.filter(
    ({ memoryBytes }) => memoryBytes >= (attempt.resources.gpuMemoryBytes ?? 0),
  );
  if (fitting.length < count) return { kind: 'not-started', message: tooFew(attempt, gpus) };
  for (let tries = 0; ; tries += 1) {
    if (isAborted(attempt, signal)) return { kind: 'cancelled' };
    const taken = await takeFree(fitting, count, folder);
    if (taken.kind === 'not-started') return taken;
    if (taken.gpus.length === count) return taken;
    for (const lock of taken.locks) lock.release();
    if (tries === 0) attempt.onProgress?.(0, `waiting for ${gpuWords(attempt.resources)}`);
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** What runs already has its own: those and no others, at once, or nobody can go on with it. */
async function leaseAgain(
  { devices }: Handle,
  gpus: readonly Gpu[],
  folder: string,
  resources: Resources,
): Promise<Leased | NotLeased> {
  const lost = (message: string) => ({ kind: 'lost', message }) as const;
  const { length: count } = devices;
  if (count !== resources.gpus) {
    return lost(
      `it was given ${gpuWords({ ...resources, gpus: count, gpuMemoryBytes: null })}, and asks for ${gpuWords(resources)} now`,
    );
  }
  const own = gpus.filter(({ uuid }) => devices.includes(uuid));
  const taken = await takeFree(own, count, folder);
  if (taken.kind === 'not-started') return lost(taken.message);
  if (taken.gpus.length === count) return taken;
  for (const lock of taken.locks) lock.release();
  return lost(
    own.length < count ? 'its GPUs are not here any more' : 'another step has its GPUs now',
  );
}

/** Those that a step of anybody holds at the moment; undefined where nothing can be locked. */
export async function heldGpus(
  gpus: readonly Gpu[],
  folder: string,
): Promise<readonly Gpu[] | undefined> {
  const held: Gpu[] = [];
  for (const gpu of gpus) {
    const lock = await lockOf(gpu, folder);
    if (!lock.ok) return undefined;
    if (lock.value === undefined) held.push(gpu);
    lock.value?.release();
  }
  return held;
}

function lockOf({ uuid }: Gpu, folder: string) {
  const path = join(folder, uuid);
  openToAll(folder, path);
  return tryLock(path, 'exclusive');
}

async function takeFree(
  gpus: readonly Gpu[],
  count: number,
  folder: string,
): Promise<Leased | { readonly kind: 'not-started'; readonly message: string }> {
  const mine: Gpu[] = [];
  const locks: Lock[] = [];
  for (const gpu of gpus) {
    if (mine.length === count) break;
    const lock = await lockOf(gpu, folder);
    if (!lock.ok) {
      for (const held of locks) held.release();
      const message = `GPUs are leased through ${folder}, where nothing can be locked; name another folder for all users of this machine with SLUICE_GPU_LOCKS`;
      return { kind: 'not-started', message };
    }
    if (lock.value === undefined) continue;
    mine.push(gpu);
    locks.push(lock.value);
  }
  return { kind: 'leased', gpus: mine, locks };
}

/** Other users lock the same files: none of them may be shut out by our umask. */
function openToAll(folder: string, path: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o777);
  } catch {
    // Another user's, who has opened it to all.
  }
  try {
    closeSync(openSync(path, constants.O_CREAT | constants.O_WRONLY, 0o666));
    chmodSync(path, 0o666);
  } catch {
    // The same; where it is not so, locking says it.
  }
}

const gpuWords = ({ gpus, gpuMemoryBytes }: Resources): string =>
  `${gpus} ${gpus === 1 ? 'GPU' : 'GPUs'}${gpuMemoryBytes === null ? '' : ` with ${gibibytes(gpuMemoryBytes)} each`}`;

const gibibytes = (bytes: number): string => `${Math.round((bytes / 1024 ** 3) * 10) / 10} GiB`;

function tooFew({ resources }: Attempt, gpus: readonly Gpu[]): string {
  const there = gpus.length === 0 ? 'none' : gpus.map(describeGpu).join(', ');
  return `it asks for ${gpuWords(resources)}, and there ${gpus.length > 1 ? 'are' : 'is'} ${there} here; \`sluice doctor\` tells what it sees`;
}

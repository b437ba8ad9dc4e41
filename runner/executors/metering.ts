/**
 * Samples what running attempts use, all of them at the same moments, and ends those that exceed what
 * nobody else holds them to: the memory of local processes, the disk of all. Wraps any executor. An
 * attempt that lives shorter than the first sample costs nothing; a sample that fails is left out.
 */
import type { GpuUsage, Usage } from '../../schema/event.ts';
import { fileTime, writtenBytes } from './disk-usage.ts';
import type { Attempt, Executor, Gauge, Reading, Termination } from './executor.ts';
import type { GpuMeter } from './gpu-usage.ts';

export const SAMPLE_MS = 2_000;
/** Younger attempts are left alone. */
const SHORT_MS = 1_000;
/** Looking takes at most this share of a processor: where it costs more it is rarer, up to a point. */
const COST_SHARE = 0.01;
const RAREST_MS = 30_000;
/** What has not answered by then is left alone until it has. */
const PATIENCE_MS = 5_000;

type Devices = readonly string[];

export type MeterOptions = { readonly gpus: GpuMeter };

export function meterUsage(executor: Executor, options: MeterOptions): Executor {
  const meter = new Meter(options);
  return {
    ...executor,
    execute: (attempt, signal) => {
      const { onUsage } = attempt;
      const { memoryBytes, diskBytes } = attempt.resources;
      // Whoever neither asks nor limits is not looked at.
      if (onUsage === undefined && memoryBytes === null && diskBytes === null) {
        return executor.execute(attempt, signal);
      }
      return executeWatched(attempt, signal, executor, meter);
    },
  };
}

async function executeWatched(
  attempt: Attempt,
  signal: AbortSignal,
  executor: Executor,
  meter: Meter,
): Promise<Termination> {
  const exceeded = new AbortController();
  const { kill = exceeded.signal } = attempt;
  const began = attempt.resources.diskBytes === null ? 0 : fileTime(attempt.workdir);
  let watched: Watched | undefined;
  const termination = await executor.execute(
    {
      ...attempt,
      kill: AbortSignal.any([kill, exceeded.signal]),
      onRunning: gauge => {
        watched = new Watched(attempt, gauge, began, () => exceeded.abort());
        meter.add(watched);
        attempt.onRunning?.(gauge);
      },
    },
    signal,
  );
  if (watched !== undefined) meter.remove(watched);
  const isAborted = signal.aborted || attempt.kill?.aborted === true;
  return isAborted ? termination : (watched?.excess ?? termination);
}

class Meter {
  readonly #options: MeterOptions;
  readonly #watched = new Set<Watched>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: MeterOptions) {
    this.#options = options;
  }

  add(watched: Watched): void {
    this.#watched.add(watched);
    this.#schedule(SAMPLE_MS);
  }

  remove(watched: Watched): void {
    watched.isOver = true;
    this.#watched.delete(watched);
    if (![...this.#watched].some(({ devices }) => devices.length > 0)) this.#options.gpus.rest();
  }

  #schedule(waitMs: number): void {
    // A run never waits for it. Whoever comes while a sample is taken waits for the next.
    this.#timer ??= setTimeout(() => void this.#sample(), waitMs).unref();
  }

  async #sample(): Promise<void> {
    const start = performance.now();
    const before = process.cpuUsage();
    const grown = [...this.#watched].filter(({ startedAt }) => start - startedAt >= SHORT_MS);
    const samples = grown.map(watched => watched.sample(this.#options.gpus));
    await within(PATIENCE_MS, Promise.all(samples));
    // Waiting for an engine costs nothing; what else is computed meanwhile is not the look's cost.
    const { user, system } = process.cpuUsage(before);
    const tookMs = Math.min(performance.now() - start, (user + system) / 1_000);
    this.#timer = undefined;
    if (this.#watched.size > 0)
      this.#schedule(Math.min(RAREST_MS, Math.max(SAMPLE_MS, tookMs / COST_SHARE)));
  }
}

/** Where it writes: its working directory, and what is to outlive it, such as checkpoints. */
const ownFolders = ({ workdir, binds = [] }: Attempt): readonly string[] => [
  workdir,
  ...binds
    .filter(({ source, writable }) => writable && !`${source}/`.startsWith(`${workdir}/`))
    .map(({ source }) => source),
];

/** Settles with the work, or when it has taken too long. */
function within(timeMs: number, work: Promise<unknown>): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, timeMs).unref();
    void work.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

type Excess =
  | { readonly kind: 'out-of-memory' }
  | Extract<Termination, { readonly kind: 'out-of-disk' }>;

const NO_GPUS: ReturnType<GpuMeter['read']> = { gpus: [], failure: undefined };

/** One attempt, from its start to its end. */
class Watched {
  readonly startedAt = performance.now();
  readonly devices: Devices;
  excess: Excess | undefined;
  isOver = false;
  readonly #began: number;
  readonly #attempt: Attempt;
  readonly #gauge: Gauge;
  readonly #end: () => void;
  /** Undefined until it is known what was used before anybody looked. */
  #last: { readonly at: number; readonly cpuMs: number } | undefined;
  #peakBytes = 0;
  #isBusy = false;
  #diskAt = 0;

  constructor(attempt: Attempt, gauge: Gauge, began: number, end: () => void) {
    this.devices = attempt.devices ?? [];
    this.#began = began;
    this.#attempt = attempt;
    this.#gauge = gauge;
    this.#end = end;
    if (attempt.adopts === undefined) this.#last = { at: this.startedAt, cpuMs: 0 };
  }

  async sample(gpus: GpuMeter): Promise<void> {
    // Counting files may take long, and holds nobody up.
    void this.#holdToDisk();
    if (this.#isBusy) return;
    this.#isBusy = true;
    const reading = await this.#gauge.read('quick');
    if (reading !== undefined && !this.isOver) await this.#take(reading, gpus);
    this.#isBusy = false;
  }

  async #take(reading: Reading, gpus: GpuMeter): Promise<void> {
    const found = this.devices.length === 0 ? NO_GPUS : gpus.read(this.devices);
    if (found.failure !== undefined) this.#attempt.onUnsampled?.(found.failure);
    const usage = this.#usage(reading, found.gpus);
    if (usage !== undefined) this.#attempt.onUsage?.(usage);
    await this.#holdToMemory(reading);
  }

  #usage({ cpuMs, memoryBytes }: Reading, gpus: readonly GpuUsage[]): Usage | undefined {
    const before = this.#last;
    const now = { at: performance.now(), cpuMs };
    this.#last = now;
    this.#peakBytes = Math.max(this.#peakBytes, memoryBytes);
    if (before === undefined) return undefined;
    return {
      cpuCores: Math.max(0, cpuMs - before.cpuMs) / Math.max(1, now.at - before.at),
      cpuMs: Math.round(cpuMs),
      memoryBytes,
      memoryPeakBytes: this.#peakBytes,
      memoryLimitBytes: this.#attempt.resources.memoryBytes,
      gpus,
    };
  }

  /** A quick reading may count twice what processes share: nobody is ended for that. */
  async #holdToMemory({ memoryBytes }: Reading): Promise<void> {
    const limit = this.#attempt.resources.memoryBytes;
    if (this.#gauge.holdsMemory || limit === null || memoryBytes <= limit) return;
    const exact = await this.#gauge.read('exact');
    if (exact === undefined || exact.memoryBytes <= limit) return;
    this.#peakBytes = Math.max(this.#peakBytes, exact.memoryBytes);
    this.#exceed({ kind: 'out-of-memory' });
  }

  async #holdToDisk(): Promise<void> {
    const { resources } = this.#attempt;
    const start = performance.now();
    if (resources.diskBytes === null || start < this.#diskAt) return;
    this.#diskAt = Number.POSITIVE_INFINITY;
    const usedBytes = await writtenBytes(ownFolders(this.#attempt), this.#began);
    const end = performance.now();
    this.#diskAt = end + (end - start) / COST_SHARE;
    if (usedBytes > resources.diskBytes) this.#exceed({ kind: 'out-of-disk', usedBytes });
  }

  #exceed(excess: Excess): void {
    this.excess ??= excess;
    this.#end();
  }
}

import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Usage } from '../../schema/event.ts';
import { plainAttempt } from '../testing/plain-attempt.ts';
import { gpuOf } from '../testing/usage-samples.ts';
import type { Attempt, Executor, Gauge, Reading, Termination } from './executor.ts';
import type { GpuMeter } from './gpu-usage.ts';
import { meterUsage } from './metering.ts';

const MIB = 1024 ** 2;
let workdir = '';
beforeEach(() => {
  workdir = mkdtempSync(join(tmpdir(), 'sluice-metering-'));
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(workdir, { recursive: true });
});

const never = new AbortController().signal;
const noGpus: GpuMeter = { read: () => ({ gpus: [], failure: undefined }), rest: () => undefined };

/** Starts attempts that run until they are told to end, and are `cancelled` when they are killed. */
function metered(gpus: GpuMeter = noGpus) {
  const gauges: Partial<Gauge>[] = [];
  const ends: ((termination: Termination) => void)[] = [];
  const inner: Executor = {
    name: 'held',
    execute: attempt => {
      const ended = Promise.withResolvers<Termination>();
      ends.push(ended.resolve);
      attempt.kill?.addEventListener('abort', () => ended.resolve({ kind: 'cancelled' }));
      const gauge = { holdsMemory: false, read: async () => undefined, ...gauges.shift() };
      attempt.onRunning?.(gauge);
      return ended.promise;
    },
  };
  const executor = meterUsage(inner, { gpus });
  return (gauge: Partial<Gauge>, changes: Partial<Attempt> = {}, signal = never) => {
    const usages: Usage[] = [];
    const onUsage = (usage: Usage) => void usages.push(usage);
    gauges.push(gauge);
    const attempt = { ...plainAttempt(workdir, ''), onUsage, ...changes };
    const termination = executor.execute(attempt, signal);
    const resolve = ends.at(-1);
    return { usages, termination, end: () => resolve?.({ kind: 'exited', code: 0 }) };
  };
}

const reading = (cpuMs: number, memoryBytes: number): Reading => ({ cpuMs, memoryBytes });
const limited = (limits: Partial<Attempt['resources']>): Partial<Attempt> => ({
  resources: { ...plainAttempt('/', '').resources, ...limits },
});

test('cores are processor time over time, and the peak is the most of all samples', async () => {
  const readings = [reading(2_000, 9 * MIB), reading(6_000, 5 * MIB)];
  const { usages, end } = metered()({ read: async () => readings.shift() });
  await vi.advanceTimersByTimeAsync(4_100);
  end();
  expect(usages.map(({ memoryBytes }) => memoryBytes / MIB)).toEqual([9, 5]);
  expect(usages.map(({ memoryPeakBytes }) => memoryPeakBytes / MIB)).toEqual([9, 9]);
  expect(usages.map(({ cpuCores }) => Math.round(cpuCores))).toEqual([1, 2]);
});

test('what ran before anybody looked is no use of now', async () => {
  const readings = [reading(3_600_000, 9 * MIB), reading(3_604_000, 5 * MIB)];
  const adopts = { id: 'found', startedAt: new Date(0), devices: [] };
  const { usages, end } = metered()({ read: async () => readings.shift() }, { adopts });
  await vi.advanceTimersByTimeAsync(4_100);
  end();
  expect(usages.map(({ cpuCores }) => Math.round(cpuCores))).toEqual([2]);
  expect(usages).toMatchObject([{ cpuMs: 3_604_000, memoryPeakBytes: 9 * MIB }]);
});

test('what has run for less than a second is not looked at', async () => {
  const start = metered();
  const older = start({ read: async () => reading(0, 0) });
  await vi.advanceTimersByTimeAsync(1_500);
  const read = vi.fn(async () => reading(0, 0));
  const short = start({ read });
  await vi.advanceTimersByTimeAsync(600);
  short.end();
  await short.termination;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(older.usages.length).toBeGreaterThan(1);
  expect(read).not.toHaveBeenCalled();
  older.end();
});

test('nothing is told of an attempt that ended while it was looked at', async () => {
  const slow = Promise.withResolvers<Reading>();
  const { usages, end, termination } = metered()({ read: () => slow.promise });
  await vi.advanceTimersByTimeAsync(2_100);
  end();
  await termination;
  slow.resolve(reading(1, 1));
  await vi.advanceTimersByTimeAsync(1);
  expect(usages).toEqual([]);
});

test('a look that never ends is not begun again, and holds up neither the others nor the end', async () => {
  const start = metered();
  const read = vi.fn(() => new Promise<undefined>(() => undefined));
  const stuck = start({ read });
  const other = start({ read: async () => reading(0, 0) });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(read).toHaveBeenCalledTimes(1);
  expect(other.usages.length).toBeGreaterThan(1);
  other.end();
  stuck.end();
  expect(await stuck.termination).toEqual({ kind: 'exited', code: 0 });
});

test('who exceeds its memory is ended as out of memory, where nobody else holds it to that', async () => {
  const read = async () => reading(0, 11 * MIB);
  const { termination } = metered()({ read }, limited({ memoryBytes: 10 * MIB }));
  await vi.advanceTimersByTimeAsync(2_100);
  expect(await termination).toEqual({ kind: 'out-of-memory' });
});

test.each<[string, Partial<Gauge>]>([
  [
    'the kernel holds it to its memory',
    { holdsMemory: true, read: async () => reading(0, 11 * MIB) },
  ],
  [
    'it only seems to be too much',
    { read: async precision => reading(0, (precision === 'exact' ? 9 : 11) * MIB) },
  ],
  [
    'nobody can tell exactly',
    { read: async precision => (precision === 'exact' ? undefined : reading(0, 11 * MIB)) },
  ],
  ['it uses just what it may', { read: async () => reading(0, 10 * MIB) }],
])('it goes on where %s', async (_, gauge) => {
  const { termination, end } = metered()(gauge, limited({ memoryBytes: 10 * MIB }));
  await vi.advanceTimersByTimeAsync(10_000);
  end();
  expect(await termination).toEqual({ kind: 'exited', code: 0 });
});

test.each(['its working directory', 'a folder that outlives it'])(
  'who writes more than its disk to %s is ended for that',
  async place => {
    const lasting = mkdtempSync(join(tmpdir(), 'sluice-lasting-'));
    const bind = { source: lasting, target: lasting, writable: true };
    const { termination } = metered()({}, { ...limited({ diskBytes: MIB }), binds: [bind] });
    const big = join(place === 'its working directory' ? workdir : lasting, 'big');
    const began = statSync(workdir).ctimeMs;
    // The file system's clock has to go on first.
    do writeFileSync(big, Buffer.alloc(2 * MIB, 'x'));
    while (statSync(big).ctimeMs <= began);
    await vi.advanceTimersByTimeAsync(2_100);
    vi.useRealTimers(); // Files are counted in real time.
    expect(await termination).toEqual({ kind: 'out-of-disk', usedBytes: expect.any(Number) });
    rmSync(lasting, { recursive: true });
  },
);

test('an abort outranks what was exceeded', async () => {
  const abort = new AbortController();
  const read = async () => {
    abort.abort();
    return reading(0, 11 * MIB);
  };
  const { termination } = metered()({ read }, limited({ memoryBytes: 10 * MIB }), abort.signal);
  await vi.advanceTimersByTimeAsync(2_100);
  expect(await termination).toEqual({ kind: 'cancelled' });
});

test('GPUs are read for those that hold some, and rest when nobody does', async () => {
  const asked: (readonly string[])[] = [];
  const rest = vi.fn();
  const gpus: GpuMeter = {
    rest,
    read: devices => {
      asked.push(devices);
      return { gpus: [gpuOf()], failure: 'it hangs' };
    },
  };
  const said: string[] = [];
  const gauge = { read: async () => reading(0, 0) };
  const start = metered(gpus);
  const { usages, end, termination } = start(gauge, {
    devices: ['GPU-0'],
    onUnsampled: message => said.push(message),
  });
  const other = start(gauge);
  await vi.advanceTimersByTimeAsync(2_100);
  expect(asked).toEqual([['GPU-0']]);
  expect(usages[0]?.gpus).toEqual([gpuOf()]);
  expect(other.usages[0]?.gpus).toEqual([]);
  expect(said).toEqual(['it hangs']);
  end();
  await termination;
  expect(rest).toHaveBeenCalledTimes(1);
  other.end();
});

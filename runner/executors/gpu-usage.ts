/**
 * What leased GPUs do: one `nvidia-smi` that repeats itself serves all steps of a run, while any of
 * them holds a device. A driver that hangs or goes away costs the figures and nothing else. Unaware
 * of leases and steps.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { GpuUsage } from '../../schema/event.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const FIELDS = 'index,uuid,memory.total,memory.used,utilization.gpu,temperature.gpu';
const MIB = 1024 * 1024;
/** Figures older than this are of a driver that no longer answers. */
const STALE_MS = 15_000;

export type GpuMeter = {
  /**
   * Of these devices, as far as they are known by now. Starts what tells it. `failure` is told once;
   * from then on nothing is read.
   */
  readonly read: (devices: readonly string[]) => {
    readonly gpus: readonly GpuUsage[];
    readonly failure: string | undefined;
  };
  /** Nobody holds a device any more. */
  readonly rest: () => void;
};

export function gpuMeter(env: Environment, everyMs: number): GpuMeter {
  const known = new Map<string, GpuUsage>();
  let child: ChildProcess | undefined;
  let toldAt = 0;
  let failure: string | undefined;
  let hasFailed = false;
  const rest = () => {
    child?.removeAllListeners().on('error', () => undefined);
    child?.kill('SIGKILL');
    child = undefined;
    known.clear();
  };
  const fail = (why: string) => {
    rest();
    hasFailed = true;
    failure = `what its GPUs do cannot be told: nvidia-smi ${why}`;
  };
  const begin = () => {
    toldAt = performance.now();
    child = start(env, everyMs, {
      onRow: gpu => {
        toldAt = performance.now();
        known.set(gpu.uuid, gpu);
      },
      onEnd: fail,
    });
  };
  return {
    rest,
    read: devices => {
      if (!hasFailed && child === undefined) begin();
      else if (!hasFailed && performance.now() - toldAt > STALE_MS) fail('does not answer');
      const told = { gpus: devices.flatMap(uuid => known.get(uuid) ?? []), failure };
      failure = undefined;
      return told;
    },
  };
}

function start(
  env: Environment,
  everyMs: number,
  { onRow, onEnd }: { onRow: (gpu: GpuUsage) => void; onEnd: (why: string) => void },
): ChildProcess {
  const words = [`--query-gpu=${FIELDS}`, '--format=csv,noheader,nounits'];
  const child = spawn('nvidia-smi', [...words, `--loop-ms=${everyMs}`], {
    env: { ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  child.once('error', error => onEnd(`could not be started (${error.message})`));
  child.once('exit', (code, signal) => onEnd(`ended (${signal ?? `exit ${code}`})`));
  // A run does not wait for it.
  child.unref();
  const { stdout } = child;
  if (stdout === null) return child;
  if ('unref' in stdout && typeof stdout.unref === 'function') stdout.unref();
  createInterface({ input: stdout }).on('line', line => {
    const gpu = parseUsage(line);
    if (gpu !== undefined) onRow(gpu);
  });
  return child;
}

/** One line of the driver's. What a device does not tell stands there in words, as `[N/A]`. */
export function parseUsage(line: string): GpuUsage | undefined {
  const fields = line.split(',').map(field => field.trim());
  const [index = '', uuid = ''] = fields;
  if (fields.length !== 6 || !/^\d+$/.test(index) || uuid === '') return undefined;
  const [total, used, busy, celsius] = fields.slice(2).map(number);
  return {
    index: Number(index),
    uuid,
    utilization: scaled(busy, 0.01),
    memoryUsedBytes: scaled(used, MIB),
    memoryTotalBytes: scaled(total, MIB),
    celsius: scaled(celsius, 1),
  };
}

const number = (text: string): number | null => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : null);

const scaled = (value: number | null | undefined, factor: number): number | null =>
  value === null || value === undefined ? null : value * factor;

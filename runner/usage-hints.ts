/**
 * What samples of a running step say that its author may want to change. A pure function of the
 * latest samples; unaware of what has been said before.
 */
import type { GpuUsage, Hint, Usage } from '../schema/event.ts';

/** `at`: milliseconds from anywhere. */
export type Sample = { readonly at: number; readonly usage: Usage };

/** A device that is busy less than this, for this long, waits for its step. */
const STARVED_BELOW = 0.5;
export const STARVED_FOR_MS = 120_000;
/** So full that the next allocation may fail. */
const FULL_ABOVE = 0.95;
/** Where NVIDIA's devices begin to slow themselves down. */
const HOT_ABOVE_CELSIUS = 85;
/** What lasts shorter is a peak, and not worth a word. */
const LASTING_MS = 10_000;

/** `samples`: in order of time, as far back as STARVED_FOR_MS before the newest. Of each kind the first device that it holds for. */
export function hintsFor(samples: readonly Sample[]): readonly Hint[] {
  const newest = samples.at(-1);
  if (newest === undefined) return [];
  const lasting = within(samples, newest.at - LASTING_MS);
  const { gpus } = newest.usage;
  return [
    firstOf(gpus, gpu => starved(gpu, within(samples, newest.at - STARVED_FOR_MS))),
    firstOf(gpus, gpu => full(gpu, lasting)),
    firstOf(gpus, gpu => hot(gpu, lasting)),
    nearLimit(newest.usage, lasting),
  ].filter(hint => hint !== undefined);
}

const firstOf = (
  gpus: readonly GpuUsage[],
  hint: (gpu: GpuUsage) => Hint | undefined,
): Hint | undefined => gpus.map(hint).find(found => found !== undefined);

/** Those since a moment; none where the step has not been looked at for as long. */
function within(samples: readonly Sample[], since: number): readonly Sample[] {
  const start = samples.findLastIndex(({ at }) => at <= since);
  return start === -1 ? [] : samples.slice(start);
}

function starved({ index, uuid }: GpuUsage, samples: readonly Sample[]): Hint | undefined {
  const shares = figures(samples, uuid, ({ utilization }) => utilization);
  if (shares === undefined) return undefined;
  const utilization = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  if (utilization >= STARVED_BELOW) return undefined;
  return { kind: 'gpu-starved', gpu: index, utilization, forMs: STARVED_FOR_MS };
}

function full(gpu: GpuUsage, samples: readonly Sample[]): Hint | undefined {
  const { index, uuid, memoryUsedBytes: usedBytes, memoryTotalBytes: totalBytes } = gpu;
  if (usedBytes === null || totalBytes === null) return undefined;
  const used = figures(samples, uuid, ({ memoryUsedBytes }) => memoryUsedBytes);
  if (!used?.every(bytes => bytes > totalBytes * FULL_ABOVE)) return undefined;
  return { kind: 'gpu-memory-full', gpu: index, usedBytes, totalBytes };
}

function hot({ index, uuid, celsius: now }: GpuUsage, samples: readonly Sample[]) {
  const degrees = figures(samples, uuid, ({ celsius }) => celsius);
  if (now === null || !degrees?.every(celsius => celsius > HOT_ABOVE_CELSIUS)) return undefined;
  return { kind: 'gpu-hot', gpu: index, celsius: now } as const;
}

function nearLimit(now: Usage, samples: readonly Sample[]): Hint | undefined {
  const { memoryBytes: usedBytes, memoryLimitBytes: limitBytes } = now;
  if (limitBytes === null || samples.length === 0) return undefined;
  const isNear = samples.every(({ usage }) => usage.memoryBytes > limitBytes * FULL_ABOVE);
  return isNear ? { kind: 'memory-full', usedBytes, limitBytes } : undefined;
}

/** One figure of one device over time; undefined where any sample does not tell it. */
function figures(
  samples: readonly Sample[],
  uuid: string,
  figure: (gpu: GpuUsage) => number | null,
): readonly number[] | undefined {
  const found = samples.map(({ usage }) => {
    const gpu = usage.gpus.find(other => other.uuid === uuid);
    return gpu === undefined ? null : figure(gpu);
  });
  const told = found.filter(value => value !== null);
  return told.length === 0 || told.length < found.length ? undefined : told;
}

/**
 * Turns the samples of one attempt into events: those that say something new, so that a long run has
 * a short record, and hints, each once per step and run. Unaware of how samples are taken.
 */
import type { GpuUsage, Usage } from '../schema/event.ts';
import type { StepId } from '../schema/id.ts';
import type { Clock } from './clock.ts';
import type { Emit } from './event-stream.ts';
import { hintsFor, type Sample, STARVED_FOR_MS } from './usage-hints.ts';

/** Smaller changes are not worth an event. */
const NEW_CORES = 0.25;
const NEW_SHARE = 0.05;
const NEW_BYTES = 16 * 1024 ** 2;
const NEW_UTILIZATION = 0.1;
const NEW_CELSIUS = 5;

/**
 * The longer a step runs, the rarer are its events, but never rarer than twice a minute: at most
 * some 1,000 in the first half hour, 4,000 in ten hours.
 */
const GAP_SHARE = 1 / 1_000;
const LONGEST_GAP_MS = 30_000;
/** Samples come every two seconds, and not to the millisecond. */
const SHORTEST_GAP_MS = 1_500;

export type UsageReader = {
  readonly sample: (usage: Usage) => void;
  /** Tells what has not been told; call it when the attempt has ended. */
  readonly finish: () => void;
  /** The most memory that any sample saw; undefined before the first. */
  readonly memoryPeakBytes: () => number | undefined;
};

export function followUsage(options: {
  readonly step: StepId;
  readonly clock: Pick<Clock, 'elapsed'>;
  readonly emit: Emit;
  /** Hints that this run has given, as `kind step`. */
  readonly given: Set<string>;
}): UsageReader {
  const { step, clock, emit, given } = options;
  const start = clock.elapsed();
  let recent: readonly Sample[] = [];
  let told: Sample | undefined;
  const tell = (sample: Sample) => {
    told = sample;
    emit({ type: 'step-usage', step, ...rounded(sample.usage) });
  };
  return {
    sample: usage => {
      const at = clock.elapsed();
      recent = [...since(recent, at - STARVED_FOR_MS), { at, usage }];
      if (isDue(told, at - start, at) && isNew(told?.usage, usage)) tell({ at, usage });
      for (const hint of hintsFor(recent)) {
        const name = `${hint.kind} ${step}`;
        if (given.has(name)) continue;
        given.add(name);
        emit({ type: 'step-hint', step, hint });
      }
    },
    finish: () => {
      const last = recent.at(-1);
      if (last !== undefined && last.usage !== told?.usage) tell(last);
    },
    memoryPeakBytes: () => recent.at(-1)?.usage.memoryPeakBytes,
  };
}

/** With one sample from before, so that they reach back as far as they should. */
function since(samples: readonly Sample[], moment: number): readonly Sample[] {
  const start = samples.findLastIndex(({ at }) => at <= moment);
  return samples.slice(Math.max(0, start));
}

const isDue = (told: Sample | undefined, ageMs: number, now: number): boolean =>
  told === undefined ||
  now - told.at >= Math.min(LONGEST_GAP_MS, Math.max(SHORTEST_GAP_MS, ageMs * GAP_SHARE));

function isNew(before: Usage | undefined, now: Usage): boolean {
  if (before === undefined) return true;
  return (
    Math.abs(now.cpuCores - before.cpuCores) >= Math.max(NEW_CORES, before.cpuCores * NEW_SHARE) ||
    isOtherSize(before.memoryBytes, now.memoryBytes) ||
    before.gpus.length !== now.gpus.length ||
    now.gpus.some((gpu, at) => isNewOfGpu(before.gpus[at], gpu))
  );
}

const isOtherSize = (before: number | null, now: number | null): boolean =>
  Math.abs((now ?? 0) - (before ?? 0)) >= Math.max(NEW_BYTES, (before ?? 0) * NEW_SHARE);

const isNewOfGpu = (before: GpuUsage | undefined, now: GpuUsage): boolean =>
  before?.uuid !== now.uuid ||
  Math.abs((now.utilization ?? 0) - (before.utilization ?? 0)) >= NEW_UTILIZATION ||
  Math.abs((now.celsius ?? 0) - (before.celsius ?? 0)) >= NEW_CELSIUS ||
  isOtherSize(before.memoryUsedBytes, now.memoryUsedBytes);

/** Digits that nobody reads would only make the record longer. */
const rounded = (usage: Usage): Usage => ({
  ...usage,
  cpuCores: Math.round(usage.cpuCores * 100) / 100,
});

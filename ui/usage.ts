/**
 * What a step used of the machine, over its samples and in words. Pure; unaware of how samples are
 * taken and of where the words stand.
 */
import type { GpuUsage, RunEvent, Usage } from '../schema/event.ts';
import { formatBytes } from './duration.ts';

type UsageEvent = Extract<RunEvent, { readonly type: 'step-usage' }>;

/** The figures alone, of an event as emitted or as recorded. */
export const usageOf = (event: UsageEvent): Usage => {
  const { cpuCores, cpuMs, memoryBytes, memoryPeakBytes, memoryLimitBytes, gpus } = event;
  return { cpuCores, cpuMs, memoryBytes, memoryPeakBytes, memoryLimitBytes, gpus };
};

/** The most of each figure; `cpuMs`, which only grows, and limits are the newest. */
export function highest(peak: Usage | undefined, usage: Usage): Usage {
  const memory = Math.max(usage.memoryPeakBytes, usage.memoryBytes, peak?.memoryBytes ?? 0);
  return {
    ...usage,
    cpuCores: Math.max(usage.cpuCores, peak?.cpuCores ?? 0),
    memoryBytes: memory,
    memoryPeakBytes: memory,
    gpus: usage.gpus.map(gpu =>
      highestOfGpu(
        peak?.gpus.find(({ uuid }) => uuid === gpu.uuid),
        gpu,
      ),
    ),
  };
}

const highestOfGpu = (peak: GpuUsage | undefined, gpu: GpuUsage): GpuUsage => ({
  ...gpu,
  utilization: most(peak?.utilization, gpu.utilization),
  memoryUsedBytes: most(peak?.memoryUsedBytes, gpu.memoryUsedBytes),
  celsius: most(peak?.celsius, gpu.celsius),
});

const most = (a: number | null | undefined, b: number | null): number | null =>
  a === null || a === undefined ? b : b === null ? a : Math.max(a, b);

/** `15.8 of 16.0 GiB`: both in the unit of the limit. */
export function formatShare(bytes: number, limitBytes: number): string {
  const limit = formatBytes(limitBytes);
  const used = formatBytes(bytes);
  const unit = limit.split(' ')[1];
  return used.endsWith(` ${unit}`) ? `${used.split(' ')[0]} of ${limit}` : `${used} of ${limit}`;
}

/** `2.3 GiB, 3.9 cores, GPU 0 97% 71.2 GiB`: of what was sampled; empty where nothing was. */
export function peakText(peak: Usage | undefined): string {
  if (peak === undefined) return '';
  const cores = `${peak.cpuCores.toFixed(1)} cores`;
  return [formatBytes(peak.memoryBytes), cores, ...peak.gpus.map(gpuText)].join(', ');
}

function gpuText({ index, utilization, memoryUsedBytes, celsius }: GpuUsage): string {
  return [
    `GPU ${index}`,
    utilization === null ? '' : `${Math.round(utilization * 100)}%`,
    memoryUsedBytes === null ? '' : formatBytes(memoryUsedBytes),
    celsius === null ? '' : `${celsius} °C`,
  ]
    .filter(Boolean)
    .join(' ');
}

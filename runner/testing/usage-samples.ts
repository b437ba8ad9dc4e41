/** Samples of a running step for tests: only what matters is said. */
import type { GpuUsage, Usage } from '../../schema/event.ts';

export const GIB = 1024 ** 3;

export const gpuOf = (changes: Partial<GpuUsage> = {}): GpuUsage => ({
  index: 0,
  uuid: `GPU-${changes.index ?? 0}`,
  utilization: 0.9,
  memoryUsedBytes: 10 * GIB,
  memoryTotalBytes: 80 * GIB,
  celsius: 60,
  ...changes,
});

export const usageOf = (changes: Partial<Usage> = {}): Usage => ({
  cpuCores: 1,
  cpuMs: 2_000,
  memoryBytes: GIB,
  memoryPeakBytes: changes.memoryBytes ?? GIB,
  memoryLimitBytes: null,
  gpus: [],
  ...changes,
});

/** What this machine offers to steps. A container's own limits count, not the host's. */
import { availableParallelism, totalmem } from 'node:os';
import { constrainedMemory } from 'node:process';
import type { Machine } from '../runner/capacity.ts';
import { describeGpu, type GpuSight, NO_GPUS } from '../runner/executors/gpus.ts';

/** `gpus` and `hidden`: looked for only where a step wants one. */
export function thisMachine({ gpus, hidden }: GpuSight = NO_GPUS): Machine {
  const limit = constrainedMemory();
  const total = totalmem();
  // Without a limit the kernel reports 0 or a number near 2^63.
  const memoryBytes = limit > 0 && limit < total ? limit : total;
  return {
    cpus: availableParallelism(),
    memoryBytes,
    gpus: gpus.length,
    gpuNames: gpus.map(describeGpu),
    hiddenGpus: hidden,
  };
}

/** What this machine offers to steps. A container's own limits count, not the host's. */
import { availableParallelism, totalmem } from 'node:os';
import { constrainedMemory } from 'node:process';
import type { Machine } from '../runner/capacity.ts';

export function thisMachine(): Machine {
  const limit = constrainedMemory();
  const total = totalmem();
  // Without a limit the kernel reports 0 or a number near 2^63.
  const memoryBytes = limit > 0 && limit < total ? limit : total;
  // GPUs are given to steps by the container executor alone.
  return { cpus: availableParallelism(), memoryBytes, gpus: 0 };
}

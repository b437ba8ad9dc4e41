/** What this machine offers to steps. A container's own limits count, not the host's. */
import { availableParallelism, freemem, totalmem } from 'node:os';
import { constrainedMemory } from 'node:process';

export type Machine = { readonly cpus: number; readonly memoryBytes: number };

export function thisMachine(): Machine {
  const limit = constrainedMemory();
  const total = totalmem();
  // Without a limit the kernel reports 0 or a number near 2^63.
  const memoryBytes = limit > 0 && limit < total ? limit : total;
  return { cpus: availableParallelism(), memoryBytes };
}

export const freeMemory = (): number => freemem();

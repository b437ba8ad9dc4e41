/** A shell script as an attempt that asks for nothing and says nothing. */
import { stepId } from '../../schema/id.ts';
import type { Attempt } from '../executors/executor.ts';

export const plainAttempt = (workdir: string, script: string): Attempt => ({
  step: stepId('tried'),
  command: ['/bin/sh', '-c', script],
  workdir,
  env: { PATH: process.env['PATH'] ?? '', HOME: `${workdir}/home` },
  resources: {
    cpus: 1,
    memoryBytes: null,
    gpus: 0,
    gpuMemoryBytes: null,
    shmBytes: null,
    diskBytes: null,
  },
  timeoutMs: null,
  container: null,
  onOutput: () => undefined,
});

import { expect, test } from 'vitest';
import { type Demand, impossible, type Machine } from './capacity.ts';

const GIB = 1024 ** 3;
const machine: Machine = { cpus: 4, memoryBytes: 8 * GIB, gpus: 0 };
const two: Machine = { ...machine, gpus: 2, gpuNames: ['A (80 GiB)', 'B (24 GiB)'] };
const limits = (changes: Machine) => ({ machine: changes, parallel: undefined, pools: { db: 1 } });
const demand = (changes: Partial<Demand>): Demand => ({
  cpus: 1,
  memoryBytes: 0,
  gpus: 0,
  pool: null,
  ...changes,
});

test.each<[string, Partial<Demand>, Machine, RegExp | undefined]>([
  ['what fits', { cpus: 4, memoryBytes: 8 * GIB, gpus: 2, pool: 'db' }, two, undefined],
  ['processors', { cpus: 4.5 }, machine, /asks for 4.5 cpus, and there are 4 here/],
  ['memory', { memoryBytes: 9 * GIB }, machine, /asks for 9 GiB of memory, and there are 8 GiB/],
  ['a GPU where there is none', { gpus: 1 }, machine, /asks for 1 GPU, and there is none here;/],
  [
    'more GPUs than there are',
    { gpus: 3 },
    two,
    /asks for 3 GPUs, and there are A \(80 GiB\), B \(24 GiB\) here;/,
  ],
  [
    'a GPU that the environment hides',
    { gpus: 1 },
    { ...machine, hiddenGpus: 2 },
    /there is none here \(CUDA_VISIBLE_DEVICES leaves out 2\);/,
  ],
  ['a pool that is not there', { pool: 'x' }, machine, /its pool `x` has no size/],
])('what can never be had is said before it starts: %s', (_, wanted, here, said) => {
  const words = impossible(demand(wanted), limits(here));
  if (said === undefined) expect(words).toBeUndefined();
  else expect(words).toMatch(said);
});

/**
 * What of the machine is taken and what is free. Knows amounts, not steps: the scheduler asks
 * whether a demand fits, takes it and gives it back.
 */
import type { Policy } from '../schema/plan.ts';

export type Machine = {
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly gpus: number;
  /** What they are, for messages. */
  readonly gpuNames?: readonly string[];
  /** There, but a preset CUDA_VISIBLE_DEVICES leaves them out. */
  readonly hiddenGpus?: number;
};

export type Limits = {
  readonly machine: Machine;
  /** Steps that may execute at a time; undefined for as many as the machine holds. */
  readonly parallel: number | undefined;
  /** Named limits of `sluice.yaml`: how many steps of a pool may execute at a time. */
  readonly pools: Readonly<Record<string, number>>;
};

export type Demand = {
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly gpus: number;
  readonly pool: string | null;
};

export const demandOf = ({ resources, pool }: Policy): Demand => ({
  cpus: resources.cpus,
  memoryBytes: resources.memoryBytes ?? 0,
  gpus: resources.gpus,
  pool,
});

/** Demands that fit at the same moments share a line in the queue. */
export const demandClass = ({ cpus, memoryBytes, gpus, pool }: Demand): string =>
  JSON.stringify([cpus, memoryBytes, gpus, pool]);

/** Why a demand can never be met here, in words; undefined when it can. */
export function impossible(demand: Demand, { machine, pools }: Limits): string | undefined {
  if (demand.cpus > machine.cpus) {
    return `it asks for ${demand.cpus} cpus, and there are ${machine.cpus} here; lower \`resources.cpus\``;
  }
  if (demand.memoryBytes > machine.memoryBytes) {
    return `it asks for ${gib(demand.memoryBytes)} of memory, and there are ${gib(machine.memoryBytes)} here; lower \`resources.memory\``;
  }
  if (demand.gpus > machine.gpus) return tooFewGpus(demand, machine);
  const { pool } = demand;
  if (pool === null) return undefined;
  if (!Object.hasOwn(pools, pool)) {
    return `its pool \`${pool}\` has no size; give it one under \`pools\` in sluice.yaml`;
  }
  return (pools[pool] ?? 0) >= 1 ? undefined : `its pool \`${pool}\` has no places`;
}

function tooFewGpus({ gpus }: Demand, { gpuNames = [], hiddenGpus = 0 }: Machine): string {
  const asked = `${gpus} ${gpus === 1 ? 'GPU' : 'GPUs'}`;
  const there = `${gpuNames.length > 1 ? 'are' : 'is'} ${gpuNames.join(', ') || 'none'}`;
  const hidden = hiddenGpus === 0 ? '' : ` (CUDA_VISIBLE_DEVICES leaves out ${hiddenGpus})`;
  return `it asks for ${asked}, and there ${there} here${hidden}; lower \`resources.gpus\`, or see what \`sluice doctor\` finds`;
}

const gib = (bytes: number): string => `${Math.round((bytes / 1024 ** 3) * 100) / 100} GiB`;

/** Fractions of a cpu add up in binary: this much is not worth a place. */
const TOLERANCE = 1e-9;

/** Steps whose results are being taken in while others already execute in their place. */
const MOST_LEFT = 8;

export class Capacity {
  readonly #limits: Limits;
  #steps = 0;
  #cpus = 0;
  #memoryBytes = 0;
  #gpus = 0;
  readonly #pools = new Map<string, number>();
  readonly #left = new Set<Demand>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  fits(demand: Demand): boolean {
    const { machine, parallel, pools } = this.#limits;
    const { pool } = demand;
    return (
      (parallel === undefined || this.#steps < parallel) &&
      this.#cpus + demand.cpus <= machine.cpus + TOLERANCE &&
      this.#memoryBytes + demand.memoryBytes <= machine.memoryBytes &&
      this.#gpus + demand.gpus <= machine.gpus + TOLERANCE &&
      (pool === null || (this.#pools.get(pool) ?? 0) < (pools[pool] ?? 0))
    );
  }

  take(demand: Demand): void {
    this.#add(demand, 1);
  }

  give(demand: Demand): void {
    if (this.#left.delete(demand)) this.#addMachine(demand, 1);
    this.#add(demand, -1);
  }

  /**
   * Gives back the machine ahead of the rest: as a step, and in its pool, it counts until `give`.
   * `demand` is that which was taken, not one like it.
   */
  leaveMachine(demand: Demand): void {
    if (this.#left.size >= MOST_LEFT || this.#left.has(demand)) return;
    this.#left.add(demand);
    this.#addMachine(demand, -1);
  }

  #addMachine(demand: Demand, sign: 1 | -1): void {
    this.#cpus += sign * demand.cpus;
    this.#memoryBytes += sign * demand.memoryBytes;
    this.#gpus += sign * demand.gpus;
  }

  #add(demand: Demand, sign: 1 | -1): void {
    this.#steps += sign;
    this.#addMachine(demand, sign);
    if (demand.pool !== null) {
      this.#pools.set(demand.pool, (this.#pools.get(demand.pool) ?? 0) + sign);
    }
  }
}

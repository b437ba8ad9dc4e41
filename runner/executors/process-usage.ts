/**
 * What local attempts use, from /proc: the members of an attempt's process group, their descendants,
 * and those that left but still carry its working directory in their environment. One look at the
 * process table serves all attempts. Unaware of when it is asked.
 */
import { environmentHolds, processIds, statFields } from '../process-table.ts';
import type { Gauge, Reading } from './executor.ts';
import { ProcessMemory } from './process-memory.ts';

/** Readings this close together are of the same table. */
const SHARED_MS = 200;
/** The kernel tells times in hundredths of a second, on every Linux that Node runs on. */
const TICK_MS = 10;

type Row = {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly cpuMs: number;
  /** When it started, in ticks since the machine did: with its number, which process it is. */
  readonly started: number;
};

export class ProcessGauges {
  #rows: readonly Row[] = [];
  #readAt = Number.NEGATIVE_INFINITY;

  /** Where there is no /proc it tells nothing. */
  gauge(leader: number, workdir: string): Gauge {
    const attempt = new AttemptProcesses(leader, workdir);
    return {
      holdsMemory: false,
      read: async precision => attempt.read(this.#table(), precision),
    };
  }

  #table(): readonly Row[] {
    const now = performance.now();
    if (now - this.#readAt > SHARED_MS) {
      this.#rows = processIds().flatMap(pid => rowOf(pid) ?? []);
      this.#readAt = now;
    }
    return this.#rows;
  }
}

/** Zombies count: the time that they took is not yet their parent's. */
function rowOf(pid: number): Row | undefined {
  const fields = statFields(pid);
  if (fields === undefined) return undefined;
  const number = (at: number) => Number(fields[at]);
  // Own time, and that of children that have ended and been waited for (proc_pid_stat(5)).
  const ticks = number(11) + number(12) + number(13) + number(14);
  return {
    pid,
    parent: number(1),
    group: number(2),
    cpuMs: ticks * TICK_MS,
    started: number(19),
  };
}

const nameOf = ({ pid, started }: Row): string => `${pid} ${started}`;

class AttemptProcesses {
  readonly #leader: number;
  readonly #workdir: string;
  readonly #memory = new ProcessMemory();
  /** Processes by number and start: does the environment they began with name the attempt? */
  #strays: ReadonlyMap<string, boolean> = new Map();
  #cpuMs = 0;

  constructor(leader: number, workdir: string) {
    this.#leader = leader;
    this.#workdir = workdir;
  }

  read(table: readonly Row[], precision: 'quick' | 'exact'): Reading | undefined {
    const leader = table.find(({ pid }) => pid === this.#leader);
    if (leader === undefined) return undefined;
    const members = this.#members(table, leader);
    // Time is lost with processes that nobody waited for: it never runs backwards for all that.
    const cpuMs = members.reduce((sum, row) => sum + row.cpuMs, 0);
    this.#cpuMs = Math.max(this.#cpuMs, cpuMs);
    const pids = members.map(({ pid }) => pid);
    const memoryBytes = this.#memory.of(pids, precision);
    return memoryBytes === undefined ? undefined : { cpuMs: this.#cpuMs, memoryBytes };
  }

  #members(table: readonly Row[], leader: Row): readonly Row[] {
    this.#lookForStrays(table, leader);
    const children = Map.groupBy(table, ({ parent }) => parent);
    const found = new Map<number, Row>();
    const open = table.filter(
      row => row.group === this.#leader || this.#strays.get(nameOf(row)) === true,
    );
    for (let row = open.pop(); row !== undefined; row = open.pop()) {
      if (found.has(row.pid)) continue;
      found.set(row.pid, row);
      open.push(...(children.get(row.pid) ?? []));
    }
    return [...found.values()];
  }

  /** Each process is looked at once: an environment comes with the process, and stays. */
  #lookForStrays(table: readonly Row[], leader: Row): void {
    const before = this.#strays;
    const later = table.filter(row => row.started >= leader.started && row.parent !== process.pid);
    this.#strays = new Map(
      later.map(row => {
        const name = nameOf(row);
        return [name, before.get(name) ?? environmentHolds(row.pid, this.#workdir)];
      }),
    );
  }
}

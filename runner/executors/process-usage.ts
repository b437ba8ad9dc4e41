/**
 * What local attempts use, from /proc: the members of an attempt's process group, their descendants,
 * and those that left but still carry its working directory in their environment. One look at the
 * process table serves all attempts. Unaware of when it is asked.
 */
import { readFileSync } from 'node:fs';
import { environmentHolds, processIds, statFields } from '../process-table.ts';
import type { Gauge, Reading } from './executor.ts';

/** Readings this close together are of the same table. */
const SHARED_MS = 200;
/** The kernel tells times in hundredths of a second, on every Linux that Node runs on. */
const TICK_MS = 10;
/** The exact size of memory that processes share is costly to learn: this share of the time at most. */
const EXACT_EVERY = 200;

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
  /** Processes by number and start: does the environment they began with name the attempt? */
  #strays: ReadonlyMap<string, boolean> = new Map();
  #cpuMs = 0;
  /** How much of what its processes hold is not held twice. */
  #unshared = 1;
  #exactAt = Number.NEGATIVE_INFINITY;

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
    return { cpuMs: this.#cpuMs, memoryBytes: this.#memory(pids, precision) };
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

  /** Workers that were forked share most of what they hold: added up it would count many times. */
  #memory(pids: readonly number[], precision: 'quick' | 'exact'): number {
    const held = pids.reduce((sum, pid) => sum + heldBytes(pid), 0);
    if (pids.length === 1 || held === 0) return held;
    const start = performance.now();
    if (precision === 'exact' || start >= this.#exactAt) {
      const shares = pids.map(pid => proportionalBytes(pid) ?? heldBytes(pid));
      this.#unshared = Math.min(1, shares.reduce((sum, bytes) => sum + bytes, 0) / held);
      const end = performance.now();
      this.#exactAt = end + (end - start) * EXACT_EVERY;
    }
    return Math.round(held * this.#unshared);
  }
}

const heldBytes = (pid: number): number =>
  kilobytes(`/proc/${pid}/status`, /^Rss(?:Anon|Shmem):\s+(\d+) kB$/gm) ?? 0;

/** Shared pages count by their share. Undefined where the kernel does not let us look. */
const proportionalBytes = (pid: number): number | undefined =>
  kilobytes(`/proc/${pid}/smaps_rollup`, /^Pss_(?:Anon|Shmem):\s+(\d+) kB$/gm);

/** The sum of all that match, in bytes. Pages of files are left out: they can be dropped at once. */
function kilobytes(path: string, pattern: RegExp): number | undefined {
  try {
    const text = readFileSync(path, 'latin1');
    const found = [...text.matchAll(pattern)];
    return found.length === 0
      ? undefined
      : found.reduce((sum, [, amount]) => sum + Number(amount) * 1024, 0);
  } catch {
    return undefined; // It has ended meanwhile.
  }
}

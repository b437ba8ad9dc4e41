/**
 * How much memory local processes hold together, from /proc. Forked workers share most of what they
 * hold: added up it counts many times, and what each has of it is costly to learn. Unaware of whose
 * the processes are.
 */
import { readFileSync } from 'node:fs';

/** Unasked, it is learnt in this part of the time at most. */
const EXACT_EVERY = 200;

/** A file of /proc/<pid>; undefined where the kernel has none, does not let us look, or it has ended. */
export type ReadOfProcess = (pid: number, file: 'status' | 'smaps_rollup') => string | undefined;

export class ProcessMemory {
  readonly #read: ReadOfProcess;
  /** How much of what they hold is not held twice. */
  #unshared = 1;
  #exactAt = Number.NEGATIVE_INFINITY;

  constructor(read: ReadOfProcess = readOfProcess) {
    this.#read = read;
  }

  /**
   * In bytes. What cannot be told counts too often where it is to be quick; where it is to be exact
   * it counts not at all, and without anything to tell the answer is undefined.
   */
  of(pids: readonly number[], precision: 'quick' | 'exact'): number | undefined {
    const held = new Map(pids.map(pid => [pid, this.#held(pid)]));
    const heldBytes = sum([...held.values()]);
    if (pids.length === 1 || heldBytes === 0) return heldBytes;
    const start = performance.now();
    if (precision === 'quick' && start < this.#exactAt) {
      return Math.round(heldBytes * this.#unshared);
    }
    const shares = new Map(pids.map(pid => [pid, this.#share(pid)]));
    const end = performance.now();
    this.#exactAt = end + (end - start) * EXACT_EVERY;
    const atMost = sum(pids.map(pid => shares.get(pid) ?? held.get(pid) ?? 0));
    this.#unshared = Math.min(1, atMost / heldBytes);
    if (precision === 'quick') return Math.round(heldBytes * this.#unshared);
    const known = [...shares.values()].filter(share => share !== undefined);
    return known.length === 0 ? undefined : Math.min(heldBytes, sum(known));
  }

  /** Pages of files are left out: they can be dropped at once. */
  #held(pid: number): number {
    return kilobytes(this.#read(pid, 'status'), /^Rss(?:Anon|Shmem):\s+(\d+) kB$/gm) ?? 0;
  }

  /** Shared pages count by their share. */
  #share(pid: number): number | undefined {
    const shares = this.#read(pid, 'smaps_rollup');
    const own = kilobytes(shares, /^Pss_(?:Anon|Shmem):\s+(\d+) kB$/gm);
    if (own !== undefined) return own;
    // Before Linux 5.3 pages of files are among them: all that it sees of those is too much at worst.
    const all = kilobytes(shares, /^Pss:\s+(\d+) kB$/gm);
    const files = kilobytes(this.#read(pid, 'status'), /^RssFile:\s+(\d+) kB$/gm);
    return all === undefined || files === undefined ? undefined : Math.max(0, all - files);
  }
}

const sum = (amounts: readonly number[]): number =>
  amounts.reduce((total, amount) => total + amount, 0);

/** The sum of all that match, in bytes. */
function kilobytes(text: string | undefined, pattern: RegExp): number | undefined {
  const found = [...(text ?? '').matchAll(pattern)];
  return found.length === 0 ? undefined : sum(found.map(([, amount]) => Number(amount) * 1024));
}

function readOfProcess(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return undefined;
  }
}

/**
 * Hashes and copies files, in this thread or, once there is much of it, on the machine's other
 * processors as well. The results and the errors are the same. Small runs start no thread. Unaware
 * of trees and blobs.
 */
import { availableParallelism } from 'node:os';
import type { Digest } from '../schema/id.ts';
import { type Copy, type Seen, SMALL_BYTES } from './content.ts';
import { ContentLane, MOST_PARCELS } from './content-lane.ts';
import { perform, type Work } from './content-work.ts';
import type { FileSystem } from './file-system.ts';
import { turns } from './gate.ts';

/** Where the store's bytes are read: here, or wherever there is a processor free. */
export type ContentReader = {
  /** How many small files may wait for it, so that nobody who reads idles: each takes memory. */
  readonly ahead: number;
  readonly hash: (path: string, seen: Seen) => Digest | Promise<Digest>;
  readonly copy: (copy: Copy) => Digest | Promise<Digest>;
  readonly close: () => Promise<void>;
};

/** In this thread, with any disk. */
export const readingHere = (disk: FileSystem): ContentReader => ({
  ahead: PARCEL_FILES,
  hash: (path, seen) => perform(disk, { kind: 'hash', path, seen }),
  copy: copy => perform(disk, { kind: 'copy', copy }),
  close: async () => undefined,
});

export type PoolOptions = {
  readonly threads: number;
  /** Bytes of work within a second from which on the threads are worth their start. */
  readonly worthwhile: number;
};

/** Starting a thread takes half as long as hashing this much. */
const WORTHWHILE = 128 << 20;
/** Opening and closing a file costs as much as hashing this. */
const FILE_COST = 64 << 10;
/** More threads than this wait for the disk. */
const MOST_THREADS = 8;
/** Large files that this thread reads at a time: each holds buffers and a descriptor. */
const HERE_AT_ONCE = 4;
/** Work is handed over in parcels: a message costs as much as a small file. */
const PARCEL_COST = 4 << 20;
/** Of small ones. */
const PARCEL_FILES = PARCEL_COST / FILE_COST;

export const defaultPool = (): PoolOptions => ({
  threads: Math.min(availableParallelism(), MOST_THREADS),
  worthwhile: WORTHWHILE,
});

type Job = {
  readonly work: Work;
  readonly cost: number;
  readonly resolve: (digest: Digest | Promise<Digest>) => void;
  readonly reject: (error: unknown) => void;
};

export class ContentPool implements ContentReader {
  readonly ahead: number;
  readonly #disk: FileSystem;
  readonly #options: PoolOptions;
  readonly #load: Load;
  #lanes: readonly ContentLane[] = [];
  #waiting: Job[] = [];
  #waitingCost = 0;
  readonly #turn = turns(HERE_AT_ONCE);
  #isFlushing = false;

  /** The disk must be the real one: it is what the threads see. */
  constructor(disk: FileSystem, options: PoolOptions = defaultPool()) {
    this.ahead = Math.max(1, options.threads) * MOST_PARCELS * PARCEL_FILES;
    this.#disk = disk;
    this.#options = options;
    this.#load = new Load(options.worthwhile);
  }

  hash(path: string, seen: Seen): Digest | Promise<Digest> {
    return this.#take({ kind: 'hash', path, seen }, seen.size);
  }

  copy(copy: Copy): Digest | Promise<Digest> {
    return this.#take({ kind: 'copy', copy }, copy.seen.size);
  }

  async close(): Promise<void> {
    const lanes = this.#lanes;
    this.#lanes = [];
    await Promise.all(lanes.map(lane => lane.end()));
  }

  #take(work: Work, size: bigint): Digest | Promise<Digest> {
    const cost = Number(size) + FILE_COST;
    const { threads } = this.#options;
    const isMuch = this.#load.add(cost);
    if (!isMuch || threads < 2) return this.#perform(work);
    if (this.#lanes.length === 0) {
      const onChange = () => this.#handOver();
      this.#lanes = Array.from({ length: threads }, () => new ContentLane(onChange));
    }
    return this.#enqueue(work, cost);
  }

  #enqueue(work: Work, cost: number): Promise<Digest> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ work, cost, resolve, reject });
      this.#waitingCost += cost;
      if (this.#waitingCost >= PARCEL_COST) this.#handOver();
      else this.#flushSoon();
    });
  }

  /** What is left of a parcel goes when this thread has nothing to add to it just now. */
  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    setImmediate(() => {
      this.#isFlushing = false;
      this.#handOver();
    });
  }

  #handOver(): void {
    if (this.#lanes.every(({ state }) => state === 'unusable')) this.#doHere();
    // Where none has room, one asks again when it has.
    for (let lane = this.#freest(); lane !== undefined; lane = this.#freest()) {
      const jobs = this.#nextParcel();
      if (jobs.length === 0) return;
      const works = jobs.map(({ work }) => work);
      lane.send(works, {
        resolve: (index, digest) => jobs[index]?.resolve(digest),
        reject: (index, error) => jobs[index]?.reject(error),
      });
    }
  }

  #freest(): ContentLane | undefined {
    return this.#lanes.filter(lane => lane.hasRoom).sort((a, b) => a.parcels - b.parcels)[0];
  }

  #perform(work: Work): Digest | Promise<Digest> {
    const { size } = work.kind === 'hash' ? work.seen : work.copy.seen;
    const here = () => perform(this.#disk, work);
    return size <= SMALL_BYTES ? here() : this.#turn(here);
  }

  /** No thread can be had: as if none had been asked for. */
  #doHere(): void {
    const jobs = this.#waiting;
    this.#waiting = [];
    this.#waitingCost = 0;
    for (const { work, resolve, reject } of jobs) {
      try {
        resolve(this.#perform(work));
      } catch (error) {
        reject(error);
      }
    }
  }

  #nextParcel(): readonly Job[] {
    const end = parcelEnd(this.#waiting);
    const jobs = this.#waiting.slice(0, end);
    this.#waiting = this.#waiting.slice(end);
    for (const { cost } of jobs) this.#waitingCost -= cost;
    return jobs;
  }
}

function parcelEnd(jobs: readonly Job[]): number {
  let cost = 0;
  for (const [index, job] of jobs.entries()) {
    cost += job.cost;
    if (cost >= PARCEL_COST) return index + 1;
  }
  return jobs.length;
}

/** How much there was to do lately. */
class Load {
  readonly #worthwhile: number;
  #since = performance.now();
  #cost = 0;
  #wasHigh = false;

  constructor(worthwhile: number) {
    this.#worthwhile = worthwhile;
  }

  /** Is it much, with this? */
  add(cost: number): boolean {
    const now = performance.now();
    if (now - this.#since > 1_000) {
      this.#wasHigh = this.#cost >= this.#worthwhile && now - this.#since < 2_000;
      this.#since = now;
      this.#cost = 0;
    }
    this.#cost += cost;
    return this.#wasHigh || this.#cost >= this.#worthwhile;
  }
}

/**
 * Takes many blobs into a store at once. Waiting for the disk is what costs, so it is done for many
 * files together and once for each folder; nothing is promised before `settle` has returned.
 * Unaware of trees.
 */
import { dirname } from 'node:path';
import type { Digest } from '../schema/id.ts';
import { blobSize, type Depot, quarantine, verifyBlob } from './blobs.ts';
import { digestBytes, lengthFault, type Seen, SMALL_BYTES, writeAll } from './content.ts';
import { descriptorLimit } from './descriptors.ts';
import { errorCode } from './fault.ts';
import { inOrder } from './gate.ts';
import { blobPath, discard, syncFolder, temporaryPath } from './layout.ts';

/**
 * How many descriptors are held open while the disk is waited for: a small part of what may be,
 * because several results may be taken in at once.
 */
const BATCH = Math.max(1, Math.min(64, Math.floor(descriptorLimit() / 16)));

type Pending = { readonly fd: number; readonly aside: string; readonly digest: Digest };

export class BlobWriter {
  readonly #depot: Depot;
  /** Written, but neither synced nor named yet. */
  #pending: Pending[] = [];
  #flushed: Promise<void> = Promise.resolve();
  readonly #added = new Set<Digest>();
  /** Folders with names that must become durable, those of blobs found in place included. */
  readonly #shards = new Set<string>();

  constructor(depot: Depot) {
    this.#depot = depot;
  }

  /** Stores bytes held in memory, which it does not keep. */
  add(bytes: Uint8Array): Digest | Promise<Digest> {
    const digest = digestBytes(bytes);
    if (this.#added.has(digest)) return digest;
    if (!this.#isStored(digest, bytes.byteLength)) this.#write(digest, bytes);
    this.#remember(digest);
    return this.#pending.length < BATCH ? digest : this.#flush().then(() => digest);
  }

  /** Stores a file of any size by copying it: see docs/store-format.md on why not by moving. */
  async addFile(path: string, seen: Seen): Promise<Digest> {
    const { disk, layout, content } = this.#depot;
    const aside = temporaryPath(layout);
    try {
      const digest = await content.copy({ path, seen, target: aside, mode: 0o444, durable: true });
      if (this.#added.has(digest) || (await verifyBlob(this.#depot, digest))) discard(disk, aside);
      else this.#name(aside, digest);
      this.#remember(digest);
      return digest;
    } catch (error) {
      discard(disk, aside);
      throw error;
    }
  }

  /** Adopts a blob that is already there with the right size; false when it is not. */
  adopt(digest: Digest, bytes: bigint): boolean {
    const size = blobSize(this.#depot, digest);
    if (size !== undefined && size !== bytes) quarantine(this.#depot, digest);
    if (size !== bytes) return this.#added.has(digest);
    this.#remember(digest);
    return true;
  }

  /** Everything added is in the store, under its name and durable. */
  async settle(): Promise<void> {
    const { disk, names } = this.#depot;
    await this.#flush();
    const shards = [...this.#shards];
    await names.ensure(...shards);
    for (let begun = 0; begun < shards.length; begun += BATCH) {
      const batch = shards.slice(begun, begun + BATCH);
      await inOrder(batch.map(shard => syncFolder(disk, shard)));
    }
  }

  /** Lets go of what has not been named. */
  abandon(): void {
    for (const { fd, aside } of this.#pending) {
      this.#depot.disk.close(fd);
      discard(this.#depot.disk, aside);
    }
    this.#pending = [];
  }

  #remember(digest: Digest): void {
    this.#added.add(digest);
    this.#shards.add(dirname(blobPath(this.#depot.layout, digest)));
  }

  /** What is large or damaged is written anew, over what is there. */
  #isStored(digest: Digest, bytes: number): boolean {
    const size = blobSize(this.#depot, digest);
    if (size === undefined) return false;
    if (size !== BigInt(bytes)) quarantine(this.#depot, digest);
    return (
      size === BigInt(bytes) && bytes <= SMALL_BYTES && verifyBlob(this.#depot, digest) === true
    );
  }

  #write(digest: Digest, bytes: Uint8Array): void {
    const { disk, layout } = this.#depot;
    const aside = temporaryPath(layout);
    const fd = disk.create(aside, 0o444);
    this.#pending.push({ fd, aside, digest });
    writeAll(disk, fd, bytes);
    if (disk.fstat(fd).size !== BigInt(bytes.byteLength)) throw lengthFault(aside);
  }

  /** One batch after the other: a second one would only hold more descriptors open. */
  #flush(): Promise<void> {
    this.#flushed = this.#flushed.then(() => this.#flushOne());
    return this.#flushed;
  }

  async #flushOne(): Promise<void> {
    const { disk } = this.#depot;
    const batch = [...this.#pending];
    await inOrder(batch.map(({ fd }) => disk.sync(fd)));
    for (const next of batch) {
      // What was added meanwhile has not been synced.
      this.#pending.splice(this.#pending.indexOf(next), 1);
      disk.close(next.fd);
      try {
        this.#name(next.aside, next.digest);
      } catch (error) {
        discard(disk, next.aside);
        throw error;
      }
    }
  }

  #name(aside: string, digest: Digest): void {
    const { disk, layout, names } = this.#depot;
    const path = blobPath(layout, digest);
    try {
      disk.rename(aside, path);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      names.make(dirname(path));
      disk.rename(aside, path);
    }
  }
}

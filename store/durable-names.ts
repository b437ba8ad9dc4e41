/**
 * Which folders of a store are known to be on disk under their names, so that nobody waits for the
 * same name twice. A name stays durable for as long as it is there, and the store removes none of
 * its folders: what was synced once by this process need not be synced again. Unaware of contents.
 */
import { dirname } from 'node:path';
import type { FileSystem } from './file-system.ts';
import { makeFolder, syncFolder } from './layout.ts';

export class DurableNames {
  readonly #disk: FileSystem;
  readonly #known = new Set<string>();

  constructor(disk: FileSystem) {
    this.#disk = disk;
  }

  /** Makes the folder where it is not there; its name is then not yet durable. */
  make(folder: string): void {
    // Somebody may have removed it by hand since we synced it.
    if (makeFolder(this.#disk, folder)) this.#known.delete(folder);
  }

  /** The folders' names are on disk. Who else made one a moment ago may not have waited for that. */
  async ensure(...folders: readonly string[]): Promise<void> {
    const fresh = folders.filter(folder => !this.#known.has(folder));
    for (const parent of new Set(fresh.map(dirname))) await syncFolder(this.#disk, parent);
    for (const folder of fresh) this.#known.add(folder);
  }
}

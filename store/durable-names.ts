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

  /** The folder's name is on disk. Who else made it a moment ago may not have waited for that. */
  async ensure(folder: string): Promise<void> {
    if (this.#known.has(folder)) return;
    await syncFolder(this.#disk, dirname(folder));
    this.#known.add(folder);
  }
}

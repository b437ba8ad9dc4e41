/**
 * Working directories that nobody needs any more. To remove one takes a dozen system calls, each of
 * which may wait for the disk: what is little lies until the run ends, and then goes as a whole
 * with the run's folder. Unaware of what was done in them.
 */
import { lstatSync, readdirSync } from 'node:fs';
import { rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { removeQuietly, takeOffMounts } from './clearing.ts';

type Size = { readonly entries: number; readonly bytes: number };

/** Of one: more is not worth counting. */
const LITTLE: Size = { entries: 64, bytes: 1 << 20 };
/** Of all that may lie about: removed in a fraction of a second. */
const MOST: Size = { entries: 10_000, bytes: 64 << 20 };

export class Leavings {
  readonly #most: Size;
  #lying: Size = { entries: 0, bytes: 0 };

  constructor(most = MOST) {
    this.#most = most;
  }

  /** Settles when the folder is gone, or may lie until the run ends. */
  async take(folder: string): Promise<void> {
    const size = sizeOfLittle(folder);
    const lying = size === undefined ? undefined : sum(this.#lying, size);
    if (lying !== undefined && isWithin(lying, this.#most)) {
      this.#lying = lying;
      return;
    }
    if (!takeOffMounts(folder)) return;
    try {
      await removeFolder(folder);
    } catch {
      removeQuietly(folder); // A read-only folder in it: that takes a change of modes.
    }
  }
}

/** Calls of the disk that are on their way: `rm` begins one for every name there is. */
const AT_ONCE = 32;

async function removeFolder(path: string): Promise<void> {
  const entries = readdirSync(path, { withFileTypes: true });
  for (const entry of entries) {
    if (entry.isDirectory()) await removeFolder(join(path, entry.name));
  }
  const others = entries.filter(entry => !entry.isDirectory());
  while (others.length > 0) {
    const few = others.splice(-AT_ONCE);
    await Promise.all(few.map(({ name }) => unlink(join(path, name))));
  }
  await rmdir(path);
}

const sum = (a: Size, b: Size): Size => ({
  entries: a.entries + b.entries,
  bytes: a.bytes + b.bytes,
});

const isWithin = (size: Size, most: Size): boolean =>
  size.entries <= most.entries && size.bytes <= most.bytes;

/** Undefined for what is much, or cannot be looked into. */
function sizeOfLittle(root: string): Size | undefined {
  let size: Size = { entries: 1, bytes: 0 };
  const open = [root];
  try {
    for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
      for (const name of readdirSync(folder)) {
        const path = join(folder, name);
        const stat = lstatSync(path);
        const isFolder = stat.isDirectory();
        if (isFolder) open.push(path);
        size = sum(size, { entries: 1, bytes: isFolder ? 0 : stat.size });
        if (!isWithin(size, LITTLE)) return undefined;
      }
    }
    return size;
  } catch {
    return undefined;
  }
}

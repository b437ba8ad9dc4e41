/**
 * How much an attempt has written below its folders: the blocks of every file that has changed since
 * it began. What was laid out for it before does not count. Unaware of limits.
 */
import { statSync, utimesSync } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';

/** As stat(2) counts them, whatever the file system does. */
const BLOCK_BYTES = 512;

/**
 * Now, by the clock of the folder's file system, which may lag behind others by some milliseconds:
 * what has been laid out must not seem to be written later.
 */
export function fileTime(folder: string): number {
  const now = new Date();
  try {
    utimesSync(folder, now, now);
    return statSync(folder).ctimeMs;
  } catch {
    return now.getTime(); // It is gone, or not ours: then there is nothing of ours to count.
  }
}

/** `since`: of `fileTime`. Links are not followed, files linked twice count once. */
export async function writtenBytes(folders: readonly string[], since: number): Promise<number> {
  const seen = new Set<string>();
  const open = [...folders];
  let bytes = 0;
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    for (const { name, isFolder } of await entriesOf(path)) {
      const inner = join(path, name);
      if (isFolder) open.push(inner);
      const stat = await lstat(inner).catch(() => undefined); // Removed meanwhile.
      if (stat === undefined || stat.ctimeMs <= since) continue;
      const file = `${stat.dev} ${stat.ino}`;
      if (stat.nlink > 1 && !isFolder && seen.has(file)) continue;
      seen.add(file);
      bytes += stat.blocks * BLOCK_BYTES;
    }
  }
  return bytes;
}

async function entriesOf(folder: string): Promise<readonly { name: string; isFolder: boolean }[]> {
  try {
    const entries = await Array.fromAsync(await opendir(folder));
    return entries.map(entry => ({ name: entry.name, isFolder: entry.isDirectory() }));
  } catch {
    return []; // Removed meanwhile, or closed to us.
  }
}

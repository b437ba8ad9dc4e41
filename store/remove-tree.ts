/**
 * Removes what a step or a store has left, however it is protected or named: a read-only folder
 * keeps its owner from removing what is in it, and a name need not be text. Unaware of why it goes.
 */
import { chmodSync, lstatSync, readdirSync, rmdirSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from './fault.ts';

/** Removes a file, a link or a folder with all that is in it; nothing there is fine too. */
export function removeTree(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    if (!['EACCES', 'EPERM'].includes(errorCode(error) ?? '')) throw error;
    openFolders(Buffer.from(path));
    rmSync(path, { recursive: true, force: true });
  }
}

/** So many entries with so many bytes are gone at once, on any disk. */
const FEW_ENTRIES = 64;
const FEW_BYTES = 16 << 20;

/** Removes a folder with little in it; false when there is more, or something resists. */
export function removeFew(folder: string): boolean {
  try {
    const found = fewBelow(folder);
    for (const { path, isFolder } of found?.toReversed() ?? []) {
      if (isFolder) rmdirSync(path);
      else unlinkSync(path);
    }
    return found !== undefined;
  } catch {
    return false;
  }
}

type Entry = { readonly path: string; readonly isFolder: boolean };

/** Itself first, each folder before what is in it. */
function fewBelow(folder: string): readonly Entry[] | undefined {
  const found: Entry[] = [{ path: folder, isFolder: true }];
  let bytes = 0;
  for (const { path, isFolder } of found) {
    for (const name of isFolder ? readdirSync(path) : []) {
      const entry = join(path, name);
      const stat = lstatSync(entry);
      bytes += stat.size;
      found.push({ path: entry, isFolder: stat.isDirectory() });
      if (found.length > FEW_ENTRIES || bytes > FEW_BYTES) return undefined;
    }
  }
  return found;
}

function openFolders(path: Buffer): void {
  chmodSync(path, 0o700);
  for (const entry of readdirSync(path, { withFileTypes: true, encoding: 'buffer' })) {
    if (entry.isDirectory()) openFolders(Buffer.concat([path, SLASH, entry.name]));
  }
}

const SLASH = Buffer.from('/');

/**
 * Removes what a step or a store has left, however it is protected or named: a read-only folder
 * keeps its owner from removing what is in it, and a name need not be text. Unaware of why it goes.
 */
import { chmodSync, readdirSync, rmSync } from 'node:fs';
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

function openFolders(path: Buffer): void {
  chmodSync(path, 0o700);
  for (const entry of readdirSync(path, { withFileTypes: true, encoding: 'buffer' })) {
    if (entry.isDirectory()) openFolders(Buffer.concat([path, SLASH, entry.name]));
  }
}

const SLASH = Buffer.from('/');

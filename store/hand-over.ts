/**
 * Gives to its owner what root has made in somebody else's folder: after one `sudo sluice run` the
 * user could otherwise not even read his own store. For everybody but root it does nothing.
 */
import { lchownSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = 0;

type Owner = { readonly uid: number; readonly gid: number };

/** Undefined where nothing has to be given to anybody. */
export function ownerToServe(folder: string): Owner | undefined {
  if (process.geteuid?.() !== ROOT) return undefined;
  const owner = lstatSync(folder, { throwIfNoEntry: false });
  return owner === undefined || owner.uid === ROOT ? undefined : owner;
}

/** What lies at `path` and below it. Others may work there: what goes meanwhile is nobody's loss. */
export function handOver(path: string, owner: Owner): void {
  try {
    const stat = lstatSync(path);
    if (stat.uid === ROOT) lchownSync(path, owner.uid, owner.gid);
    if (!stat.isDirectory()) return;
    for (const name of readdirSync(path)) handOver(join(path, name), owner);
  } catch {
    // Gone, or on a disk that knows no owners.
  }
}

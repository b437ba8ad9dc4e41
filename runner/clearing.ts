/**
 * Removes what steps have left, also where root has tied it down: what is mounted in it is taken off
 * first, because what lies there is somebody else's; what was made immutable is let go. Unaware of
 * steps.
 */
import { spawnSync } from 'node:child_process';
import { removeTree } from '../store/remove-tree.ts';
import { mountsIn } from './mounts.ts';

const UMOUNT = '/usr/bin/umount';
const CHATTR = '/usr/bin/chattr';

/** False for what cannot be removed now: the next run tries again. */
export function removeQuietly(path: string): boolean {
  if (!takeOffMounts(path)) return false;
  if (isRemoved(path)) return true;
  if (!isRoot()) return false;
  spawnSync(CHATTR, ['-R', '-f', '-i', '-a', '--', path], { stdio: 'ignore' });
  return isRemoved(path);
}

function isRemoved(path: string): boolean {
  try {
    removeTree(path);
    return true;
  } catch {
    return false; // Busy, or taken away by somebody else: nothing that a run should end for.
  }
}

/**
 * False where something stays mounted: to remove the folder would remove what lies on that disk. Also
 * who is not root may have mounted something (FUSE), or root for him, and may not take it off.
 */
export function takeOffMounts(folder: string): boolean {
  if (process.platform !== 'linux') return true;
  const mounted = mountsIn(folder);
  if (mounted.length === 0) return true;
  // The last first: one may lie in another.
  for (const point of mounted.toReversed()) {
    spawnSync(UMOUNT, ['-l', '--', point], { stdio: 'ignore' });
  }
  return mountsIn(folder).length === 0;
}

const isRoot = (): boolean => process.getuid?.() === 0;

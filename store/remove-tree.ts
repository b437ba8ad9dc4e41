/**
 * Removes what a step or a store has left, however it is protected: a read-only folder keeps its
 * owner from removing what is in it. Unaware of why it goes.
 */
import { type FileSystem, nodeFileSystem } from './file-system.ts';

/** Removes a file, a link or a folder with all that is in it; nothing there is fine too. */
export function removeTree(path: string, disk: FileSystem = nodeFileSystem): void {
  const seen = disk.lstat(path);
  if (seen === undefined) return;
  if (!seen.isDirectory()) {
    disk.unlink(path);
    return;
  }
  if ((seen.mode & 0o700n) !== 0o700n) disk.chmod(path, 0o700);
  for (const name of disk.readdir(path)) removeTree(`${path}/${name}`, disk);
  disk.rmdir(path);
}

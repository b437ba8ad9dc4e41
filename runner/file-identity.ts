/** Which file or folder a path leads to: what is moved away and back is the same one all the time. */
import { statSync } from 'node:fs';
import { quietly } from './quietly.ts';

/** `device:inode`; undefined where nothing can be seen. */
export function identityAt(path: string): string | undefined {
  const stat = quietly(() => statSync(path, { bigint: true }));
  return stat && `${stat.dev}:${stat.ino}`;
}

/**
 * The kernel's lock on an open file, by the addon of `fs-native-extensions`. The package looks for
 * its addon in a way made for many runtimes, which takes longer than all that a run locks: where it
 * lies for Node is known, and only what is not found there is searched. Unaware of lock files.
 */
import { createRequire } from 'node:module';

type Addon = {
  /** Throws EAGAIN when somebody else holds it. Belongs to the open file, not to the process. */
  readonly tryLock: (fd: number, offset: number, length: number, isExclusive: boolean) => void;
};

const PACKAGE = 'fs-native-extensions';
const require = createRequire(import.meta.url);
let addon: Addon | undefined;

/** False when somebody else holds it. */
export function tryLockFile(fd: number, mode: 'shared' | 'exclusive'): boolean {
  addon ??= load();
  try {
    addon.tryLock(fd, 0, 0, mode === 'exclusive');
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return false;
    throw error;
  }
}

function load(): Addon {
  const { platform, arch } = process;
  try {
    return require(`${PACKAGE}/prebuilds/${platform}-${arch}/${PACKAGE}.node`);
  } catch {
    return require(`${PACKAGE}/binding`);
  }
}

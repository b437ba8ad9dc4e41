/**
 * Locks of the kernel, on files: freed when their holder dies, however it dies, so that nobody ever
 * removes a lock by hand. Two holders in one process exclude each other as two processes do.
 * Unaware of what is protected.
 */
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { CacheKey } from '../schema/id.ts';
import { attempt, errorCode, StoreFault } from './fault.ts';
import { tryLockFile } from './native-lock.ts';
import type { Result } from './store.ts';

export type Lock = {
  /** The lock is free. `remove` takes the file away first; only an exclusive holder may. */
  readonly release: (options?: { readonly remove: boolean }) => void;
};

export type LockMode = 'shared' | 'exclusive';

/**
 * Takes a lock, or says that somebody else has it (undefined). The file and its folder are made.
 */
export const tryLock = (path: string, mode: LockMode): Promise<Result<Lock | undefined>> =>
  attempt(path, async () => {
    for (;;) {
      const fd = openLockFile(path, mode);
      const taken = attemptLock(() => tryLockFile(fd, mode));
      if (taken === true && isStillThere(fd, path)) {
        return { release: options => release(fd, path, options) };
      }
      closeSync(fd);
      if (taken === false) return undefined;
      if (taken !== true) throw new StoreFault({ kind: 'io', path, message: taken.message });
      // Its last holder removed the file between our opening and our locking it.
    }
  });

/**
 * Waits until the lock is ours; `undefined` when `signal` aborts first. `onWait` is called once,
 * when it is known that we must wait. The kernel's own wait would hold a thread of the pool that
 * nothing can end, therefore we ask again and again, ever more slowly.
 */
export async function acquireLock(
  path: string,
  mode: LockMode,
  options: { readonly signal?: AbortSignal | undefined; readonly onWait?: () => void } = {},
): Promise<Result<Lock | undefined>> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 1.5, LONGEST_WAIT_MS)) {
    const taken = await tryLock(path, mode);
    if (!taken.ok || taken.value !== undefined) return taken;
    if (waitMs === FIRST_WAIT_MS) options.onWait?.();
    if (!(await isWaited(waitMs, options.signal))) return { ok: true, value: undefined };
  }
}

const FIRST_WAIT_MS = 4;
const LONGEST_WAIT_MS = 200;

/**
 * Runs `work` while this process alone has the right to execute `key` with the store at `root`
 * (`.sluice`). Undefined when `signal` aborts the wait. The lock's file goes away with the lock.
 */
export async function withKeyLock<T>(
  root: string,
  key: CacheKey,
  options: { readonly signal?: AbortSignal | undefined; readonly onWait?: () => void },
  work: () => Promise<T>,
): Promise<Result<T | undefined>> {
  const lock = await acquireLock(keyLockPath(root, key), 'exclusive', options);
  if (!lock.ok) return lock;
  if (lock.value === undefined) return { ok: true, value: undefined };
  try {
    return { ok: true, value: await work() };
  } finally {
    lock.value.release({ remove: true });
  }
}

export const locksFolder = (root: string): string => join(root, 'locks');

const keyLockPath = (root: string, key: CacheKey): string => join(locksFolder(root), key);

/** The addon's errors carry no system call by which they could be told from bugs. */
function attemptLock(lock: () => boolean): boolean | Error {
  try {
    return lock();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return error;
    throw error;
  }
}

/** Opened for writing where possible: an exclusive lock needs that, a shared one does not. */
function openLockFile(path: string, mode: LockMode): number {
  const flags = constants.O_RDWR | constants.O_CREAT;
  try {
    return openSync(path, flags, 0o666);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') {
      mkdirSync(dirname(path), { recursive: true });
      return openSync(path, flags, 0o666);
    }
    const isDenied = code === 'EACCES' || code === 'EROFS' || code === 'EPERM';
    // Where there is no file to read either, that it may not be made is what there is to say.
    const isEnough = mode === 'shared' && statSync(path, { throwIfNoEntry: false }) !== undefined;
    if (!isDenied || !isEnough) throw error;
    return openSync(path, constants.O_RDONLY);
  }
}

function isStillThere(fd: number, path: string): boolean {
  const ours = fstatSync(fd, { bigint: true });
  const named = statSync(path, { bigint: true, throwIfNoEntry: false });
  return named !== undefined && named.ino === ours.ino && named.dev === ours.dev;
}

function release(
  fd: number,
  path: string,
  options: { readonly remove: boolean } | undefined,
): void {
  // Removed while it is still ours: who has opened it already finds out by `isStillThere`.
  if (options?.remove === true) {
    try {
      unlinkSync(path);
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
    }
  }
  closeSync(fd);
}

/** False when it was aborted. */
async function isWaited(waitMs: number, signal: AbortSignal | undefined): Promise<boolean> {
  if (signal?.aborted) return false;
  try {
    await setTimeout(waitMs, undefined, signal === undefined ? {} : { signal });
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') return false;
    throw error;
  }
}

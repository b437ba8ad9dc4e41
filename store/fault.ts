/**
 * How a system error becomes a StoreError. Inside the store an error travels as an exception, since
 * it always ends the whole operation; `attempt` stands at each public door and turns it into a
 * value. Whatever is not the world's fault passes through and is a bug. Unaware of what was tried.
 */
import type { Result, StoreError } from './store.ts';

/** Carries a StoreError up to the door. */
export class StoreFault extends Error {
  readonly error: StoreError;

  constructor(error: StoreError) {
    super(`${error.kind}: ${'path' in error ? error.path : error.digest}`);
    this.error = error;
  }
}

/** Runs one operation; `path` is named when the system does not say which path failed. */
export async function attempt<T>(path: string, work: () => Promise<T> | T): Promise<Result<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error: storeErrorOf(error, path) };
  }
}

/** Rethrows what is not a system error. */
export function storeErrorOf(error: unknown, path: string): StoreError {
  if (error instanceof StoreFault) return error.error;
  const code = errorCode(error);
  if (!(error instanceof Error) || code === undefined) throw error;
  const at = 'path' in error && typeof error.path === 'string' ? error.path : path;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return { kind: 'full', path: at };
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return { kind: 'denied', path: at };
    case 'ENOENT':
    case 'ENOTDIR':
      return { kind: 'absent', path: at };
    case 'ENAMETOOLONG': {
      const message = 'a path that is too long for the system cannot be stored';
      return { kind: 'unsupported', path: `${at.slice(0, SHOWN)}…`, message };
    }
    default:
      return { kind: 'io', path: at, message: diskFailure(error) ?? error.message };
  }
}

/** Of a path that fills a screen. */
const SHOWN = 200;

/** What a disk says that is broken; undefined for any other error. */
export const diskFailure = (error: unknown): string | undefined =>
  errorCode(error) === 'EIO' && error instanceof Error
    ? `the disk failed (${error.message}); what has gone wrong with it, \`dmesg\` may tell`
    : undefined;

/** `ENOENT`; undefined for what does not come from the system. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/**
 * Why work on a step did not come to a result, as data. What the world does wrong is carried
 * through the runner in this form and nowhere thrown.
 */
import { assertNever } from '../schema/assert-never.ts';
import type { Failure } from '../schema/event.ts';
import type { StepId } from '../schema/id.ts';
import { diskFailure } from '../store/fault.ts';
import type { StoreError } from '../store/store.ts';

export type Stop =
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'cancelled' }
  /** Bytes that needs, or the step itself, once made are gone: those have to execute again. */
  | { readonly kind: 'damaged'; readonly producers: readonly StepId[]; readonly failure: Failure }
  /** What the key was made from is not what is there now: the step has to be judged again. */
  | { readonly kind: 'moved'; readonly failure: Failure };

export type Attempted<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly stop: Stop };

export const done = <T>(value: T): Attempted<T> => ({ ok: true, value });

export const stopped = (stop: Stop): Attempted<never> => ({ ok: false, stop });

export const failed = (failure: Failure): Attempted<never> => stopped({ kind: 'failed', failure });

export const notStarted = (message: string): Attempted<never> =>
  failed({ class: 'not-started', message });

/** What comes of work that nobody has to wait for when it is cancelled. */
export async function unlessAborted<T>(
  signal: AbortSignal,
  work: Promise<Attempted<T>>,
): Promise<Attempted<T>> {
  const { promise: aborted, resolve } = Promise.withResolvers<Attempted<never>>();
  const stop = () => resolve(stopped({ kind: 'cancelled' }));
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  const first = await Promise.race([work, aborted]);
  signal.removeEventListener('abort', stop);
  return first;
}

/** What the store says, as a failure of the step that asked. `what` names the thing for people. */
export function storeFailure(error: StoreError, what: string): Failure {
  switch (error.kind) {
    case 'full':
      return {
        class: 'environment',
        message: `the disk is full: ${what} could not be written${error.path === '' ? '' : ` at ${error.path}`}; free some space and run again, nothing is lost`,
      };
    case 'denied':
      return { class: 'environment', message: `${what}: access to ${error.path} is denied` };
    case 'io':
      return { class: 'environment', message: `${what}: ${error.message} (${error.path})` };
    case 'corrupt':
      return { class: 'environment', message: `${what}: its stored bytes are damaged` };
    case 'unsupported':
      return { class: 'not-started', message: `${what}: ${error.message} (${error.path})` };
    case 'absent':
      return { class: 'not-started', message: `${what} is not there (${error.path})` };
    case 'unstable':
      return { class: 'unstable-input', paths: [error.path] };
    case 'unknown-format':
      return { class: 'environment', message: `${what}: the store has an unknown format` };
    default:
      return assertNever(error);
  }
}

/** The same for what node:fs throws. */
export function systemFailure(error: unknown, what: string): Failure {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const path = error instanceof Error && 'path' in error ? String(error.path) : '';
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    // Of a copy it is the target that had no room.
    const full = error instanceof Error && 'dest' in error ? String(error.dest) : path;
    return storeFailure({ kind: 'full', path: full }, what);
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return storeFailure({ kind: 'denied', path }, what);
  }
  const said = error instanceof Error ? error.message : String(error);
  const message = diskFailure(error) ?? inTheWay(code, path) ?? said;
  return { class: 'environment', message: `${what}: ${message}` };
}

/** What the system names by its number alone, and a user can do something about. */
function inTheWay(code: unknown, path: string): string | undefined {
  if (path === '') return undefined;
  if (code === 'EBUSY') {
    return `${path} cannot be replaced: something is mounted there; name a place below it, or take it off`;
  }
  if (code === 'EEXIST' || code === 'ENOTDIR') {
    return `${path} is in the way: a folder belongs there; move it aside`;
  }
  return undefined;
}

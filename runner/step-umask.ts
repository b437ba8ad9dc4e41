/**
 * What a step creates, and what is created for it, has the same modes whoever runs it: the umask of
 * the caller is in no key. Unaware of what is created.
 */
import { mkdirSync } from 'node:fs';

const STEP_UMASK = 0o022;

/** Only while `create` runs, which waits for nothing: everything else keeps the caller's. */
export function withStepUmask<T>(create: () => T): T {
  const callers = process.umask(STEP_UMASK);
  try {
    return create();
  } finally {
    process.umask(callers);
  }
}

/** With all above it that is not there. */
export const makeFolder = (path: string): void =>
  withStepUmask(() => void mkdirSync(path, { recursive: true }));

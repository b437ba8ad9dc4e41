/**
 * Reads small files at places where others can put things. What lies there may be a pipe, a device,
 * or a link to one: to open it would wait for ever, to read it never end, and no Ctrl-C would help.
 * Only a regular file is read; everything else is as if nothing were there.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

export type RegularFileOptions = {
  /** Not for what a step has written: it may see less of the machine than we do. */
  readonly followLink?: boolean;
};

/** The plan of fifty thousand steps is smaller. */
const LIMIT_BYTES = 256 << 20;

/** Undefined where no regular file is, or none that we may read. */
export function openRegular(
  path: string,
  { followLink = true }: RegularFileOptions = {},
): number | undefined {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | (followLink ? 0 : constants.O_NOFOLLOW);
  try {
    const fd = openSync(path, flags);
    if (fstatSync(fd).isFile()) return fd;
    closeSync(fd);
  } catch {
    // Not there, or not for us.
  }
  return undefined;
}

/** Undefined as well for one that does not fit into memory. */
export function readRegular(path: string, options?: RegularFileOptions): Buffer | undefined {
  const fd = openRegular(path, options);
  if (fd === undefined) return undefined;
  try {
    return fstatSync(fd).size > LIMIT_BYTES ? undefined : readFileSync(fd);
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}

/** The same as UTF-8. */
export const readRegularText = (path: string, options?: RegularFileOptions): string | undefined =>
  readRegular(path, options)?.toString('utf8');

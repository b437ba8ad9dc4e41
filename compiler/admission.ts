/**
 * Lets the files of one pipeline in as long as all together are no larger than one may be: what is
 * divided over many files is read in the same time. Unaware of what is in them.
 */
import type { Problem } from './problems/problem.ts';

/** Whether a file is to be read; the first that is too much is reported, and none is from there on. */
export type Admission = (file: string, bytes: Uint8Array) => boolean;

export function admission(limit: number, problems: Problem[]): Admission {
  let before = 0;
  let full = false;
  return (file, { length }) => {
    if (full) return false;
    // One that is too large by itself says so, and is not read either.
    if (length > limit) return true;
    before += length;
    full = before > limit;
    if (full) problems.push({ kind: 'files-too-large', file, found: before, limit });
    return !full;
  };
}

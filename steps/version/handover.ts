/**
 * Hands a folder on byte for byte, with what decides its digest: names, bytes, executable bits and
 * empty folders. Unaware of datasets.
 */
import {
  chmodSync,
  constants,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';

/** Files and their bytes, as copied. */
export type Handover = { readonly files: number; readonly bytes: number };

export function handOver(from: string, to: string): Handover {
  const stat = lstatSync(from);
  if (stat.isSymbolicLink()) {
    symlinkSync(readlinkSync(from), to);
    return { files: 1, bytes: 0 };
  }
  if (!stat.isDirectory()) {
    copyFileSync(from, to, constants.COPYFILE_FICLONE);
    // Inputs are read-only; a copy need not be, but stays executable where it was.
    chmodSync(to, (stat.mode & 0o100) === 0 ? 0o644 : 0o755);
    return { files: 1, bytes: stat.size };
  }
  mkdirSync(to);
  return readdirSync(from)
    .map(name => handOver(join(from, name), join(to, name)))
    .reduce((sum, part) => ({ files: sum.files + part.files, bytes: sum.bytes + part.bytes }), {
      files: 0,
      bytes: 0,
    });
}

/**
 * One folder for everything that a run of the tests puts below the system's temporary folder, and
 * gone with it, also where a test fails or forgets. What a quick test makes may lie until then: where
 * many files come and go, some file systems look long for room for the next. `KEEP=1` keeps it all,
 * and says where it is.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeTree } from '../../store/remove-tree.ts';

/** Each ring of a run loads this module for itself; the first makes the folder for all of them. */
const MADE = 'SLUICE_TESTS_FOLDER';

export function setup(): () => void {
  if (process.env[MADE] !== undefined) return () => undefined;
  // Near the root: sockets lie below it, and their paths may not be long.
  const folder = mkdtempSync(join(tmpdir(), 'sluice-'));
  // Workers are started later, and inherit both.
  Object.assign(process.env, { [MADE]: folder, TMPDIR: folder });
  return () => {
    if (process.env['KEEP']) process.stderr.write(`kept: ${folder}\n`);
    else removeTree(folder);
  };
}

/**
 * One folder for everything that a run of the tests puts below the system's temporary folder, and
 * gone with it, also where a test fails or forgets. `KEEP=1` keeps it, and says where it is.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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
    else rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
}

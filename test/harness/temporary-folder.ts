/**
 * One folder for everything that a run of the tests puts below the system's temporary folder, and
 * gone with it, also where a test fails or forgets; so what is small may lie until then. `KEEP=1`
 * keeps it all, and says where it is.
 */
import { spawnSync } from 'node:child_process';
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
  // What lies in it is spread over the disk, where it is ext4: that may not reuse for minutes what was
  // removed, and where everything is made in one place it looks past all of it for each new file.
  spawnSync('chattr', ['+T', folder], { stdio: 'ignore' });
  // Workers are started later, and inherit both.
  Object.assign(process.env, { [MADE]: folder, TMPDIR: folder });
  return () => {
    if (process.env['KEEP']) process.stderr.write(`kept: ${folder}\n`);
    else removeTree(folder);
  };
}

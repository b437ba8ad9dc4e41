/**
 * One folder for everything that a run of the tests puts below the system's temporary folder, and
 * gone with it, also where a test fails or forgets. `KEEP=1` keeps it, and says where it is.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The first ring of a run makes it for all of them. */
let made = false;

export function setup(): () => void {
  if (made) return () => undefined;
  made = true;
  const before = process.env['TMPDIR'];
  // Short: sockets lie below it, and their paths may not be long.
  const folder = mkdtempSync(join(tmpdir(), 'sluice-'));
  // Workers are started later, and inherit it.
  process.env['TMPDIR'] = folder;
  return () => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    if (process.env['KEEP']) process.stderr.write(`kept: ${folder}\n`);
    else rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
}

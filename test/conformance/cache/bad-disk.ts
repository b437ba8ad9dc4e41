/**
 * A disk that fails with EIO under the real command line: bad-disk.c, compiled once and put in front
 * of libc. Steps do not see it, because their environment is built. Unaware of what is stored.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from '../../harness/temp-project.ts';

export type BadCall = 'read' | 'write' | 'sync';

export const canCompile =
  process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0;

let compiled: string | undefined;

/** The environment of a run for which the call fails on all files whose path holds `part`. */
export const failing = (call: BadCall, part: string): Readonly<Record<string, string>> => ({
  LD_PRELOAD: library(),
  BAD_CALL: call,
  BAD_FILE: part,
});

/** The same for the file that lies there now, wherever it is moved: a bad sector. */
export const badSectorOf = (path: string): Readonly<Record<string, string>> =>
  failing('read', `#${statSync(path).ino}`);

function library(): string {
  if (compiled === undefined) {
    compiled = join(mkdtempSync(join(tmpdir(), 'sluice-bad-disk-')), 'bad-disk.so');
    const source = join(REPOSITORY, 'test/conformance/cache/bad-disk.c');
    execFileSync('cc', ['-shared', '-fPIC', '-o', compiled, source, '-ldl']);
  }
  return compiled;
}

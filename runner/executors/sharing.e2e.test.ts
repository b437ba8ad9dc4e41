import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { plainAttempt } from '../testing/plain-attempt.ts';
import { describeExecutor } from './conformance.ts';
import type { Attempt } from './executor.ts';
import { processExecutor } from './process.ts';
import { prepareShare } from './sharing.ts';

const canShare =
  process.getuid?.() === 0 && spawnSync('/usr/bin/unshare', ['--mount', 'true']).status === 0;
if (!canShare)
  process.stderr.write('\n!!! showing files in place is NOT tested: not root here\n\n');

describe.runIf(canShare)('files that are shown in place', () => {
  // Words that a shell would take apart.
  const folder = mkdtempSync(join(tmpdir(), `sluice share $(x) 'y" `));
  const source = join(folder, 'the source');
  const target = join(folder, 'a -- target');
  const never = new AbortController().signal;

  beforeAll(async () => {
    writeFileSync(source, 'shown\n');
    expect(await prepareShare({ source, target })).toBe(true);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function shell(script: string, changes: Partial<Attempt> = {}) {
    let printed = '';
    const workdir = mkdtempSync(join(folder, 'work-'));
    const termination = await processExecutor({ graceMs: 300 }).execute(
      {
        ...plainAttempt(workdir, script),
        command: ['/bin/sh', '-c', script, 'sh', source, target],
        shared: [{ source, target }],
        onOutput: (_, chunk) => {
          printed += chunk.toString('utf8');
        },
        ...changes,
      },
      never,
    );
    return { termination, printed };
  }

  describeExecutor('process (with files shown)', () => processExecutor({ graceMs: 300 }), {
    setting: () => ({ shared: [{ source, target }] }),
  });

  test('are read as what they are, and not written', async () => {
    const script =
      'cat "$2"; ls -i "$1" "$2" | cut -d" " -f1 | uniq | wc -l; echo x > "$2" || exit 3';
    const { termination, printed } = await shell(script);
    expect(termination).toEqual({ kind: 'exited', code: 3 });
    expect(printed).toMatch(/^shown\n1\n.*Read-only/s);
    expect(readFileSync(source, 'utf8')).toBe('shown\n');
  });

  test('are no files for anybody else: who is handed the path fails, and reads nothing else', async () => {
    await shell('cat "$2"');
    expect(() => readFileSync(target)).toThrow(/ENXIO/);
  });

  test('leave no mount behind', async () => {
    await shell('cat "$2"; kill -9 $$');
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain('target');
  });

  test('a target that cannot be mounted on is told as not started', async () => {
    const { termination, printed } = await shell('echo ran', {
      shared: [{ source: join(folder, 'nowhere'), target }],
    });
    expect(termination).toMatchObject({ kind: 'not-started' });
    expect(printed).not.toContain('ran');
  });

  test('another file that is in the place of the one that is meant is not shown', async () => {
    const { dev, ino } = statSync(source, { bigint: true });
    const meant = { source, target, identity: `${dev}:${ino}` };
    expect(await shell('cat "$2"', { shared: [meant] })).toEqual({
      termination: { kind: 'exited', code: 0 },
      printed: 'shown\n',
    });
    const instead = join(folder, 'instead');
    writeFileSync(instead, 'other\n');
    const { termination, printed } = await shell('cat "$2"', {
      shared: [{ ...meant, source: instead }],
    });
    expect(termination).toMatchObject({ kind: 'not-started' });
    expect(printed).toMatch(/another file was in the place of .*instead\n$/);
    const fresh = { ...meant, source: instead, target: join(folder, 'fresh') };
    expect(await prepareShare(fresh)).toBe(false);
    expect(await prepareShare({ ...fresh, source })).toBe(true);
  });

  test('a source that cannot be shown leaves nothing at the target', async () => {
    const other = join(folder, 'other');
    const nowhere = { source: join(folder, 'nowhere') };
    expect(await prepareShare({ ...nowhere, target: other })).toBe(false);
    mkdirSync(other); // Would fail if something were there.
  });

  test('a program that is not executable is not started', async () => {
    const { termination } = await shell('', { command: ['/etc/passwd'] });
    expect(termination).toMatchObject({
      kind: 'not-started',
      message: expect.stringMatching(/chmod/),
    });
  });

  test('many are shown at once', async () => {
    const shared = Array.from({ length: 40 }, (_, index) => ({
      source: join(folder, `source ${index}`),
      target: join(folder, `target ${index}`),
    }));
    for (const [index, share] of shared.entries()) {
      writeFileSync(share.source, `${index}\n`);
      expect(await prepareShare(share)).toBe(true);
    }
    const words = shared.map(share => share.target);
    const { printed } = await shell('', { shared, command: ['/bin/cat', ...words] });
    expect(printed).toBe(shared.map((_, index) => `${index}\n`).join(''));
  });
});

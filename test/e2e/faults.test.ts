/** What goes wrong in steps and around them: one clear message, the right exit code, nothing lost. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TempProject } from '../harness/temp-project.ts';

/** A pipeline of one `run` step, with `before` and `after` around it where a test needs them. */
const pipeline = (steps: string) => `sluice: 1\nname: p\nsteps:\n${steps}`;

const one = (run: string, more = '') =>
  TempProject.create({
    'pipelines/p.yaml': pipeline(`  a:\n    run: ${run}\n    out: { result: file }\n${more}`),
  });

const OUT = '${{ out.result }}';

describe('a step that', () => {
  test('exits 3 ends the run with 1, its last lines, its log and the way to repeat it', async () => {
    using project = one(`echo one; echo two >&2; exit 3`);
    const { code, stdout } = await project.sluice(['run']);
    expect(code).toBe(1);
    expect(stdout).toContain('it exited with code 3');
    expect(stdout).toMatch(/│ one/);
    expect(stdout).toMatch(/│ two/);
    expect(stdout).toContain('again: sluice run p --step a');
    const log = /log: +(\S+)/.exec(stdout)?.[1] ?? '';
    expect(project.read(log)).toContain('one');
  });

  test('writes nothing has not succeeded', async () => {
    using project = one('"true"');
    const { code, stdout } = await project.sluice(['run']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/FAILED.*`?result`?/);
    expect(stdout).toContain('out/result');
  });

  test('runs while `.sluice` is removed is not blamed for it', async () => {
    using project = one(`rm -rf ../../../../.sluice; cat none > ${OUT}`);
    const { code, stdout } = await project.sluice(['run']);
    expect(code).toBe(1);
    expect(stdout).toContain('`.sluice` was removed while it ran');
  });

  test('hangs is ended at its timeout, with everything it started', async () => {
    using project = one('sleep 300 & sleep 300', '    timeout: 300ms\n');
    const { code, stdout } = await project.sluice(['run']);
    expect(code).toBe(1);
    expect(stdout).toContain('timeout of 300ms');
  });

  test('is killed is reported by the signal', async () => {
    using project = one('kill -9 $$');
    const { code, stdout } = await project.sluice(['run']);
    expect(code).toBe(1);
    expect(stdout).toContain('killed by SIGKILL');
  });

  test('prints 100 MB keeps its whole log and does not flood the screen', async () => {
    using project = one(
      `yes 0123456789012345678901234567890123456789012345678 | head -c 100000000; echo x > ${OUT}`,
    );
    const { code, stdout } = await project.sluice(['run']);
    expect(code).toBe(0);
    expect(stdout.length).toBeLessThan(10_000);
    const [run = ''] = readdirSync(project.path('.sluice/runs'));
    expect(statSync(project.path('.sluice/runs', run, 'logs/a.log')).size).toBe(100_000_000);
  });

  test('does not exist is named before anything starts', async () => {
    using project = one('[no-such-program-here, x]');
    const { code, stdout } = await project.sluice(['run']);
    expect(code).toBe(1);
    expect(stdout).toContain('no-such-program-here');
  });

  test('writes beside its outputs leaves nothing in the project', async () => {
    using project = one(`echo stray > stray.txt; echo x > ${OUT}`);
    expect((await project.sluice(['run'])).code).toBe(0);
    expect(existsSync(project.path('stray.txt'))).toBe(false);
    expect(existsSync(project.path('.sluice/work'))).toBe(true);
    expect(readdirSync(project.path('.sluice/work'))).toEqual([]);
  });

  test('misses a project file that it did not declare gets told so', async () => {
    using project = TempProject.create({
      'src/word.sh': 'echo hello\n',
      'pipelines/p.yaml': pipeline(
        `  a:\n    run: sh src/word.sh > ${OUT}\n    out: { result: file }\n`,
      ),
    });
    const { stdout } = await project.sluice(['run']);
    expect(stdout).toContain('src/word.sh exists in the project but is not in `files`');
  });
});

describe('a pipeline', () => {
  test('that is broken is shown whole, with exit 2, and nothing is written', async () => {
    using project = TempProject.create({
      'pipelines/p.yaml': pipeline(
        `  a:\n    run: echo\n    neds: [a]\n    in: { x: b.y, z: ./missing.csv }\n`,
      ),
    });
    const { code, stdout, stderr } = await project.sluice(['run']);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('did you mean `needs`?');
    expect(stderr).toContain('missing.csv');
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(existsSync(project.path('.sluice'))).toBe(false);
  });

  test('goes on with independent steps after a failure when told to', async () => {
    using project = TempProject.create({
      'pipelines/p.yaml': pipeline(
        `  bad:\n    run: exit 1\n    out: { result: file }\n` +
          `  after:\n    run: cat \${{ in.x }} > ${OUT}\n    in: { x: bad.result }\n    out: { result: file }\n` +
          `  good:\n    run: echo x > ${OUT}\n    out: { result: file }\n` +
          `  late:\n    run: cat \${{ in.x }} > ${OUT}\n    in: { x: good.result }\n    out: { result: file }\n`,
      ),
    });
    expect(await project.outcomes(['--keep-going'])).toEqual({
      bad: 'failed',
      after: 'skipped',
      good: 'succeeded',
      late: 'succeeded',
    });
  });
});

describe('a run that is ended from outside', () => {
  const slow = () =>
    TempProject.create({
      'pipelines/p.yaml': pipeline(
        `  first:\n    run: echo 1 > ${OUT}\n    out: { result: file }\n` +
          `  second:\n    run: cat \${{ in.x }} > ${OUT}; echo waiting; test -e "$GO" || sleep 300\n` +
          `    in: { x: first.result }\n    out: { result: file }\n    env: { GO: '${'/nonexistent'}' }\n`,
      ),
    });

  test('by Ctrl-C exits 130, ends its steps and keeps what was finished', async () => {
    using project = slow();
    const running = project.start(['run', '--verbose']);
    await running.printed('waiting');
    running.child.kill('SIGINT');
    const { code, stdout } = await running.finished;
    expect(code).toBe(130);
    expect(stdout).toContain('cancelled');
    expect(readdirSync(project.path('.sluice/work'))).toEqual([]);
  });

  test('by kill -9 leaves nothing that the next run does not clean up, and no finished step is repeated', async () => {
    using project = slow();
    const running = project.start(['run', '--verbose']);
    await running.printed('waiting');
    running.child.kill('SIGKILL');
    await running.finished;

    project.write(
      'pipelines/p.yaml',
      project.read('pipelines/p.yaml').replace('/nonexistent', '/'),
    );
    const { code, stdout } = await project.sluice(['run']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/= first +up to date/);
    expect(stdout).toMatch(/1 executed, 1 up to date/);
    expect(readdirSync(project.path('.sluice/work'))).toEqual([]);
  });
});

test('deleting .sluice/work at any time is harmless', async () => {
  using project = one(`echo x > ${OUT}`);
  await project.sluice(['run']);
  const { rmSync } = await import('node:fs');
  rmSync(join(project.root, '.sluice/work'), { recursive: true });
  const { stdout } = await project.sluice(['run']);
  expect(stdout).toContain('nothing to do');
});

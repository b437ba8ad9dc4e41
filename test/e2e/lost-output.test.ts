/** Nobody takes what is printed: a reader that went away, or a full disk behind standard output. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { REPOSITORY, TempProject } from '../harness/temp-project.ts';

const SLUICE = join(REPOSITORY, 'sluice');

/** The second step would run for an hour. */
const LONG = {
  'pipelines/p.yaml': `sluice: 1
name: p
steps:
  quick:
    run: echo x > \${{ out.x }}
    out: { x: file }
  long:
    run: cat \${{ in.x }} > \${{ out.y }}; sleep 3600
    in: { x: quick.x }
    out: { y: file }
`,
};

/** In a shell, so that the streams are what the test is about. */
const shell = (project: TempProject, script: string) =>
  project.shell(script.replaceAll('sluice', `"${SLUICE}"`));

test('a reader that goes away ends a run in order, and nobody is told to press Ctrl-C', async () => {
  using project = TempProject.create(LONG);
  const piped = await shell(project, '{ sluice run; echo "code $?" >&2; } | head -1');
  expect(piped.stdout).toMatch(/^p {2}run \S+ {2}2 steps {2}process\n$/);
  // Not 0: who deploys after a pipe that ended well must not deploy what was never made.
  expect(piped.stderr).toBe('code 130\n');
  const runs = JSON.parse((await project.sluice(['runs', '--json'])).stdout).runs;
  expect(runs).toMatchObject([{ finished: { result: 'cancelled', counts: { succeeded: 1 } } }]);
});

test.each(['runs', 'graph', '--help'])(
  'for `sluice %s`, which has said enough, that is a good end',
  async command => {
    using project = TempProject.create(LONG);
    const { stderr } = await shell(project, `{ sluice ${command}; echo "code $?" >&2; } | true`);
    expect(stderr).toBe('code 0\n');
  },
);

describe.skipIf(!existsSync('/dev/full'))('a full disk behind standard output', () => {
  const full = 'error: standard output cannot be written: no space left on device\n';

  test('ends a run in order, with one sentence and exit 3', async () => {
    using project = TempProject.create(LONG);
    expect(await shell(project, 'sluice run > /dev/full')).toMatchObject({ code: 3, stderr: full });
    const runs = JSON.parse((await project.sluice(['runs', '--json'])).stdout).runs;
    expect(runs).toMatchObject([{ finished: { result: 'cancelled' } }]);
  });

  test.each(['check', 'runs', 'graph', '--help'])(
    'is said of `sluice %s` as well',
    async command => {
      using project = TempProject.create(LONG);
      const ended = await shell(project, `sluice ${command} > /dev/full`);
      expect(ended).toMatchObject({ code: 3, stderr: full });
    },
  );

  test('says nothing where standard error is full as well', async () => {
    using project = TempProject.create(LONG);
    const ended = await shell(project, 'sluice runs > /dev/full 2> /dev/full');
    expect(ended).toMatchObject({ code: 3, stdout: '', stderr: '' });
  });
});

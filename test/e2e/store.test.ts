/** The store from the command line: what is damaged, what collection keeps, and getting results out. */
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TempProject } from '../harness/temp-project.ts';

const hello = (more = '') => ({
  'pipelines/p.yaml': `sluice: 1\nname: p\nparams: { word: hello }\nsteps:\n  a:\n    run: echo \${{ params.word }} > \${{ out.x }}\n    out: { x: file }\n${more}`,
});

test('a damaged blob is found, moved aside, and made again when it is asked for', async () => {
  using project = TempProject.create(hello());
  await project.sluice(['run']);
  const blobs = project.path('.sluice/blobs');
  for (const folder of readdirSync(blobs)) {
    for (const name of readdirSync(join(blobs, folder))) {
      spawnSync('chmod', ['u+w', join(blobs, folder, name)]);
      writeFileSync(join(blobs, folder, name), 'HELLO\n');
    }
  }
  const found = await project.sluice(['store', 'verify']);
  expect(found.code).toBe(3);
  expect(found.stdout).toContain('damaged: blob');
  expect((await project.sluice(['store', 'verify', '--repair'])).code).toBe(0);
  // It is known without its bytes, until somebody asks for them.
  expect(await project.outcomes()).toEqual({ a: 'up-to-date' });
  const gone = await project.sluice(['get', 'a.x', '-o', '-']);
  expect(gone).toMatchObject({ code: 3, stdout: '' });
  expect(gone.stderr).toContain('`sluice run --step a` makes them again');
  expect(await project.outcomes(['--step', 'a'])).toEqual({ a: 'succeeded' });
  expect((await project.sluice(['get', 'a.x', '-o', '-'])).stdout).toBe('hello\n');
});

test('collection keeps what recent and pinned runs made, and what is known stays known', async () => {
  using project = TempProject.create(hello());
  await project.sluice(['run', '-p', 'word=one']);
  await project.sluice(['store', 'pin', 'latest']);
  await project.sluice(['run', '-p', 'word=two']);
  await project.sluice(['run', '-p', 'word=three']);
  const dry = await project.sluice(['store', 'gc', '--keep-runs', '1', '--dry-run']);
  expect(dry.stdout).toMatch(/would drop 4 B in 1 blobs and 0 B of logs/);
  const collected = await project.sluice(['store', 'gc', '--keep-runs', '1', '--json']);
  expect(JSON.parse(collected.stdout)).toMatchObject({
    format: 1,
    dryRun: false,
    removed: { blobs: 1, bytes: 4, logBytes: 0 },
    remaining: { blobs: 2 },
  });
  expect(await project.outcomes(['-p', 'word=one'])).toEqual({ a: 'up-to-date' });
  expect(await project.outcomes(['-p', 'word=three'])).toEqual({ a: 'up-to-date' });
});

test('collection gives back the logs of old runs, and keeps what happened in them', async () => {
  using project = TempProject.create({
    'pipelines/p.yaml':
      'sluice: 1\nname: p\nparams: { n: 1 }\nsteps:\n  a:\n    run: echo ${{ params.n }} printed; touch ${{ out.x }}\n    out: { x: file }\n',
  });
  await project.sluice(['run']);
  await project.sluice(['run', '-p', 'n=2']);
  const { stdout } = await project.sluice(['store', 'gc', '--keep-runs', '1']);
  expect(stdout).toContain('10 B of logs');
  const [newest = '', oldest = ''] = readdirSync(project.path('.sluice/runs')).sort().reverse();
  expect((await project.sluice(['logs', newest])).stdout).toBe('2 printed\n');
  expect((await project.sluice(['logs', oldest])).stdout).toBe('');
  expect((await project.sluice(['show', oldest])).stdout).toContain('succeeded');
});

test('get takes the latest run that has what is asked for, and says which', async () => {
  using project = TempProject.create(
    hello('  b: { run: "echo > ${{ out.y }}", out: { y: file } }\n'),
  );
  await project.sluice(['run']);
  await project.sluice(['run', '--step', 'b', '--force']);
  const { code, stdout, stderr } = await project.sluice(['get', 'a.x', '-o', '-']);
  expect([code, stdout]).toEqual([0, 'hello\n']);
  expect(stderr).toMatch(/^run \S+ has no `a\.x`: this is of run \S+$/m);
  const none = await project.sluice(['get', 'a.z', '-o', '-']);
  expect([none.code, none.stdout]).toEqual([2, '']);
});

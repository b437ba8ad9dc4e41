/** A step that is root may tie its folder down; clearing it away neither fails for ever nor takes too much. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { CacheProject } from './project.ts';

const canMount = spawnSync('unshare', ['-m', 'true']).status === 0 && process.getuid?.() === 0;

beforeAll(() => {
  if (canMount) return;
  const message = 'what root leaves behind is NOT tested here: only root can leave it';
  if (process.env['CI']) throw new Error(message);
  process.stderr.write(`\n!!! ${message}\n\n`);
});

function leaving(script: string): CacheProject {
  const project = new CacheProject({ 'mine/a': 'mine\n' });
  const run = `${project.mark('a')}; ${script}; echo done > \${{ out.x }}`;
  project.pipeline({ steps: { a: { run, out: { x: { type: 'file', to: 'x.txt' } } } } });
  return project;
}

const work = (project: CacheProject) => readdirSync(project.files.path('.sluice/work'));

describe.runIf(canMount)('a step that', () => {
  test.each([
    ['makes a file immutable', 'echo x > stray; chattr +i stray'],
    [
      'makes much, and a folder of it immutable',
      'mkdir -p d/e; seq 200 | (cd d; xargs touch); chattr +i d/e d',
    ],
    ['makes its log append-only', 'echo x > log; chattr +a log'],
    ['mounts a disk', 'mkdir m; mount -t tmpfs none m; echo x > m/f'],
    [
      'mounts a disk on a disk in a folder with a space',
      'mkdir "m m"; mount -t tmpfs none "m m"; mkdir "m m/n"; mount -t tmpfs none "m m/n"',
    ],
  ])('%s: nothing is left of it', async (_, script) => {
    using project = leaving(script);
    const ran = await project.run();
    expect(ran).toMatchObject({ code: 0, executed: ['a'], warnings: [], stderr: '' });
    expect(work(project)).toEqual([]);
    expect(await project.run()).toMatchObject({ code: 0, executed: [], warnings: [] });
  });

  test.each(['', 'seq 200 | xargs touch; '])(
    'mounts a folder of the user in its own: that one stays as it is (%j)',
    async before => {
      using project = leaving('');
      const mine = project.files.path('mine');
      const mount = `${before}mkdir m; mount --bind '${mine}' m`;
      project.pipeline(project.files.read('pipelines/p.yaml').replace('; ;', `; ${mount};`));
      expect(await project.run()).toMatchObject({ code: 0, executed: ['a'], warnings: [] });
      expect(project.files.read('mine/a')).toBe('mine\n');
      expect(work(project)).toEqual([]);
    },
  );

  test('mounts a folder of the user over the one it stands in: that one stays as it is', async () => {
    using project = leaving('');
    const mine = project.files.path('mine');
    for (let number = 0; number < 100; number += 1) project.files.write(`mine/${number}`, '');
    const mount = `mount --bind '${mine}' .`;
    project.pipeline(project.files.read('pipelines/p.yaml').replace('; ;', `; ${mount};`));
    await project.run();
    expect(readdirSync(mine)).toHaveLength(101);
    expect(work(project)).toEqual([]);
  });

  test('protects the folder of its run fails alone, and the next run carries on', async () => {
    using project = leaving('chattr +i ..');
    const ran = await project.run();
    expect(ran).toMatchObject({ code: 1, outcomes: { a: 'failed' }, warnings: [], stderr: '' });
    expect(JSON.stringify(ran.events)).toMatch(/`x.txt`: access to .* is denied/);
    expect(await project.run()).toMatchObject({ outcomes: { a: 'restored' }, warnings: [] });
    expect(work(project)).toEqual([]);
  });

  test('protects the folder of all runs is told once, and the next run carries on', async () => {
    using project = leaving('chattr +i ../..');
    const ran = await project.run();
    execFileSync('chattr', ['-i', project.files.path('.sluice/work')]);
    expect(ran).toMatchObject({ code: 0, executed: ['a'], warnings: ['work-left'] });
    rmSync(project.files.path('x.txt'));
    expect(await project.run()).toMatchObject({ outcomes: { a: 'restored' }, warnings: [] });
    expect(work(project)).toEqual([]);
  });
});

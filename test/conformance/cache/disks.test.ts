/** Disks that are full or may not be written: one clear message, and the next run carries on. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { CacheProject } from './project.ts';

/** Mounts something at `path` until the test ends. */
function mount(path: string, ...commands: readonly (readonly string[])[]): Disposable {
  for (const options of commands) execFileSync('mount', [...options, path]);
  return { [Symbol.dispose]: () => execFileSync('umount', ['-l', path]) };
}

const canMount = spawnSync('unshare', ['-m', 'true']).status === 0 && process.getuid?.() === 0;

beforeAll(() => {
  if (canMount) return;
  const message = 'full and read-only disks are NOT tested here: only root may mount them';
  if (process.env['CI']) throw new Error(message);
  process.stderr.write(`\n!!! ${message}\n\n`);
});

describe.runIf(canMount)('a disk that is full', () => {
  const MIB = 1024 * 1024;

  const empty = () => new CacheProject({});

  /** The project's whole disk holds 12 MiB. */
  const small = (project: CacheProject) =>
    mount(project.files.root, ['-t', 'tmpfs', '-o', 'size=12m', 'none']);

  function writing(project: CacheProject, bytes: number): void {
    project.files.write('in.txt', 'one\n');
    const run = `${project.mark('a')}; head -c ${bytes} /dev/zero | tr '\\0' x > \${{ out.y }}`;
    const out = { y: { type: 'file', to: 'out.txt' } };
    project.pipeline({ steps: { a: { run, in: { x: './in.txt' }, out } } });
  }

  const fill = (project: CacheProject, bytes: number) =>
    writeFileSync(project.files.path('filler'), Buffer.alloc(bytes, 1));

  test('while a result is stored: one clear message, and the next run carries on', async () => {
    using project = empty();
    using _disk = small(project);
    writing(project, 3 * MIB);
    // Room for the file itself, not for a second one.
    fill(project, 7 * MIB);
    const ran = await project.run();
    expect(ran).toMatchObject({ code: 1, executed: ['a'], outcomes: { a: 'failed' } });
    expect(JSON.stringify(ran.events)).toContain('the disk is full');
    expect(existsSync(project.files.path('out.txt'))).toBe(false);
    rmSync(project.files.path('filler'));
    expect(await project.run()).toMatchObject({ code: 0, outcomes: { a: 'succeeded' } });
    expect((await project.files.sluice(['store', 'verify'])).code).toBe(0);
  });

  test('while a result is restored: nothing half is left, and the next run restores it', async () => {
    using project = empty();
    using _disk = small(project);
    writing(project, 3 * MIB);
    expect((await project.run()).outcomes).toEqual({ a: 'succeeded' });
    rmSync(project.files.path('out.txt'));
    fill(project, 7 * MIB);
    const ran = await project.run();
    expect(ran).toMatchObject({ code: 1, executed: [], outcomes: { a: 'failed' } });
    expect(JSON.stringify(ran.events)).toContain('the disk is full');
    const names = ['.sluice', 'filler', 'in.txt', 'pipelines'];
    expect(readdirSync(project.files.root).sort()).toEqual(names);
    rmSync(project.files.path('filler'));
    expect(await project.run()).toMatchObject({ outcomes: { a: 'restored' }, executed: [] });
    expect(project.files.read('out.txt') === 'x'.repeat(3 * MIB)).toBe(true);
  });

  test('before a run starts: one clear message, no stack', async () => {
    using project = empty();
    using _disk = small(project);
    writing(project, MIB);
    spawnSync('sh', ['-c', `cat /dev/zero > '${project.files.path('filler')}'`]);
    const { code, stdout, stderr } = await project.files.sluice(['run']);
    expect([1, 3]).toContain(code);
    expect(stdout + stderr).toMatch(/disk is full|no space/i);
    expect(stdout + stderr).not.toMatch(/\n {4}at /);
    rmSync(project.files.path('filler'));
    expect(await project.run()).toMatchObject({ code: 0, outcomes: { a: 'succeeded' } });
  });
});

describe.runIf(canMount)('a store on a disk of its own', () => {
  test.each([
    ['a file', (project: CacheProject) => project.files.write('out', 'mine\n'), 'mine\n'],
    [
      'a folder',
      (project: CacheProject) => {
        rmSync(project.files.path('out'));
        project.files.write('out/notes', 'mine\n');
      },
      'mine\n',
    ],
  ])('takes in %s that the user has put where an output belongs', async (_, edit, content) => {
    using project = new CacheProject({ 'in.txt': 'one\n', '.sluice/.keep': '' });
    using _disk = mount(project.files.path('.sluice'), ['-t', 'tmpfs', 'none']);
    const out = { y: { type: 'file', to: 'out' } };
    const run = 'cat ${{ in.x }} > ${{ out.y }}';
    project.pipeline({ steps: { a: { run, in: { x: './in.txt' }, out } } });
    await project.run();
    edit(project);
    expect(await project.run()).toMatchObject({ code: 0, warnings: ['replaced-file'] });
    expect(project.files.read('out')).toBe('one\n');
    // Beside it: a copy would take time, in which it may be edited.
    const kept = readdirSync(project.files.root).find(name => name.startsWith('.sluice-replaced-'));
    const saved = project.files.path(kept ?? '');
    const path = statSync(saved).isDirectory() ? `${saved}/notes` : saved;
    expect(readFileSync(path, 'utf8')).toBe(content);
  });
});

describe.runIf(canMount)('a place on another disk', () => {
  test('that is mounted right there stays as it is, and is said to be; taken off, it is restored', async () => {
    using project = new CacheProject({ 'out/.keep': '', 'mine/a': 'mine\n' });
    const out = { y: { type: 'dir', to: 'out' } };
    project.pipeline({ steps: { a: { run: 'mkdir ${{ out.y }}', out } } });
    {
      using _disk = mount(project.files.path('out'), ['--bind', project.files.path('mine')]);
      const ran = await project.run();
      expect(ran).toMatchObject({ code: 1, outcomes: { a: 'failed' }, stderr: '' });
      expect(JSON.stringify(ran.events)).toContain('out cannot be replaced: something is mounted');
      expect(project.files.read('out/a')).toBe('mine\n');
    }
    expect(await project.run()).toMatchObject({ code: 0, outcomes: { a: 'restored' } });
    expect(project.files.read('mine/a')).toBe('mine\n');
    expect(readdirSync(project.files.path('out'))).toEqual([]);
  });

  test('is cleared of what runs have left there that died, and of nothing else', async () => {
    using project = new CacheProject({ 'out/.keep': '' });
    using _disk = mount(project.files.path('out'), ['-t', 'tmpfs', 'none']);
    const out = { y: { type: 'dir', to: 'out/y' } };
    const run = 'mkdir ${{ out.y }}; cd ${{ out.y }}; seq 2000 | xargs touch';
    project.pipeline({ steps: { a: { run, out } } });
    const folder = project.files.path('out');
    const killed = project.start();
    while (readdirSync(folder).length === 0) await setImmediate();
    killed.child.kill('SIGKILL');
    await killed.finished;
    expect(readdirSync(folder)).not.toEqual(['y']);
    expect(await project.run()).toMatchObject({ code: 0, warnings: [] });
    expect(readdirSync(folder)).toEqual(['y']);
    rmSync(project.files.path('out/y'), { recursive: true });
    project.files.write('out/.sluice-placing-notes/mine', '');
    project.files.write('out/.sluice-replaced-notes/mine', '');
    expect(await project.run()).toMatchObject({ code: 0, warnings: [] });
    expect(readdirSync(project.files.path('out')).sort()).toEqual([
      '.sluice-placing-notes',
      '.sluice-replaced-notes',
      'y',
    ]);
  });
});

describe.runIf(canMount)('a store that may not be written', () => {
  test('still hits, says clearly what it cannot do, and is as before when it may', async () => {
    using project = new CacheProject({ 'in.txt': 'one\n' });
    const run = `${project.mark('a')}; cat \${{ in.x }} > \${{ out.y }}`;
    const out = { y: { type: 'file', to: 'out.txt' } };
    project.pipeline({ steps: { a: { run, in: { x: './in.txt' }, out } } });
    await project.run();
    {
      const store = project.files.path('.sluice');
      using _disk = mount(store, ['--bind', store], ['-o', 'remount,ro,bind']);
      const hit = { code: 0, executed: [], outcomes: { a: 'up-to-date' } };
      expect(await project.run()).toMatchObject(hit);

      const collected = await project.files.sluice(['store', 'gc']);
      expect(collected).toMatchObject({ code: 3 });
      expect(collected.stderr).toMatch(/access to .* is denied\nhelp: .*read-only/);

      project.files.write('in.txt', 'two\n');
      const { code, stdout, stderr } = await project.files.sluice(['run']);
      expect([1, 3]).toContain(code);
      expect(stdout + stderr).toMatch(/denied|read-only/i);
      expect(stdout + stderr).not.toMatch(/\n {4}at /);
    }
    expect(await project.run()).toMatchObject({ code: 0, outcomes: { a: 'succeeded' } });
    expect(project.files.read('out.txt')).toBe('two\n');
  });
});

describe.runIf(canMount)('a project that may not be written', () => {
  test('and has no store yet can be planned all the same', async () => {
    using project = new CacheProject({ 'in.txt': 'one\n' });
    const run = 'cat ${{ in.x }} > ${{ out.y }}';
    project.pipeline({ steps: { a: { run, in: { x: './in.txt' }, out: { y: 'file' } } } });
    const { root } = project.files;
    using _disk = mount(root, ['--bind', root], ['-o', 'remount,ro,bind']);
    const planned = await project.files.sluice(['plan']);
    expect(planned).toMatchObject({ code: 0, stderr: '' });
    expect(planned.stdout).toContain('1 to run');
    const ran = await project.files.sluice(['run']);
    expect(ran.code).toBe(3);
    expect(ran.stderr).toMatch(/access to .* is denied/);
  });
});

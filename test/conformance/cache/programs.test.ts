/** The programs that a command names are part of the key, by content; and they are watched. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, linkSync, renameSync, symlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CacheProject } from './project.ts';

const canMount = spawnSync('unshare', ['-m', 'true']).status === 0 && process.getuid?.() === 0;

describe('a program that a command names', () => {
  const script = (text: string) => `#!/bin/sh\n${text}\n`;

  test.each([
    ['at its beginning', 'greet > ${{ out.x }}'],
    ['in a pipe', 'echo | greet > ${{ out.x }}'],
    ['on a later line', 'set -e\ngreet > ${{ out.x }}'],
    ['in a substitution', 'echo $(greet) > ${{ out.x }}'],
    ['after a condition', 'if true; then greet; fi > ${{ out.x }}'],
    ['behind another program', 'nice -n 1 greet > ${{ out.x }}'],
    ['behind variables', 'env A=1 B="$HOME/x y" greet > ${{ out.x }}'],
    ['for a list of arguments', 'echo 1 | xargs greet > ${{ out.x }}'],
    ['in quotes', 'sh -c \'exec "greet"\' > ${{ out.x }}'],
    ['behind a redirection', '2>/dev/null greet > ${{ out.x }}'],
    ['as a list of words', ['sh', '-c', 'env greet > "$SLUICE_OUT_X"']],
    ['to be read by the shell itself', '. greet > ${{ out.x }}'],
  ])('%s is part of the key by its content', async (_, run) => {
    using project = new CacheProject({ 'tools/greet': script('echo one') });
    chmodSync(project.files.path('tools/greet'), 0o755);
    const env = { PATH: `${project.files.path('tools')}:${process.env['PATH']}` };
    project.pipeline({ steps: { a: { run, out: { x: { type: 'file', to: 'x.txt' } } } } });
    await project.run([], { env });
    project.files.write('tools/greet', script('echo two'));
    expect((await project.run([], { env })).outcomes).toEqual({ a: 'succeeded' });
    expect(project.files.read('x.txt')).toBe('two\n');
  });

  test.runIf(canMount)('is looked for past a disk from which nothing may be executed', async () => {
    using project = new CacheProject({ 'noexec/nothing': '', 'tools/greet': script('echo one') });
    const at = project.files.path('noexec');
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'noexec', 'none', at]);
    try {
      project.files.write('noexec/greet', script('echo none'));
      for (const path of ['noexec/greet', 'tools/greet']) {
        chmodSync(project.files.path(path), 0o755);
      }
      const env = { PATH: `${at}:${project.files.path('tools')}:${process.env['PATH']}` };
      const out = { x: { type: 'file', to: 'x.txt' } };
      project.pipeline({ steps: { a: { run: 'greet > ${{ out.x }}', out } } });
      await project.run([], { env });
      project.files.write('tools/greet', script('echo two'));
      expect((await project.run([], { env })).outcomes).toEqual({ a: 'succeeded' });
      expect(project.files.read('x.txt')).toBe('two\n');
    } finally {
      execFileSync('umount', ['-l', at]);
    }
  });

  test('counts, not where it lies', async () => {
    using project = new CacheProject({
      'tools/greet': script('echo one'),
      'moved/greet': script('echo one'),
    });
    for (const folder of ['tools', 'moved']) chmodSync(project.files.path(folder, 'greet'), 0o755);
    project.pipeline({ steps: { a: { run: 'greet > ${{ out.x }}', out: { x: 'file' } } } });
    const path = (folder: string) => ({
      env: { PATH: `${project.files.path(folder)}:${process.env['PATH']}` },
    });
    await project.run([], path('tools'));
    expect((await project.run([], path('moved'))).outcomes).toEqual({ a: 'up-to-date' });
  });

  test.each([
    ['is replaced', (change: () => void, _restore: () => void) => change()],
    [
      'is replaced, and put back before it ends',
      (change: () => void, restore: () => void) => {
        change();
        restore();
      },
    ],
    // It is found before the other one.
    [
      'is overtaken by another',
      (_change: () => void, _restore: () => void, overtake: () => void) => overtake(),
    ],
  ])('%s while a step runs: that result is not published', async (_, play) => {
    using project = new CacheProject({ 'tools/greet': script('echo one'), 'first/nothing': '' });
    chmodSync(project.files.path('tools/greet'), 0o755);
    const folders = ['first', 'tools'].map(name => project.files.path(name));
    const env = { PATH: [...folders, process.env['PATH']].join(':') };
    const gate = project.gate();
    const run = `${gate.wait}; greet > \${{ out.x }}`;
    project.pipeline({ steps: { a: { run, out: { x: 'file' } } } });
    const running = project.start([], { env });
    await gate.arrived(running.finished);
    play(
      () => project.files.write('tools/greet', script('echo two')),
      () => project.files.write('tools/greet', script('echo one')),
      () => {
        project.files.write('first/greet', script('echo three'));
        chmodSync(project.files.path('first/greet'), 0o755);
      },
    );
    gate.open();
    const ran = await project.ended(running);
    expect(ran).toMatchObject({ outcomes: { a: 'failed' }, warnings: ['unstable-input'] });
    expect((await project.run([], { env })).outcomes).toEqual({ a: 'succeeded' });
  });

  test.each<[string, string, (project: CacheProject) => void]>([
    [
      'is put in the place of another, which is then put back',
      'failed',
      ({ files }) => {
        renameSync(files.path('tools/v1/greet'), files.path('tools/v1/old'));
        files.write('tools/v1/greet', script('echo two'));
        renameSync(files.path('tools/v1/old'), files.path('tools/v1/greet'));
      },
    ],
    [
      'is behind a link that leads elsewhere for a moment',
      'failed',
      ({ files }) => {
        for (const version of ['v2', 'v1']) {
          symlinkSync(version, files.path('tools/fresh'));
          renameSync(files.path('tools/fresh'), files.path('tools/current'));
        }
      },
    ],
    [
      'gets another hard link',
      'succeeded',
      ({ files }) => linkSync(files.path('tools/v1/greet'), files.path('linked')),
    ],
  ])('and that lies outside of the project %s: the step has %s', async (_, outcome, change) => {
    using away = new CacheProject({
      'tools/v1/greet': script('echo one'),
      'tools/v2/greet': script('echo two'),
    });
    using project = new CacheProject({});
    for (const version of ['v1', 'v2']) {
      chmodSync(away.files.path('tools', version, 'greet'), 0o755);
    }
    symlinkSync('v1', away.files.path('tools/current'));
    const env = { PATH: `${away.files.path('tools/current')}:${process.env['PATH']}` };
    const gate = project.gate();
    const run = `${gate.wait}; greet > \${{ out.x }}`;
    project.pipeline({ steps: { a: { run, out: { x: 'file' } } } });
    const running = project.start([], { env });
    await gate.arrived(running.finished);
    change(away);
    gate.open();
    expect((await project.ended(running)).outcomes).toEqual({ a: outcome });
  });

  test('of the project gets another hard link while a step runs: that result is not published', async () => {
    using project = new CacheProject({ 'tools/greet': script('echo one') });
    chmodSync(project.files.path('tools/greet'), 0o755);
    const env = { PATH: `${project.files.path('tools')}:${process.env['PATH']}` };
    const gate = project.gate();
    const run = `${gate.wait}; greet > \${{ out.x }}`;
    project.pipeline({ steps: { a: { run, out: { x: 'file' } } } });
    const running = project.start([], { env });
    await gate.arrived(running.finished);
    linkSync(project.files.path('tools/greet'), project.files.path('linked'));
    gate.open();
    expect((await project.ended(running)).outcomes).toEqual({ a: 'failed' });
  });

  test('is replaced while several steps run: none of their results is published', async () => {
    using project = new CacheProject({ 'tools/greet': script('echo one') });
    chmodSync(project.files.path('tools/greet'), 0o755);
    const env = { PATH: `${project.files.path('tools')}:${process.env['PATH']}` };
    const gates = [project.gate('a'), project.gate('b'), project.gate('free')] as const;
    const step = (run: string, more = {}) => ({
      run: `${run} > \${{ out.x }}`,
      out: { x: { type: 'file', ...more } },
      resources: { cpus: 0.1 },
    });
    const steps = {
      a: step(`${gates[0].wait}; greet`),
      b: step(`${gates[1].wait}; greet`),
      free: step(`${gates[2].wait}; echo`),
      c: { ...step('greet', { to: 'c.txt' }), needs: ['free'] },
    };
    project.pipeline({ steps });
    const running = project.start(['--keep-going', '--parallel', '3'], { env });
    await Promise.all(gates.map(gate => gate.arrived(running.finished)));
    project.files.write('tools/greet', script('echo two'));
    for (const gate of gates) gate.open();
    const ran = await project.ended(running);
    // The third began when the program was another one already, and its key says so.
    expect(ran.outcomes).toMatchObject({ a: 'failed', b: 'failed', c: 'succeeded' });
    expect(project.files.read('c.txt')).toBe('two\n');
    project.files.write('tools/greet', script('echo one'));
    const again = await project.run([], { env });
    expect(again.outcomes).toMatchObject({ a: 'succeeded', b: 'succeeded', c: 'succeeded' });
    expect(project.files.read('c.txt')).toBe('one\n');
  });
});

describe('the virtual environment that a program comes from', () => {
  /** Two folders above the program; its interpreter is the same in all of them. */
  function environment(project: CacheProject, name: string, packages: readonly string[]): string {
    const settings = `home = /usr/bin\nversion = 3.11.2\ncommand = python -m venv /${name}\n`;
    project.files.write(`${name}/pyvenv.cfg`, settings);
    for (const installed of packages) {
      project.files.write(`${name}/lib/python3.11/site-packages/${installed}/METADATA`, '');
    }
    project.files.write(`${name}/bin/nothing`, '');
    symlinkSync('../../base/speak', project.files.path(name, 'bin/speak'));
    return `${project.files.path(name, 'bin')}:${process.env['PATH']}`;
  }

  function speaking(): CacheProject {
    const project = new CacheProject({ 'base/speak': '#!/bin/sh\necho "$0"\n' });
    chmodSync(project.files.path('base/speak'), 0o755);
    project.pipeline({ steps: { a: { run: 'speak > ${{ out.x }}', out: { x: 'file' } } } });
    return project;
  }

  test('counts by what is installed in it, and the package that differs is named', async () => {
    using project = speaking();
    const one = environment(project, 'one', ['numpy-1.26.4.dist-info', 'six-1.16.0.dist-info']);
    const two = environment(project, 'two', ['numpy-2.0.0.dist-info', 'six-1.16.0.dist-info']);
    await project.run([], { env: { PATH: one } });
    const ran = await project.run([], { env: { PATH: two } });
    expect(ran.outcomes).toEqual({ a: 'succeeded' });
    expect(ran.events.find(event => event.type === 'step-judged')?.because).toEqual({
      kind: 'changed',
      changes: [{ part: 'package numpy', before: '1.26.4', after: '2.0.0' }],
    });
  });

  test('counts, and not where it lies: two that are equal share their results', async () => {
    using project = speaking();
    const [one, two] = ['one', 'two'].map(name =>
      environment(project, name, ['numpy-1.26.4.dist-info']),
    );
    await project.run([], { env: { PATH: one ?? '' } });
    expect((await project.run([], { env: { PATH: two ?? '' } })).outcomes).toEqual({
      a: 'up-to-date',
    });
  });

  test('is changed while a step runs: that result is not published', async () => {
    using project = speaking();
    const env = { PATH: environment(project, 'one', ['numpy-1.26.4.dist-info']) };
    const gate = project.gate();
    const run = `${gate.wait}; speak > \${{ out.x }}`;
    project.pipeline({ steps: { a: { run, out: { x: 'file' } } } });
    const running = project.start([], { env });
    await gate.arrived(running.finished);
    const packages = project.files.path('one/lib/python3.11/site-packages');
    renameSync(`${packages}/numpy-1.26.4.dist-info`, `${packages}/numpy-2.0.0.dist-info`);
    gate.open();
    expect((await project.ended(running)).outcomes).toEqual({ a: 'failed' });
  });
});

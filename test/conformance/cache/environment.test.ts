/** What a step sees of the machine is built, not inherited: so what it cannot see cannot matter. */
import { chmodSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CacheProject } from './project.ts';

/** A step that writes down everything it finds in its environment. */
function listing(more: Readonly<Record<string, unknown>> = {}): CacheProject {
  const project = new CacheProject({});
  const run = `${project.mark('a')}; env | sort > \${{ out.list }}`;
  const out = { list: { type: 'file', to: 'list.txt' } };
  project.pipeline({ steps: { a: { run, out, ...more } } });
  return project;
}

const variables = (project: CacheProject): readonly string[] =>
  project.files.read('list.txt').trimEnd().split('\n');

const names = (project: CacheProject): readonly string[] =>
  variables(project).map(line => line.slice(0, line.indexOf('=')));

describe('the environment of a step', () => {
  test('holds a fixed base, what is declared, and its call; nothing else', async () => {
    using project = listing({ env: { COLOUR: 'red' } });
    await project.run([], { env: { AMBIENT: '1', LC_ALL: 'de_DE.UTF-8', TZ: 'Asia/Tokyo' } });
    const shell = ['OLDPWD', 'PWD', 'SHLVL', '_'];
    expect(names(project).filter(name => !shell.includes(name))).toEqual([
      'COLOUR',
      'HOME',
      'LANG',
      'PATH',
      'PYTHONDONTWRITEBYTECODE',
      'SLUICE_EVENTS',
      'SLUICE_OUT_LIST',
      'SLUICE_STEP',
      'TMPDIR',
      'TZ',
    ]);
    expect(variables(project)).toEqual(expect.arrayContaining(['LANG=C.UTF-8', 'TZ=UTC']));
  });

  test('has a home of its own, in its private working directory', async () => {
    using project = listing();
    await project.run([], { env: { HOME: '/nowhere' } });
    for (const name of ['HOME', 'TMPDIR']) {
      const variable = variables(project).find(line => line.startsWith(`${name}=`));
      expect(variable).toContain('.sluice/work/');
    }
  });

  test.each([
    ['its files', { run: 'env | sort > ${{ out.list }}', files: ['src/**'] }],
    ['the files of its folder', { uses: './src' }],
  ])('keeps Python from bytecode that somebody has left beside %s', async (_, step) => {
    const run = '[sh, -c, \'env | sort > "$SLUICE_OUT_LIST"\']';
    using project = new CacheProject({
      'src/step.yaml': `step: src\nversion: 1.0.0\nout: { list: file }\nrun: ${run}\n`,
      'src/deep/__pycache__/mod.pyc': '',
    });
    const out = { list: 'file' };
    project.pipeline({ steps: { a: 'uses' in step ? step : { ...step, out } } });
    const ran = await project.run();
    expect(ran.outcomes, ran.stderr).toEqual({ a: 'succeeded' });
    const { stdout } = await project.files.sluice(['get', 'a.list', '-o', '-']);
    expect(stdout).toMatch(/^PYTHONPYCACHEPREFIX=.*\.sluice\/work\//m);
  });

  test('takes no notice of variables that are not declared: they change, and it hits', async () => {
    using project = listing();
    await project.run([], { env: { AMBIENT: '1', LANG: 'C', TZ: 'UTC' } });
    const ran = await project.run([], { env: { AMBIENT: '2', LANG: 'de_DE', TZ: 'Asia/Tokyo' } });
    expect(ran.executed).toEqual([]);
  });

  test('is read only where it says so: an expression cannot reach what is not declared', async () => {
    using project = new CacheProject({});
    project.pipeline({
      steps: { a: { run: 'echo ${{ env.AMBIENT }} > ${{ out.x }}', out: { x: 'file' } } },
    });
    expect(await project.run([], { env: { AMBIENT: '1' } })).toMatchObject({ code: 2, events: [] });
  });
});

describe('a secret', () => {
  test('may rotate without a rerun', async () => {
    using project = listing({ secrets: ['TOKEN'] });
    expect((await project.run([], { env: { TOKEN: 'old-value' } })).executed).toEqual(['a']);
    expect((await project.run([], { env: { TOKEN: 'new-value' } })).executed).toEqual([]);
  });

  test('may move from the environment to `.env`', async () => {
    using project = listing({ secrets: ['TOKEN'] });
    await project.run([], { env: { TOKEN: 'old-value' } });
    project.files.write('.env', 'TOKEN=other-value\n');
    expect((await project.run()).executed).toEqual([]);
  });

  test('makes a difference when it is given to a step that had none', async () => {
    using project = listing();
    await project.run();
    const text = project.files.read('pipelines/p.yaml');
    project.pipeline(text.replace('"run"', '"secrets": ["TOKEN"], "run"'));
    expect((await project.run([], { env: { TOKEN: 't-value' } })).executed).toEqual(['a']);
  });

  test('that is not there fails the step which needs it, and only when it must execute', async () => {
    using project = listing({ secrets: ['TOKEN'] });
    expect((await project.run()).outcomes).toEqual({ a: 'failed' });
    await project.run([], { env: { TOKEN: 't-value' } });
    expect((await project.run()).outcomes).toEqual({ a: 'up-to-date' });
  });
});

describe('a program that a command names', () => {
  const script = (text: string) => `#!/bin/sh\n${text}\n`;

  test.each([
    ['at its beginning', 'greet > ${{ out.x }}'],
    ['in a pipe', 'echo | greet > ${{ out.x }}'],
    ['on a later line', 'set -e\ngreet > ${{ out.x }}'],
    ['in a substitution', 'echo $(greet) > ${{ out.x }}'],
    ['after a condition', 'if true; then greet; fi > ${{ out.x }}'],
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

  test.each([
    ['on the search path', 'greet > ${{ out.x }}'],
    ['of the project', './bin/greet > ${{ out.x }}'],
  ])(
    'a script %s counts together with the interpreter that its first line names',
    async (_, run) => {
      const greeting = '#!/usr/bin/env speak\necho one\n';
      using project = new CacheProject({
        'tools/speak': script('exec /bin/sh "$@"'),
        'tools/greet': greeting,
        'bin/greet': greeting,
      });
      for (const path of ['tools/speak', 'tools/greet', 'bin/greet']) {
        chmodSync(project.files.path(path), 0o755);
      }
      const env = { PATH: `${project.files.path('tools')}:${process.env['PATH']}` };
      const files = ['bin/greet'];
      project.pipeline({ steps: { a: { run, files, out: { x: { type: 'file', to: 'x.txt' } } } } });
      await project.run([], { env });
      expect((await project.run([], { env })).outcomes).toEqual({ a: 'up-to-date' });
      project.files.write('tools/speak', script('echo two'));
      const ran = await project.run([], { env });
      expect(ran.outcomes).toEqual({ a: 'succeeded' });
      const judged = ran.events.find(event => event.type === 'step-judged');
      expect(judged?.because).toMatchObject({ changes: [{ part: 'tool speak' }] });
      expect(project.files.read('x.txt')).toBe('two\n');
    },
  );

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

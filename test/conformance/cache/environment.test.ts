/** What a step sees of the machine is built, not inherited: so what it cannot see cannot matter. */
import { describe, expect, test } from 'vitest';
import { REPOSITORY } from '../../harness/temp-project.ts';
import { CacheProject } from './project.ts';

/** Starts a command to which two files are open that it has not asked for. */
const OPEN = 'exec 7< secret.txt 30< secret.txt; exec "$@"\n';

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

  test.runIf(process.platform === 'linux')(
    'holds no file that is open to the runner, where somebody has left it',
    async () => {
      using project = new CacheProject({ 'secret.txt': 'secret\n', 'open.sh': OPEN });
      const run = `ls -l /proc/self/fd > \${{ out.list }}; cat /proc/self/fd/30 >> \${{ out.list }}`;
      project.pipeline({ steps: { a: { run, out: { list: { type: 'file', to: 'list.txt' } } } } });
      const started = await project.files.shell(`bash open.sh '${REPOSITORY}/sluice' run`);
      expect(started, started.stdout).toMatchObject({ code: 0, stderr: '' });
      const list = project.files.read('list.txt');
      expect(list).toMatch(/ 30 -> \/dev\/null\n/);
      expect(list).not.toContain('secret');
    },
  );

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

  test('has the same umask whoever starts it, and what it finds has the same modes', async () => {
    using project = new CacheProject({ 'data/deep/in.txt': 'one\n' });
    const run = 'umask > ${{ out.x }}; ls -lR in out | cut -c1-10 >> ${{ out.x }}';
    const out = { x: { type: 'file', to: 'x.txt' } };
    project.pipeline({ steps: { a: { run, in: { data: './data' }, out } } });
    const modes: string[] = [];
    const own = process.umask();
    for (const umask of [0o022, 0o077]) {
      process.umask(umask);
      const running = project.start(['--force']);
      process.umask(own);
      await project.ended(running);
      modes.push(project.files.read('x.txt'));
    }
    expect(modes[0]).toMatch(/^0022\n/);
    expect(modes[1]).toBe(modes[0]);
  });

  test('is private: a step that puts a file in the place of its inputs spoils its own result alone', async () => {
    using project = new CacheProject({ 'in.txt': 'one\n' });
    const out = { x: 'file' };
    const run = 'rm -rf in; echo > in; echo > ${{ out.x }}';
    const steps = {
      a: { run, in: { x: './in.txt' }, out },
      b: { run: 'echo > ${{ out.x }}', out },
    };
    project.pipeline({ steps });
    const ran = await project.run(['--keep-going']);
    expect(ran).toMatchObject({ code: 1, outcomes: { a: 'failed', b: 'succeeded' } });
    expect(ran.warnings).toEqual(['unstable-input']);
  });

  test.each(['data/7', 'single'])(
    'has no pipe in it: %s became one before it is tried again',
    async path => {
      using project = new CacheProject({ 'data/7': 'one\n', single: 'one\n' });
      const at = project.files.path(path);
      const run = `rm -f '${at}'; mkfifo '${at}'; exit 1`;
      const inputs = { data: './data', single: './single' };
      project.pipeline({ steps: { a: { run, in: inputs, out: { x: 'file' }, retries: 1 } } });
      const ran = await project.run();
      const finished = ran.events.find(event => event.type === 'step-finished');
      expect(finished?.outcome).toMatchObject({
        failure: {
          class: 'not-started',
          message: expect.stringMatching(/a pipe cannot be stored/),
        },
      });
    },
  );

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

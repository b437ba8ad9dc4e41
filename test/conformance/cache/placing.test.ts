/** Outputs: which are accepted, what is placed in the project, and what is done to a user's edits. */
import {
  chmodSync,
  existsSync,
  readdirSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CacheProject } from './project.ts';

const OUT = '${{ out.x }}';

function placing(run: string, to = 'out.txt', type = 'file'): CacheProject {
  const project = new CacheProject({ 'in.txt': 'one\n' });
  project.pipeline({
    steps: {
      a: {
        run: `${project.mark('a')}; ${run}`,
        in: { data: './in.txt' },
        out: { x: { type, to } },
      },
    },
  });
  return project;
}

const copy = `cat \${{ in.data }} > ${OUT}`;

describe('a file that the user has edited', () => {
  test('is never overwritten silently: it is kept, and named', async () => {
    using project = placing(copy);
    await project.run();
    project.files.write('out.txt', 'mine\n');
    const ran = await project.run();
    expect(ran).toMatchObject({ executed: [], outcomes: { a: 'restored' } });
    expect(ran.warnings).toEqual(['replaced-file']);
    const [kept = ''] = readdirSync(project.files.path('.sluice/replaced'));
    expect(project.files.read(`.sluice/replaced/${kept}`)).toBe('mine\n');
    expect(project.files.read('out.txt')).toBe('one\n');
  });

  test('is kept as well when a new result comes', async () => {
    using project = placing(copy);
    await project.run();
    project.files.write('out.txt', 'mine\n');
    project.files.write('in.txt', 'two\n');
    expect((await project.run()).warnings).toEqual(['replaced-file']);
    expect(project.files.read('out.txt')).toBe('two\n');
  });

  test('in a placed folder keeps the folder', async () => {
    using project = placing(`mkdir -p ${OUT} && ${copy}/data`, 'site', 'dir');
    await project.run();
    project.files.write('site/notes.txt', 'mine\n');
    expect((await project.run()).warnings).toEqual(['replaced-file']);
    expect(readdirSync(project.files.path('site'))).toEqual(['data']);
    const [kept = ''] = readdirSync(project.files.path('.sluice/replaced'));
    expect(project.files.read(`.sluice/replaced/${kept}/notes.txt`)).toBe('mine\n');
  });

  test('and put a link in its place keeps the link', async () => {
    using project = placing(copy);
    await project.run();
    renameSync(project.files.path('out.txt'), project.files.path('elsewhere.txt'));
    symlinkSync('elsewhere.txt', project.files.path('out.txt'));
    project.files.write('in.txt', 'two\n');
    expect((await project.run()).warnings).toEqual(['replaced-file']);
    const [kept = ''] = readdirSync(project.files.path('.sluice/replaced'));
    expect(readlinkSync(project.files.path('.sluice/replaced', kept))).toBe('elsewhere.txt');
    expect(project.files.read('elsewhere.txt')).toBe('one\n');
    expect(project.files.read('out.txt')).toBe('two\n');
  });

  test('only in its mode is put right', async () => {
    using project = placing(copy);
    await project.run();
    chmodSync(project.files.path('out.txt'), 0o755);
    expect((await project.run()).outcomes).toEqual({ a: 'restored' });
    expect(statSync(project.files.path('out.txt')).mode & 0o111).toBe(0);
  });

  test('is written by nobody but him: what was placed shares nothing with the store', async () => {
    using project = placing(copy);
    await project.run();
    expect(statSync(project.files.path('out.txt')).nlink).toBe(1);
    // Not replaced but written into, as editors and `>>` do.
    const { appendFileSync, rmSync } = await import('node:fs');
    appendFileSync(project.files.path('out.txt'), 'more\n');
    rmSync(project.files.path('out.txt'));
    await project.run();
    expect(project.files.read('out.txt')).toBe('one\n');
  });
});

describe('the declaration of an output', () => {
  test('is removed: the step executes, and what was placed is left to the user', async () => {
    using project = placing(`${copy}; echo 2 > out/y`);
    project.pipeline({
      steps: {
        a: {
          run: `${project.mark('a')}; echo 1 > ${OUT}; echo 2 > out/y`,
          out: { x: { type: 'file', to: 'x.txt' }, y: { type: 'file', to: 'y.txt' } },
        },
      },
    });
    await project.run();
    project.pipeline(project.files.read('pipelines/p.yaml').replace(/,\s*"y": \{[^}]*\}/, ''));
    expect((await project.run()).executed).toEqual(['a']);
    expect(project.files.read('y.txt')).toBe('2\n');
  });

  test('gets another `to`: nothing executes, the file comes to its new place', async () => {
    using project = placing(copy);
    await project.run();
    project.pipeline(project.files.read('pipelines/p.yaml').replace('out.txt', 'deep/new.txt'));
    expect(await project.run()).toMatchObject({ executed: [], outcomes: { a: 'restored' } });
    expect(project.files.read('deep/new.txt')).toBe('one\n');
  });

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['the same place', { x: { type: 'file', to: 'out.txt' }, y: { type: 'file', to: 'out.txt' } }],
    [
      'places of which one lies in the other',
      { x: { type: 'dir', to: 'out' }, y: { type: 'file', to: 'out/y' } },
    ],
    ['the same path', { x: { type: 'file', path: 'o' }, y: { type: 'file', path: 'o' } }],
    [
      'paths of which one lies in the other',
      { x: { type: 'dir', path: 'o' }, y: { type: 'file', path: 'o/y' } },
    ],
    ['a place outside of the project', { x: { type: 'file', to: '../out.txt' } }],
    ['a place in the store', { x: { type: 'file', to: '.sluice/blobs/x' } }],
  ])('names %s: refused before anything runs', async (_, out) => {
    using project = new CacheProject({});
    project.pipeline({ steps: { a: { run: project.mark('a'), out } } });
    expect(await project.run()).toMatchObject({ code: 2, executed: [] });
  });

  test.each([
    ['two steps place at one path', 'out.txt', 'out.txt'],
    ['a step places below what another places', 'out', 'out/deep.txt'],
  ])(
    'collides with that of another step (%s): refused before anything runs',
    async (_, one, two) => {
      using project = new CacheProject({});
      project.pipeline({
        steps: {
          a: { run: project.mark('a'), out: { x: { type: 'file', to: one } } },
          b: { run: project.mark('b'), out: { x: { type: 'file', to: two } } },
        },
      });
      expect(await project.run()).toMatchObject({ code: 2, executed: [] });
    },
  );
});

describe('an output that is', () => {
  test.each([
    ['a link', `ln -s /etc/hostname ${OUT}`, 'file'],
    ['a pipe', `mkfifo ${OUT}`, 'file'],
    ['a folder instead of a file', `mkdir ${OUT}`, 'file'],
    ['a file instead of a folder', `echo > ${OUT}`, 'dir'],
    ['no JSON where metrics are declared', `echo no > ${OUT}`, 'metrics'],
    ['a folder with a link that leads out', `mkdir ${OUT}; ln -s /etc ${OUT}/etc`, 'dir'],
    ['a folder with a pipe in it', `mkdir ${OUT}; mkfifo ${OUT}/pipe`, 'dir'],
  ])('%s is not published', async (_, run, type) => {
    using project = placing(run, 'out.txt', type);
    expect(await project.run()).toMatchObject({ code: 1, outcomes: { a: 'failed' } });
    expect(existsSync(project.files.path('out.txt'))).toBe(false);
    expect((await project.run()).executed).toEqual(['a']);
  });
});

describe('consumers', () => {
  test('of one port do not execute because another port changed', async () => {
    using project = new CacheProject({ 'in.txt': 'one\n' });
    project.pipeline({
      steps: {
        a: {
          run: `${project.mark('a')}; cat \${{ in.data }} > \${{ out.log }}; echo same > \${{ out.model }}`,
          in: { data: './in.txt' },
          out: { log: 'file', model: 'file' },
        },
        uses: { run: project.mark('uses'), in: { x: 'a.model' } },
        reads: { run: project.mark('reads'), in: { x: 'a.log' } },
      },
    });
    expect((await project.run()).executed).toEqual(['a', 'reads', 'uses']);
    project.files.write('in.txt', 'two\n');
    expect((await project.run()).executed).toEqual(['a', 'reads']);
  });

  test('do not execute because what they read was renamed in the pipeline', async () => {
    using project = new CacheProject({});
    const maker = { run: `${project.mark('a')}; echo 1 > ${OUT}`, out: { x: 'file' } };
    const taker = (from: string) => ({ run: project.mark('b'), in: { x: from } });
    project.pipeline({ steps: { a: maker, b: taker('a.x') } });
    await project.run();
    project.pipeline({ steps: { renamed: maker, b: taker('renamed.x') } });
    expect((await project.run()).executed).toEqual([]);
  });

  test('execute when a list of inputs comes in another order', async () => {
    using project = new CacheProject({ 'one.txt': '1', 'two.txt': '2' });
    const step = (all: readonly string[]) =>
      project.pipeline({ steps: { a: { run: project.mark('a'), in: { all } } } });
    step(['./one.txt', './two.txt']);
    await project.run();
    step(['./two.txt', './one.txt']);
    expect((await project.run()).executed).toEqual(['a']);
    step(['./one.txt', './two.txt']);
    expect((await project.run()).executed).toEqual([]);
  });

  test('execute when the outputs that they list come in another order', async () => {
    using project = new CacheProject({});
    const maker = (word: string) => ({ run: `echo ${word} > ${OUT}`, out: { x: 'file' } });
    const step = (all: readonly string[]) =>
      project.pipeline({
        steps: {
          one: maker('1'),
          two: maker('2'),
          a: {
            run: `${project.mark('a')}; cat \${{ in.all }}/* > ${OUT}`,
            in: { all },
            out: { x: { type: 'file', to: 'out.txt' } },
          },
        },
      });
    step(['one.x', 'two.x']);
    await project.run();
    expect(project.files.read('out.txt')).toBe('1\n2\n');
    step(['two.x', 'one.x']);
    expect((await project.run()).executed).toEqual(['a']);
    expect(project.files.read('out.txt')).toBe('2\n1\n');
  });

  test('take the first result of a step that never makes the same twice, and it is marked', async () => {
    using project = new CacheProject({});
    project.pipeline({
      steps: {
        a: {
          run: `${project.mark('a')}; date +%N > ${OUT}`,
          out: { x: { type: 'file', to: 'out.txt' } },
        },
        b: { run: project.mark('b'), in: { x: 'a.x' } },
      },
    });
    await project.run();
    const first = project.files.read('out.txt');
    const forced = await project.run(['--force', 'a']);
    expect(forced.executed).toEqual(['a']);
    expect(forced.warnings).toContain('nondeterministic');
    expect(project.files.read('out.txt')).toBe(first);
  });

  test('are not repeated by a step that succeeded only at its second try', async () => {
    using project = new CacheProject({});
    const first = project.files.path('failed-once');
    project.pipeline({
      steps: {
        a: {
          run: `${project.mark('a')}; test -e '${first}' || { touch '${first}'; exit 1; }; echo 1 > ${OUT}`,
          retries: { max: 2, on: ['exit'], backoff: '1ms' },
          out: { x: 'file' },
        },
        b: { run: project.mark('b'), in: { x: 'a.x' } },
      },
    });
    expect((await project.run()).executed).toEqual(['a', 'a', 'b']);
    expect((await project.run()).executed).toEqual([]);
  });
});

/** One store for several projects: each has its own runs, and a state of its own for its effects. */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CacheProject } from './project.ts';

/** Keeps its input in its state as `kept/it`, and says so in a receipt. */
const KEEPER = `
state=$(sed -n 's/^ *"state": "\\(.*\\)",$/\\1/p' "$SLUICE_STEP")
cp "$SLUICE_IN_X" "$state/it.new"; chmod u+w "$state/it.new"; mv "$state/it.new" "$state/it"
echo "{\\"files\\":{\\"it\\":\\"$(sha256sum < "$state/it" | cut -c 1-64)\\"}}" > out/.receipt.json
`;

function keeping(content: string, store: string): CacheProject {
  const project = new CacheProject({
    'in.txt': content,
    'steps/keep/step.yaml':
      'step: keep\nversion: 1.0.0\nkind: effect\nin: { x: file }\ncheck: receipt\nstate: datasets\nrun: [sh, main.sh]\n',
  });
  project.files.write('steps/keep/main.sh', `${project.mark('keep')}${KEEPER}`);
  project.pipeline({ steps: { keep: { uses: './steps/keep', in: { x: './in.txt' } } } });
  symlinkSync(store, project.files.path('.sluice'));
  return project;
}

/** Its step prints what it copies. */
function copying(content: string, store: string): CacheProject {
  const project = new CacheProject({ 'in.txt': content });
  const run = 'tee ${{ out.y }} < ${{ in.x }}';
  project.pipeline({ steps: { a: { run, in: { x: './in.txt' }, out: { y: 'file' } } } });
  symlinkSync(store, project.files.path('.sluice'));
  return project;
}

const bound = ({ files }: CacheProject) => ({
  sluice: (...words: readonly string[]) => files.sluice(words),
});

const storeOf = (holder: CacheProject) => holder.files.path('store');

describe('a store that two projects share', () => {
  test('keeps the state of their effects apart', async () => {
    using holder = new CacheProject({ 'store/.keep': '' });
    const store = storeOf(holder);
    using one = keeping('one\n', store);
    using two = keeping('two\n', store);
    for (const project of [one, two]) {
      expect(await project.run()).toMatchObject({ code: 0, executed: ['keep'] });
    }
    for (const project of [one, two, one, two]) {
      expect(await project.run()).toMatchObject({ code: 0, executed: [] });
    }
    expect(existsSync(join(store, 'datasets'))).toBe(false);
  });

  test('and has state that nobody knows the owner of: nothing is taken or begun until somebody says', async () => {
    using holder = new CacheProject({ 'store/datasets/it': 'one\n' });
    using project = keeping('two\n', storeOf(holder));
    const refused = await project.run();
    expect(refused).toMatchObject({ code: 1, executed: [], outcomes: { keep: 'failed' } });
    const listed = await project.files.sluice(['data', 'list']);
    expect(listed).toMatchObject({ code: 3, stdout: '' });
    // What is said is what helps, word for word.
    const [, copy = ''] = /go on with what is there: `(.*?)`;/.exec(listed.stderr) ?? [];
    expect(JSON.stringify(refused.events)).toContain(JSON.stringify(copy).slice(1, -1));
    expect(await project.files.shell(copy)).toMatchObject({ code: 0, stderr: '' });
    expect(await project.run()).toMatchObject({ code: 0, executed: ['keep'] });
    expect(holder.files.read('store/datasets/it')).toBe('one\n');
  });

  test('hands on what the effect of each has made itself, whoever has done the same', async () => {
    using holder = new CacheProject({ 'store/.keep': '' });
    const publishing = () => {
      const project = new CacheProject({});
      const run = `date +%N > \${{ out.id }}`;
      const out = { id: { type: 'file', to: 'id.txt' } };
      project.pipeline({ steps: { publish: { kind: 'effect', run, out } } });
      symlinkSync(storeOf(holder), project.files.path('.sluice'));
      return project;
    };
    using one = publishing();
    using two = publishing();
    for (const project of [one, two])
      expect((await project.run()).outcomes).toEqual({ publish: 'succeeded' });
    const made = [one, two].map(({ files }) => files.read('id.txt'));
    for (const project of [one, two])
      expect((await project.run()).outcomes).toEqual({ publish: 'up-to-date' });
    expect([one, two].map(({ files }) => files.read('id.txt'))).toEqual(made);
    expect(made[0]).not.toBe(made[1]);
  });

  test('tells each of its own runs, and hands out what those have made', async () => {
    using holder = new CacheProject({ 'store/.keep': '' });
    using one = copying('one\n', storeOf(holder));
    using two = copying('two\n', storeOf(holder));
    for (const project of [one, two]) expect((await project.run()).code).toBe(0);
    for (const [project, content] of [[one, 'one\n'] as const, [two, 'two\n'] as const]) {
      const { sluice } = bound(project);
      expect((await sluice('get', 'a.y', '-o', '-')).stdout).toBe(content);
      expect(JSON.parse((await sluice('runs', '--json')).stdout).runs).toHaveLength(1);
      expect((await sluice('logs', 'latest', 'a')).stdout).toBe(content);
      expect((await sluice('store', 'pin', 'latest')).code).toBe(0);
      expect((await sluice('store', 'pin')).stdout.trim().split('\n')).toHaveLength(1);
    }
  });

  test('and has runs of before they had their own: they are not taken for its own, and it is said where they are', async () => {
    using holder = new CacheProject({ 'store/runs/20260101-000000-abcde/events.jsonl': '' });
    using project = copying('one\n', storeOf(holder));
    const before = await project.files.sluice(['runs']);
    expect(before).toMatchObject({ code: 0, stdout: 'no runs yet\n' });
    expect(before.stderr).toMatch(/^note: the runs in .*\/\.sluice\/runs are another project's/);
    await project.run();
    expect(await project.files.sluice(['runs'])).toMatchObject({ code: 0, stderr: '' });
  });

  test('and collects: each keeps its last runs, and those that it has pinned', async () => {
    using holder = new CacheProject({ 'store/.keep': '' });
    using one = copying('one\n', storeOf(holder));
    using two = copying('two\n', storeOf(holder));
    await one.run();
    await one.files.sluice(['store', 'pin', 'latest']);
    for (const [project, content] of [[one, 'uno\n'] as const, [two, 'due\n'] as const]) {
      await project.run();
      project.files.write('in.txt', content);
      await project.run();
    }
    const collected = await two.files.sluice(['store', 'gc', '--keep-runs', '1']);
    expect(collected).toMatchObject({ code: 0, stderr: '' });
    expect(blobsOf(storeOf(holder))).toEqual(['due\n', 'one\n', 'uno\n']);
  });

  test('and collects: what a project has made stays also where its part was moved behind a link', async () => {
    using holder = new CacheProject({ 'store/.keep': '' });
    using project = copying('one\n', storeOf(holder));
    await project.run();
    const [part = ''] = readdirSync(holder.files.path('store/projects'));
    const [here, there] = [`store/projects/${part}`, 'elsewhere'].map(path =>
      holder.files.path(path),
    ) as [string, string];
    renameSync(here, there);
    symlinkSync(there, here);
    const collect = () => project.files.sluice(['store', 'gc']);
    expect(await collect()).toMatchObject({ code: 0 });
    expect(blobsOf(storeOf(holder))).toEqual(['one\n']);
    renameSync(there, `${there}.away`);
    expect(await collect()).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('leads nowhere'),
    });
    expect(blobsOf(storeOf(holder))).toEqual(['one\n']);
  });

  test('and collects: the dataset versions of all of them stay', async () => {
    using holder = new CacheProject({ 'store/.keep': '' });
    using project = new CacheProject({});
    symlinkSync(storeOf(holder), project.files.path('.sluice'));
    const make = (word: string) => {
      const run = `mkdir \${{ out.d }}; echo ${word} > \${{ out.d }}/f`;
      project.pipeline({ steps: { a: { run, out: { d: 'dir' } } } });
      return project.run();
    };
    const { events } = await make('first');
    const made = events.find(event => event.type === 'step-finished')?.outputs['d'];
    if (made === undefined) throw new Error('nothing was made');
    const entry = { format: 1, ...made, digest: `tree:${made.digest}` };
    const folder = 'store/projects/0123456789abcdef/datasets';
    holder.files.write(`${folder}/d/1.json`, JSON.stringify(entry));
    await make('second');
    const collect = () => project.files.sluice(['store', 'gc', '--keep-runs', '1']);
    const bytes = () => blobsOf(storeOf(holder));
    expect(await collect()).toMatchObject({ code: 0 });
    expect(bytes()).toContain('first\n');
    rmSync(holder.files.path(folder), { recursive: true });
    holder.files.write(folder, 'no folder');
    expect((await collect()).stderr).toContain('nothing was touched');
    rmSync(holder.files.path(folder));
    expect(await collect()).toMatchObject({ code: 0 });
    expect(bytes()).not.toContain('first\n');
  });
});

const blobsOf = (store: string): readonly string[] =>
  readdirSync(join(store, 'blobs'), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .sort();

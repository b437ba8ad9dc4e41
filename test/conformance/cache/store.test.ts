/** The store is damaged, cut, emptied, of another version, or somebody else's: never a wrong hit. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CacheProject } from './project.ts';
import { below, blobOf, expectRecovery, made, overwrite, RESULT } from './stored.ts';

describe('stored content that', () => {
  const wrong: readonly [string, (path: string) => void][] = [
    [
      'has one bit flipped',
      path => {
        const bytes = readFileSync(path);
        bytes[0] = (bytes[0] ?? 0) ^ 1;
        overwrite(path, bytes);
      },
    ],
    ['is cut short', path => overwrite(path, readFileSync(path).subarray(1))],
    ['has something appended', path => overwrite(path, `${readFileSync(path, 'utf8')}more`)],
    ['is empty', path => overwrite(path, '')],
    ['is missing', path => rmSync(path)],
    [
      'has become a folder',
      path => {
        rmSync(path);
        mkdirSync(path);
      },
    ],
    [
      'has become a link that leads nowhere',
      path => {
        rmSync(path);
        symlinkSync('nowhere', path);
      },
    ],
  ];

  test.each(wrong)('%s is not restored: the step makes it again', async (_, change) => {
    using project = await made();
    change(blobOf(project, RESULT));
    rmSync(project.files.path('out.txt'));
    expect(await expectRecovery(project)).toEqual(['b']);
  });

  test.each(wrong)('%s does not reach a step that reads it', async (_, change) => {
    using project = await made();
    change(blobOf(project, 'CONTENT\n'));
    // The consumer has to execute: its command is another one.
    project.pipeline(project.files.read('pipelines/p.yaml').replace('tr A-Z', 'tr  A-Z'));
    expect(await expectRecovery(project)).toEqual(['a', 'b']);
  });

  test('has changed places with other content of the same size is found out', async () => {
    using project = await made();
    const [one, two] = [blobOf(project, RESULT), blobOf(project, 'CONTENT\n')];
    renameSync(one, `${one}.aside`);
    renameSync(two, one);
    renameSync(`${one}.aside`, two);
    rmSync(project.files.path('out.txt'));
    expect(await expectRecovery(project)).toContain('b');
  });

  test('is damaged is put aside for people to look at, and reported', async () => {
    using project = await made();
    overwrite(blobOf(project, RESULT), 'PBAGRAX\n');
    rmSync(project.files.path('out.txt'));
    expect((await project.run()).warnings).toEqual(['corrupt-blob']);
    const [kept = ''] = below(project, 'quarantine');
    expect(readFileSync(kept, 'utf8')).toBe('PBAGRAX\n');
  });

  test('nobody needs may be gone: it costs nothing until somebody does', async () => {
    using project = await made();
    overwrite(blobOf(project, 'CONTENT\n'), 'CONTENX\n');
    // Sizes are right, and nobody reads it.
    expect((await project.run()).executed).toEqual([]);
  });
});

describe('the store', () => {
  test('is removed while nothing runs: everything is made anew, and the same', async () => {
    using project = await made();
    rmSync(project.files.path('.sluice'), { recursive: true });
    expect(await expectRecovery(project)).toEqual(['a', 'b']);
  });

  test.each(['stat-cache.db', 'latest', 'work', 'tmp', 'runs', 'locks', 'placed.jsonl'])(
    'loses `%s`: nothing executes',
    async name => {
      using project = await made();
      rmSync(project.files.path('.sluice', name), { recursive: true, force: true });
      expect(await project.run()).toMatchObject({ code: 0, executed: [] });
    },
  );

  test.each(['stat-cache.db', 'latest/p.json', 'placed.jsonl'])(
    'finds rubbish in `%s`: nothing executes',
    async name => {
      using project = await made();
      project.files.write(`.sluice/${name}`, 'rubbish'.repeat(1000));
      expect(await project.run()).toMatchObject({ code: 0, executed: [] });
    },
  );

  test('of an unknown version is refused in one sentence, and left as it is', async () => {
    using project = await made();
    overwrite(project.files.path('.sluice/format'), 'sluice-store 2\n');
    const before = below(project, '.');
    const ran = await project.run();
    expect(ran).toMatchObject({ code: 3, executed: [], events: [] });
    expect(ran.stderr).toContain('another version of Sluice');
    expect(below(project, '.')).toEqual(before);
  });

  test.each<[string, (path: string) => void]>([
    ['a link whose disk is not mounted', path => symlinkSync('/nowhere/at/all', path)],
    ['a file', path => writeFileSync(path, '')],
  ])('is %s: one sentence, and nothing is begun elsewhere', async (_, put) => {
    using project = await made();
    rmSync(project.files.path('.sluice'), { recursive: true });
    put(project.files.path('.sluice'));
    const ran = await project.run();
    expect(ran).toMatchObject({ code: 3, executed: [], events: [] });
    expect(ran.stderr).toMatch(/^error: .*\.sluice: (this link leads to no|it is not a) folder\n/);
    rmSync(project.files.path('.sluice'));
    expect(await expectRecovery(project)).toEqual(['a', 'b']);
  });

  test.each(['.', 'blobs', 'traces', 'work', 'tmp'])(
    'loses `%s` while a step runs: at most that step fails, and the next run carries on',
    async name => {
      using project = new CacheProject({});
      const gate = project.gate();
      const run = `${gate.wait}; echo done > \${{ out.x }}`;
      project.pipeline({ steps: { a: { run, out: { x: { type: 'file', to: 'x.txt' } } } } });
      const running = project.start();
      await gate.arrived(running.finished);
      rmSync(project.files.path('.sluice', name), { recursive: true });
      gate.open();
      const { events } = await project.ended(running);
      expect(events.at(-1)).toMatchObject({ type: 'run-finished' });
      const said = JSON.stringify(events.filter(({ type }) => type === 'step-finished'));
      if (name === 'blobs') expect(said).toContain('could not be stored');
      expect(await project.run()).toMatchObject({ code: 0 });
      expect(project.files.read('x.txt')).toBe('done\n');
      expect((await project.files.sluice(['store', 'verify'])).code).toBe(0);
    },
  );

  test('is copied with its project to another place: everything hits there', async () => {
    using project = await made();
    using copy = new CacheProject({});
    cpSync(project.files.root, copy.files.root, { recursive: true });
    expect(await copy.run()).toMatchObject({ code: 0, executed: [] });
  });

  test('is shared by two projects: what one has made, the other finds', async () => {
    using project = await made();
    using other = new CacheProject({ 'in.txt': 'content\n' });
    other.pipeline(project.files.read('pipelines/p.yaml'));
    symlinkSync(project.files.path('.sluice'), other.files.path('.sluice'));
    expect(await other.run()).toMatchObject({
      code: 0,
      outcomes: { a: 'up-to-date', b: 'restored' },
    });
    expect((await project.run()).executed).toEqual([]);
    expect(other.files.read('out.txt')).toBe(RESULT);
  });

  test('is shared by two projects: what each has placed and done is its own', async () => {
    const document = (project: CacheProject) => ({
      steps: {
        a: {
          run: 'cat ${{ in.x }} > ${{ out.y }}',
          in: { x: './in.txt' },
          out: { y: { type: 'file', to: 'out.txt' } },
        },
        pub: { kind: 'effect', run: project.mark('pub'), in: { x: 'a.y' } },
      },
    });
    using one = new CacheProject({ 'in.txt': 'one\n' });
    using two = new CacheProject({ 'in.txt': 'two\n', 'out.txt': 'one\n' });
    for (const project of [one, two]) project.pipeline(document(project));
    expect((await one.run()).warnings).toEqual([]);
    symlinkSync(one.files.path('.sluice'), two.files.path('.sluice'));
    // What the one has placed happens to lie in the other: there it is the user's.
    expect((await two.run()).warnings).toEqual(['replaced-file']);
    for (const project of [one, two, one, two]) {
      expect(await project.run()).toMatchObject({ executed: [], warnings: [] });
    }
  });

  test.each(['runs', 'pins'])(
    'has a file where its folder `%s` belongs: no command breaks, and nothing is collected',
    async name => {
      using project = await made();
      rmSync(project.files.path('.sluice', name), { recursive: true, force: true });
      project.files.write(`.sluice/${name}`, 'x');
      for (const words of ['runs', 'get a.x', 'show', 'store status']) {
        const { code, stderr } = await project.files.sluice(words.split(' '));
        expect([0, 2], stderr).toContain(code);
      }
      const collected = await project.files.sluice(['store', 'gc', '--keep-runs', '1']);
      expect(collected).toMatchObject({ code: 3 });
      expect(collected.stderr).toContain('nothing was touched');
      expect((await project.run()).executed).toEqual([]);
    },
  );

  test('has a file where effects keep their state: it is named, by each who looks', async () => {
    using project = new CacheProject({
      '.sluice/datasets': 'x',
      'steps/keep/step.yaml':
        'step: keep\nversion: 1.0.0\nkind: effect\ncheck: receipt\nstate: datasets\nrun: ["true"]\n',
    });
    project.pipeline({ steps: { keep: { uses: './steps/keep' } } });
    const ran = await project.run();
    expect(ran).toMatchObject({ code: 1, outcomes: { keep: 'failed' }, stderr: '' });
    expect(JSON.stringify(ran.events)).toContain('datasets is in the way: a folder belongs there');
    const listed = await project.files.sluice(['data', 'list']);
    expect(listed).toMatchObject({ code: 3, stdout: '' });
    expect(listed.stderr).toContain('datasets cannot be read: it is no folder');
  });

  test('holds equal files once', async () => {
    using project = new CacheProject({});
    const run = 'mkdir ${{ out.x }}; for n in 1 2 3; do echo same > ${{ out.x }}/$n; done';
    project.pipeline({ steps: { a: { run, out: { x: 'dir' } } } });
    await project.run();
    expect(below(project, 'blobs')).toHaveLength(2);
  });

  test('is verified as whole after all of this, and damage is found', async () => {
    using project = await made();
    expect((await project.files.sluice(['store', 'verify'])).code).toBe(0);
    overwrite(blobOf(project, RESULT), 'PBAGRAX\n');
    expect((await project.files.sluice(['store', 'verify'])).code).toBe(3);
    expect((await project.files.sluice(['store', 'verify', '--repair'])).code).toBe(0);
    // It lies where it was placed: nobody asks the store for it.
    expect((await project.run()).executed).toEqual([]);
    rmSync(project.files.path('out.txt'));
    expect(await expectRecovery(project)).toEqual(['b']);
  });

  test('gave away its bytes in a collection: what is asked for is made again, and is the same', async () => {
    using project = await made();
    project.files.write('in.txt', 'another\n');
    await project.run();
    const collected = await project.files.sluice(['store', 'gc', '--keep-runs', '1']);
    expect(collected.code).toBe(0);
    project.files.write('in.txt', 'content\n');
    await expectRecovery(project);
  });

  test('never hands out a file by which it could be changed', async () => {
    using project = await made();
    for (const path of below(project, 'blobs')) {
      const { mode, nlink } = statSync(path);
      expect(mode & 0o222).toBe(0);
      expect(nlink).toBe(1);
    }
    expect(existsSync(project.files.path('.sluice/blobs'))).toBe(true);
  });
});

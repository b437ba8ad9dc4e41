/** Steps of the project's own, with a folder, a manifest and files: all of it is part of the key. */
import { chmodSync, cpSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CacheProject } from './project.ts';

const MANIFEST = `step: crop
version: 1.0.0
params:
  width: { type: int, default: 3 }
in:
  data: file
out:
  data: file
run: [sh, main.sh]
includes: [../shared]
packages: [cutter]
`;

async function made(): Promise<CacheProject> {
  const project = new CacheProject({
    'x.txt': 'abcdef\n',
    'steps/crop/step.yaml': MANIFEST,
    'steps/crop/words.txt': 'first\n',
    'steps/shared/tool.sh': 'echo tool\n',
    'steps/other/step.yaml': MANIFEST.replace('crop', 'other'),
    'node_modules/cutter/package.json': '{ "version": "1.0.0" }',
  });
  project.files.write(
    'steps/crop/main.sh',
    `${project.mark('crop')}\ncut -c -$SLUICE_PARAM_WIDTH $SLUICE_IN_DATA > $SLUICE_OUT_DATA\n`,
  );
  project.pipeline({ steps: { crop: { uses: './steps/crop', in: { data: './x.txt' } } } });
  expect(await project.run()).toMatchObject({ code: 0, executed: ['crop'] });
  expect((await project.run()).executed).toEqual([]);
  return project;
}

describe('a step of the project executes again when', () => {
  test.each<[string, (project: CacheProject) => void]>([
    [
      'its program is edited',
      p => p.files.write('steps/crop/main.sh', `${p.files.read('steps/crop/main.sh')}\n`),
    ],
    ['a file of its folder is edited', p => p.files.write('steps/crop/words.txt', 'other\n')],
    ['a file is added to its folder', p => p.files.write('steps/crop/more.txt', '')],
    ['an empty folder is added to its folder', p => mkdirSync(p.files.path('steps/crop/empty'))],
    ['a file of its folder is removed', p => rmSync(p.files.path('steps/crop/words.txt'))],
    [
      'a file of its folder is renamed',
      p => renameSync(p.files.path('steps/crop/words.txt'), p.files.path('steps/crop/names.txt')),
    ],
    [
      'a file of its folder becomes executable',
      p => chmodSync(p.files.path('steps/crop/words.txt'), 0o755),
    ],
    [
      'a helper that it includes is edited',
      p => p.files.write('steps/shared/tool.sh', 'echo better\n'),
    ],
    ['a helper is added to what it includes', p => p.files.write('steps/shared/more.sh', '')],
    [
      'a default of its manifest changes',
      p => p.files.write('steps/crop/step.yaml', MANIFEST.replace('default: 3', 'default: 2')),
    ],
    [
      'another version of a package that it names is installed',
      p => p.files.write('node_modules/cutter/package.json', '{ "version": "1.0.1" }'),
    ],
    [
      'a package that it names is no longer installed',
      p => rmSync(p.files.path('node_modules/cutter'), { recursive: true }),
    ],
  ])('%s', async (_, change) => {
    using project = await made();
    change(project);
    expect(await project.run()).toMatchObject({ code: 0, executed: ['crop'] });
    expect((await project.run()).executed).toEqual([]);
  });

  test('files of its folder and of what it includes are edited: the reason names them', async () => {
    using project = await made();
    project.files.write('steps/crop/words.txt', 'other\n');
    project.files.write('steps/shared/tool.sh', 'echo better\n');
    const judged = (await project.run()).events.find(event => event.type === 'step-judged');
    expect(judged?.because).toMatchObject({
      kind: 'changed',
      changes: [{ part: 'step file ../shared/tool.sh' }, { part: 'step file words.txt' }],
    });
  });

  test('a parameter that it takes is given another value', async () => {
    using project = await made();
    const step = { uses: './steps/crop', in: { data: './x.txt' } };
    project.pipeline({ steps: { crop: { ...step, with: { width: 2 } } } });
    expect((await project.run()).executed).toEqual(['crop']);
    project.pipeline({ steps: { crop: { ...step, with: { width: 3 } } } });
    expect((await project.run()).executed).toEqual([]);
  });

  test('its program is edited while it runs: that result is not published', async () => {
    using project = await made();
    const gate = project.gate();
    project.files.write(
      'steps/crop/main.sh',
      `${project.files.read('steps/crop/main.sh')}\n${gate.wait}\n`,
    );
    const running = project.start();
    await gate.arrived(running.finished);
    project.files.write('steps/crop/words.txt', 'edited\n');
    gate.open();
    const ran = await project.ended(running);
    expect(ran.outcomes).toEqual({ crop: 'failed' });
    expect(ran.warnings).toEqual(['unstable-input']);
    const finished = ran.events.find(event => event.type === 'step-finished');
    expect(finished?.outcome).toMatchObject({ failure: { paths: ['steps/crop/words.txt'] } });
    expect((await project.run()).executed).toEqual(['crop']);
  });
});

describe('a program of the project that is edited while it runs, and the edit taken back,', () => {
  test('has made a result that is not published', async () => {
    using project = await made();
    const gates = [project.gate('before'), project.gate('after')] as const;
    const lines = [gates[0].wait, project.files.read('steps/crop/main.sh'), gates[1].wait];
    const read = 'cat "$(dirname "$0")/words.txt" >> $SLUICE_OUT_DATA';
    project.files.write('steps/crop/main.sh', [...lines.slice(0, 2), read, lines[2]].join('\n'));
    const running = project.start();
    await gates[0].arrived(running.finished);
    project.files.write('steps/crop/words.txt', 'edited\n');
    gates[0].open();
    await gates[1].arrived(running.finished);
    project.files.write('steps/crop/words.txt', 'first\n');
    gates[1].open();
    const ran = await project.ended(running);
    expect(ran).toMatchObject({ outcomes: { crop: 'failed' }, warnings: ['unstable-input'] });
    const finished = ran.events.find(event => event.type === 'step-finished');
    expect(finished?.outcome).toMatchObject({ failure: { paths: ['steps/crop/words.txt'] } });
    expect((await project.run()).executed).toEqual(['crop']);
  });
});

describe('what a step of the project is executed by is put back before it ends:', () => {
  test.each<[string, readonly string[], (project: CacheProject) => () => void]>([
    [
      'another folder was in the place of its own',
      ['steps/crop'],
      ({ files }) => {
        const [own, aside, other] = ['crop', 'aside', 'crop-edited'].map(name =>
          files.path('steps', name),
        ) as [string, string, string];
        renameSync(own, aside);
        renameSync(other, own);
        return () => {
          renameSync(own, other);
          renameSync(aside, own);
        };
      },
    ],
    [
      'a file was added to its folder',
      ['steps/crop'],
      ({ files }) => {
        files.write('steps/crop/json.py', '');
        return () => rmSync(files.path('steps/crop/json.py'));
      },
    ],
    [
      'a file was added to a folder that it includes',
      ['steps/shared'],
      ({ files }) => {
        files.write('steps/shared/json.py', '');
        return () => rmSync(files.path('steps/shared/json.py'));
      },
    ],
    [
      'a file that it includes was edited',
      ['steps/shared/tool.sh'],
      ({ files }) => {
        files.write('steps/shared/tool.sh', 'echo other\n');
        return () => files.write('steps/shared/tool.sh', 'echo tool\n');
      },
    ],
    [
      'another version of a package was installed',
      ['the packages of crop'],
      ({ files }) => {
        files.write('node_modules/cutter/package.json', '{ "version": "1.0.1" }');
        return () => files.write('node_modules/cutter/package.json', '{ "version": "1.0.0" }');
      },
    ],
  ])('%s, and its result is not published', async (_, paths, change) => {
    using project = await made();
    const gate = project.gate();
    const program = `${project.files.read('steps/crop/main.sh')}\n${gate.wait}\n`;
    project.files.write('steps/crop/main.sh', program);
    cpSync(project.files.path('steps/crop'), project.files.path('steps/crop-edited'), {
      recursive: true,
    });
    const running = project.start();
    await gate.arrived(running.finished);
    change(project)();
    gate.open();
    const ran = await project.ended(running);
    expect(ran).toMatchObject({ outcomes: { crop: 'failed' }, warnings: ['unstable-input'] });
    const finished = ran.events.find(event => event.type === 'step-finished');
    expect(finished?.outcome).toMatchObject({ failure: { class: 'unstable-input', paths } });
    expect((await project.run()).executed).toEqual(['crop']);
  });
});

test('a package that is replaced during a run costs only what ran meanwhile', async () => {
  using project = await made();
  const gate = project.gate();
  const uses = { uses: './steps/crop', in: { data: './x.txt' } };
  const waits = `${gate.wait}; echo > \${{ out.x }}`;
  const first = { run: waits, needs: ['early'], out: { x: 'file' } };
  const second = { ...uses, needs: ['first'], with: { width: 2 } };
  const other = { ...uses, needs: ['first'], with: { width: 1 } };
  project.pipeline({ steps: { early: { ...uses, with: { width: 4 } }, first, second, other } });
  const running = project.start();
  await gate.arrived(running.finished);
  project.files.write('node_modules/cutter/package.json', '{ "version": "1.0.1" }');
  gate.open();
  const { outcomes } = await project.ended(running);
  expect(outcomes).toMatchObject({ first: 'succeeded', second: 'succeeded', other: 'succeeded' });
});

describe('a step of the project is not repeated when', () => {
  test.each<[string, (project: CacheProject) => void]>([
    ['a step beside it is edited', p => p.files.write('steps/other/step.yaml', MANIFEST)],
    [
      'a package that it does not name is installed',
      p => p.files.write('node_modules/glue/package.json', '{}'),
    ],
    [
      'its folder is copied and the copy is used',
      p => {
        cpSync(p.files.path('steps/crop'), p.files.path('steps/copy/crop'), { recursive: true });
        cpSync(p.files.path('steps/shared'), p.files.path('steps/copy/shared'), {
          recursive: true,
        });
        const step = { uses: './steps/copy/crop', in: { data: './x.txt' } };
        p.pipeline({ steps: { crop: step } });
      },
    ],
  ])('%s', async (_, change) => {
    using project = await made();
    change(project);
    expect(await project.run()).toMatchObject({ code: 0, executed: [] });
  });
});

describe('files that a command declares', () => {
  const command = (project: CacheProject, files: readonly string[]) =>
    project.pipeline({
      steps: {
        a: {
          run: `${project.mark('a')}; ls src > \${{ out.list }}; sh src/main.sh >> \${{ out.list }}`,
          files,
          out: { list: { type: 'file', to: 'list.txt' } },
        },
      },
    });

  test('are all that it sees of the project', async () => {
    using project = new CacheProject({ 'src/main.sh': 'echo 1\n', 'src/other.sh': '' });
    command(project, ['src/main.sh']);
    await project.run();
    expect(project.files.read('list.txt')).toBe('main.sh\n1\n');
    project.files.write('src/other.sh', 'echo other\n');
    expect((await project.run()).executed).toEqual([]);
  });

  test('count by content: an edited helper makes it execute', async () => {
    using project = new CacheProject({
      'src/main.sh': '. src/helper.sh\n',
      'src/helper.sh': 'echo 1\n',
    });
    command(project, ['src/*.sh']);
    await project.run();
    project.files.write('src/helper.sh', 'echo 2\n');
    expect((await project.run()).executed).toEqual(['a']);
    expect(project.files.read('list.txt')).toBe('helper.sh\nmain.sh\n2\n');
  });

  test('count as the pattern finds them now: a new file makes it execute', async () => {
    using project = new CacheProject({ 'src/main.sh': 'echo 1\n' });
    command(project, ['src/**']);
    await project.run();
    project.files.write('src/deep/new.sh', '');
    expect((await project.run()).executed).toEqual(['a']);
    expect(project.files.read('list.txt')).toBe('deep\nmain.sh\n1\n');
  });
});

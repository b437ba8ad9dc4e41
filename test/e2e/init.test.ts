/** What a new project holds: the files of its example, and what editors need. */
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { answer } from '../harness/answer.ts';
import { REPOSITORY, TempProject } from '../harness/temp-project.ts';

/** The schema that each file of the language names, with whether it is there. */
const schemas = (project: TempProject) =>
  globSync(['{pipelines,configs}/*.yaml', 'sluice.yaml'], { cwd: project.root }).map(path => {
    const named = /\$schema=(\S+)/.exec(project.read(path))?.[1] ?? '';
    return [path, existsSync(join(project.root, dirname(path), named))];
  });

test.each([
  [[], ['pipelines/words.yaml']],
  [
    ['--from', 'digits'],
    ['configs/cnn.yaml', 'configs/fast.yaml', 'pipelines/digits.yaml'],
  ],
  [
    ['--from', 'wine'],
    ['pipelines/wine.yaml', 'sluice.yaml'],
  ],
])('what `init %j` writes compiles, and names schemas that are there', async (args, paths) => {
  using project = TempProject.create({});
  await project.sluice(['init', ...args]);
  expect(schemas(project).sort()).toEqual(paths.map(path => [path, true]));
  expect((await project.sluice(['check'])).code).toBe(0);
});

test('what is there stays as it is, also a link that leads nowhere', async () => {
  using project = TempProject.create({ 'data/text.txt': 'mine', 'pipelines/other.yaml': '' });
  symlinkSync('../elsewhere.yaml', project.path('pipelines/words.yaml'));
  const { kept, written } = await answer(project, ['init', '--json']);
  expect(kept).toEqual(['pipelines/words.yaml', 'data/text.txt']);
  expect(written).toEqual(['src/report.sh', '.gitignore']);
  expect(project.read('data/text.txt')).toBe('mine');
  expect(existsSync(project.path('elsewhere.yaml'))).toBe(false);
});

test('a project without its .sluice, as a clone is, has its schemas again after a run', async () => {
  using project = TempProject.create({});
  await project.sluice(['init']);
  rmSync(project.path('.sluice'), { recursive: true });
  await project.sluice(['check']);
  expect(existsSync(project.path('.sluice'))).toBe(false);
  await project.sluice(['run']);
  expect(schemas(project)).toEqual([['pipelines/words.yaml', true]]);
});

describe('init --from', () => {
  /** What git would copy of a folder of this repository. */
  const tracked = (...paths: readonly string[]) =>
    execFileSync('git', ['ls-files', ...paths], { cwd: REPOSITORY, encoding: 'utf8' })
      .trimEnd()
      .split('\n');

  test.each([
    ['wine', () => tracked('examples/wine').map(path => path.replace('examples/wine/', ''))],
    ['digits', () => tracked('pipelines/digits.yaml', 'configs', 'examples/digits')],
  ])(
    '%s copies what belongs to the example, and nothing that runs have left',
    async (name, files) => {
      using project = TempProject.create({});
      const { written, kept, folder } = await answer(project, ['init', '--from', name, '--json']);
      expect(folder).toBe(project.root);
      expect(kept).toEqual([]);
      expect(written.filter((path: string) => path !== '.gitignore').sort()).toEqual(
        files()
          .filter(path => path !== '.gitignore')
          .sort(),
      );
      expect(await answer(project, ['graph', '--json'])).toEqual(
        await answer(project, ['graph', '--format', 'json']),
      );
    },
  );
});

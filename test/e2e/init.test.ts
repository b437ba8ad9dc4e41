/** What a new project holds: the files of its example, and what editors need. */
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { answer } from '../harness/answer.ts';
import { REPOSITORY, TempProject } from '../harness/temp-project.ts';

/** The file that each pipeline names as its schema, with whether it is there. */
const schemas = (project: TempProject) =>
  globSync('pipelines/*.yaml', { cwd: project.root }).map(path => {
    const named = /\$schema=(\S+)/.exec(project.read(path))?.[1] ?? '';
    return [path, existsSync(join(project.root, dirname(path), named))];
  });

test.each([
  [[], 'pipelines/words.yaml'],
  [['--from', 'digits'], 'pipelines/digits.yaml'],
  [['--from', 'wine'], 'pipelines/wine.yaml'],
])('the schema that a pipeline of `init %j` names is there', async (args, path) => {
  using project = TempProject.create({});
  await project.sluice(['init', ...args]);
  expect(schemas(project)).toEqual([[path, true]]);
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

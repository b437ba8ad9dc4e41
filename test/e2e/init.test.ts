/** What a new project holds for editors, and keeps when only its own files are copied. */
import { existsSync, globSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { TempProject } from '../harness/temp-project.ts';

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

/** The examples are real projects: a copy of each is run as a user would. */
import { expect, test } from 'vitest';
import { TempProject } from '../harness/temp-project.ts';

test('the wine example trains in Python, places its report, and knows when nothing changed', async () => {
  using project = TempProject.create({});
  await project.sluice(['init', '--from', 'wine']);

  const first = await project.sluice(['run']);
  expect(first.code, first.stdout + first.stderr).toBe(0);
  const placed = /to: ([\w./-]+)/.exec(project.read('pipelines/wine.yaml'))?.[1] ?? '';
  const report = project.read(placed);
  expect(report.length).toBeGreaterThan(0);

  expect((await project.sluice(['run'])).stdout).toContain('nothing to do');

  // A report edited by hand is saved aside and named, never silently overwritten.
  project.write(placed, 'my own words\n');
  const again = await project.sluice(['run']);
  expect(again.stdout).toContain('.sluice/replaced/');
  expect(project.read(placed)).toBe(report);
});

/** The page of a run, through the command line. */
import { expect, test } from 'vitest';
import { TempProject } from '../harness/temp-project.ts';

const PIPELINE = `sluice: 1
name: p
params: { word: "<b>" }
steps:
  a: { run: "echo \${{ params.word }} > \${{ out.x }}", out: { x: file } }
  b: { run: "echo '<i>last words</i>'; exit 3", in: { x: a.x } }
`;

test('show --html writes one page with the graph, the times, the values and what failed', async () => {
  using project = TempProject.create({ 'pipelines/p.yaml': PIPELINE });
  await project.sluice(['run']);
  const { code, stdout } = await project.sluice(['show', '--html', 'report.html']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  const page = project.read('report.html');
  expect(page).toContain('data:image/svg+xml;base64,');
  expect(page).toContain('it exited with code 3');
  expect(page).toContain('&lt;i&gt;last words&lt;/i&gt;');
  expect(page).toContain('<code>&quot;&lt;b&gt;&quot;</code>');
  expect(page).not.toMatch(/<script|https?:/);
  expect((await project.sluice(['show', '--html', '-'])).stdout).toBe(page);
});

test('a page that cannot be written says so and exits 3', async () => {
  using project = TempProject.create({ 'pipelines/p.yaml': PIPELINE });
  await project.sluice(['run']);
  const { code, stderr } = await project.sluice(['show', '--html', 'no/such/folder/r.html']);
  expect(code).toBe(3);
  expect(stderr).toContain('no/such/folder/r.html');
});

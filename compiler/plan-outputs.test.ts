import { expect, test } from 'vitest';
import { compile } from './compile.ts';
import type { ProjectFiles } from './files.ts';
import { memoryFiles } from './memory-files.ts';
import { stillAsSeen } from './reads.ts';

/** A project of one step that writes `to`, with folders that are links. */
const project = (to: string, links: Readonly<Record<string, string>>): ProjectFiles => {
  const files = memoryFiles({
    files: {
      'pipeline.yaml': `sluice: 1\nsteps: { s: { run: s, out: { o: { type: file, to: "${to}" } } } }\n`,
    },
  });
  const above = (path: string) =>
    Object.keys(links).some(link => `${link}/`.startsWith(`${path}/`));
  return {
    ...files,
    kind: path => (above(path) ? 'dir' : files.kind(path)),
    real: path => Object.entries(links).find(([link]) => link === path)?.[1] ?? path,
  };
};

const compiled = (files: ProjectFiles) =>
  compile(
    {
      pipeline: 'pipeline.yaml',
      configs: [],
      params: [],
      environment: {},
      git: () => ({ commit: '', branch: '', dirty: false }),
    },
    files,
  );

test.each([
  ['gl/description', { gl: '.git' }, /`gl\/description` \(through a link: `.git\/description`\)/],
  ['a/sl/x', { 'a/sl': '.sluice' }, /\(through a link: `.sluice\/x`\): it belongs to Sluice/],
  ['.sluice/x', { '.sluice': 'cache' }, /it belongs to Sluice/],
  ['.git/x', { '.git': 'bare' }, /it belongs to git/],
])('where %s is protected by what its links make of it', async (to, links, message) => {
  const { diagnostics } = await compiled(project(to, links));
  expect(diagnostics.map(({ code }) => code)).toEqual(['output-protected']);
  expect(diagnostics[0]?.message).toMatch(message);
});

test('a plan holds no more once a folder of an output has become a link', async () => {
  const { plan, looks } = await compiled(project('reports/x', {}));
  expect(plan).toBeDefined();
  expect(stillAsSeen(looks, project('reports/x', {}))).toBe(true);
  expect(stillAsSeen(looks, project('reports/x', { reports: '.git' }))).toBe(false);
});

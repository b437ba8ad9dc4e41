/** docs/language.md teaches by examples: each that is a whole pipeline has to compile. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nodeProjectFiles } from '../cli/project-files.ts';
import { compile } from './compile.ts';
import type { ProjectFiles } from './files.ts';

const ROOT = join(import.meta.dirname, '..');
const PAGE = readFileSync(join(ROOT, 'docs/language.md'), 'utf8');

const examples = [...PAGE.matchAll(/^```yaml sluice\n(.*?)^```$/gms)].map(([, text = '']) => ({
  name: /^name: (.*)$/m.exec(text)?.[1] ?? '',
  text,
}));

/** This repository as a project that also holds the example. */
const withExample = (path: string, text: string): ProjectFiles => {
  const files = nodeProjectFiles({ root: ROOT, library: join(ROOT, 'steps') });
  return {
    ...files,
    read: wanted => (wanted === path ? Buffer.from(text) : files.read(wanted)),
    kind: wanted => (wanted === path ? 'file' : files.kind(wanted)),
  };
};

test('the page has examples', () => {
  expect(examples.length).toBeGreaterThan(5);
});

test.each(examples)('the example $name compiles without a word', async ({ name, text }) => {
  const pipeline = `pipelines/${name}.yaml`;
  const { plan, diagnostics } = await compile(
    {
      pipeline,
      configs: [],
      params: [],
      environment: {},
      git: () => ({ commit: '0123456', branch: 'main', dirty: false }),
    },
    withExample(pipeline, text),
  );
  expect(diagnostics).toEqual([]);
  expect(plan?.pipeline.name).toBe(name);
});

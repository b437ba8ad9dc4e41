/**
 * docs/language.md teaches by examples: each pipeline has to compile, with the configs, the steps
 * and the settings that stand on the page.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nodeProjectFiles } from '../cli/project-files.ts';
import { compile } from './compile.ts';
import type { ProjectFiles } from './files.ts';

const ROOT = join(import.meta.dirname, '..');
const PAGE = readFileSync(join(ROOT, 'docs/language.md'), 'utf8');

type Example = { readonly what: string; readonly path: string; readonly text: string };

const examples = [...PAGE.matchAll(/^```yaml (\w+)(?: (\S+))?\n(.*?)^```$/gms)].map(
  ([, what = '', of = '', text = '']): Example & { readonly of: string } => {
    const name = /^name: (.*)$/m.exec(text)?.[1] ?? '';
    const path = /^# (\S+\.yaml)\n/.exec(text)?.[1] ?? `pipelines/${name}.yaml`;
    return { what, of, path, text };
  },
);
const pipelines = examples.filter(({ what }) => what === 'sluice');
const byPath = new Map(examples.map(({ path, text }) => [path, Buffer.from(text)]));

/** This repository as a project that also holds what stands on the page. */
const files: ProjectFiles = (() => {
  const own = nodeProjectFiles({ root: ROOT, library: join(ROOT, 'steps') });
  const isFolder = (path: string) => byPath.has(`${path}/step.yaml`);
  return {
    ...own,
    read: path => byPath.get(path) ?? own.read(path),
    kind: path => (byPath.has(path) ? 'file' : isFolder(path) ? 'dir' : own.kind(path)),
  };
})();

test('the page has examples of every sort', () => {
  expect(pipelines.length).toBeGreaterThan(12);
  expect(new Set(examples.map(({ what }) => what))).toEqual(
    new Set(['sluice', 'config', 'step', 'settings']),
  );
});

test.each(pipelines)('the example $path compiles without a word', async ({ path }) => {
  const name = /([\w-]+)\.yaml$/.exec(path)?.[1];
  for (const configs of [[], examples.filter(({ of }) => of === name).map(one => one.path)]) {
    const { plan, diagnostics } = await compile(
      {
        pipeline: path,
        configs,
        params: [],
        environment: {},
        git: () => ({ commit: '0123456', branch: 'main', dirty: false }),
      },
      files,
    );
    expect(diagnostics).toEqual([]);
    expect(plan?.pipeline.name).toBe(name);
  }
});

/** Every key of the language and of the settings; `description` and its like need no example. */
test.each(['pipeline', 'settings', 'config'])('every key of a %s stands on the page', document => {
  const schema: unknown = JSON.parse(
    readFileSync(join(ROOT, `schema/${document}.schema.json`), 'utf8'),
  );
  const keys = new Set<string>();
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if ('properties' in node) for (const key of Object.keys(Object(node.properties))) keys.add(key);
    for (const inner of Object.values(node)) walk(inner);
  };
  walk(schema);
  const unsaid = [...keys].filter(key => !new RegExp(`(?<![\\w-])${key}(?![\\w-])`).test(PAGE));
  expect(unsaid.filter(key => !ELSEWHERE.includes(key))).toEqual([]);
});

/** Taught in containers.md. */
const ELSEWHERE = ['writable-root', 'capabilities', 'pids'];

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ignoreRules, readContext } from './build-context.ts';

test.each([
  ['*.log', 'a.log', true],
  ['*.log', 'x/a.log', false],
  ['**/*.log', 'x/a.log', true],
  ['data', 'data/a/b', true],
  ['/data/', 'data/a', true],
  ['./data', 'data/a', true],
  ['# data', 'data', false],
  ['*\n!keep', 'keep', false],
  ['*\n!keep', 'other', true],
  ['!keep\n*', 'keep', true],
  ['', 'a', false],
])('with %j as .dockerignore, %s is left out: %s', (text, path, ignored) => {
  expect(ignoreRules(text)(path)).toBe(ignored);
});

async function contextOf(files: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-context-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(folder, path, '..'), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return await readContext(join(folder, 'Dockerfile'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('everything counts but what is ignored, and what changes by itself', async () => {
  const files = { Dockerfile: 'FROM x', 'src/a': '1', '.dockerignore': 'out\nDockerfile' };
  const clean = await contextOf(files);
  expect(clean.files).toEqual(['.dockerignore', 'Dockerfile', 'src/a']);
  const noisy = await contextOf({ ...files, 'out/x': '1', '.sluice/y': '1', '.git/HEAD': '1' });
  expect(noisy.digest).toBe(clean.digest);
  expect((await contextOf({ ...files, 'src/a': '2' })).digest).not.toBe(clean.digest);
  expect((await contextOf({ ...files, 'src/b': '1' })).digest).not.toBe(clean.digest);
});

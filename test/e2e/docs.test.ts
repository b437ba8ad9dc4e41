/** The documents keep their word; containers.md does so in the engine ring. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { follow, wordsOf } from '../harness/documents.ts';
import { REPOSITORY, TempProject } from '../harness/temp-project.ts';

test('docs/getting-started.md can be followed to its end', async () => {
  using project = TempProject.create({});
  expect(await follow(project, 'docs/getting-started.md')).toBeGreaterThan(12);
  expect(project.read('report.md')).toContain('most frequent words');
});

test('docs/steps.md makes a step with a manifest', async () => {
  using project = TempProject.create({ 'data/text.txt': 'one\ntwo\n' });
  expect(await follow(project, 'docs/steps.md')).toBe(2);
  expect((await project.sluice(['get', 'crop.text', '-o', '-'])).stdout).toBe('one\n');
});

test('the commands in the README do what it says', async () => {
  using project = TempProject.create({});
  await project.sluice(['init', '--from', 'digits']);
  expect(await follow(project, 'README.md')).toBe(3);
});

const TINY = `sluice: 1
name: tiny
steps:
  train: { run: "echo 1 > \${{ out.model }}", out: { model: file } }
  eval: { run: "echo '{}' > \${{ out.metrics }}", needs: [train], out: { metrics: metrics } }
`;

/** What a page says in passing, in backticks: `sluice why <step>`. */
const mentioned = (document: string): readonly string[] => {
  const text = readFileSync(join(REPOSITORY, document), 'utf8');
  return [...new Set([...text.matchAll(/`(sluice [^`]*)`/g)].map(([, line = '']) => line))];
};

/** Goes on until it is ended, or takes a shell: watch.test.ts and lost-output.test.ts do. */
const isElsewhere = (line: string): boolean => /^sluice watch| \| /.test(line);

test.each([
  ['docs/screen.md', 3],
  ['docs/watch.md', 3],
  ['docs/cache.md', 2],
])('every command that %s mentions is one', async (document, least) => {
  using project = TempProject.create({ 'pipelines/tiny.yaml': TINY });
  expect((await project.sluice(['run'])).code).toBe(0);
  const [recorded] = readdirSync(project.path('.sluice/runs'));
  const lines = mentioned(document).filter(line => !isElsewhere(line));
  expect(lines.length).toBeGreaterThanOrEqual(least);
  for (const line of lines) {
    const words = line.replace('<run>', recorded ?? '').replace('<step>', 'train');
    const { code, stdout, stderr } = await project.sluice(wordsOf(words).slice(1));
    expect(code, `${words}\n${stdout}${stderr}`).toBe(0);
  }
});

/**
 * The documents keep their word: every `sh` block is run, in order, in one project; a block headed
 * `yaml file=<path>` is written there first.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { REPOSITORY, TempProject } from '../harness/temp-project.ts';

type Block =
  | { readonly kind: 'command'; readonly words: readonly string[] }
  | { readonly kind: 'file'; readonly path: string; readonly text: string };

function blocksOf(document: string): readonly Block[] {
  const text = readFileSync(join(REPOSITORY, document), 'utf8');
  const fences = [...text.matchAll(/^```(\w+)(?: file=(\S+))?\n([\s\S]*?)^```$/gm)];
  return fences.flatMap(([, language, path, body = '']): readonly Block[] => {
    if (path !== undefined) return [{ kind: 'file', path, text: body }];
    if (language !== 'sh') return [];
    const lines = body.split('\n').filter(line => /^(\.\/)?sluice /.test(line));
    return lines.map(line => ({ kind: 'command', words: wordsOf(line).slice(1) }));
  });
}

/** Enough of a shell for the documents: words, quotes, a comment at the end. */
const wordsOf = (line: string): readonly string[] =>
  [...line.replace(/\s+#.*$/, '').matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? '',
  );

async function follow(project: TempProject, document: string): Promise<number> {
  let commands = 0;
  for (const block of blocksOf(document)) {
    if (block.kind === 'file') {
      project.write(block.path, block.text);
      continue;
    }
    const { code, stdout, stderr } = await project.sluice(block.words);
    expect(code, `sluice ${block.words.join(' ')}\n${stdout}${stderr}`).toBe(0);
    commands++;
  }
  return commands;
}

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

/**
 * Follows a document as its reader would: every `sh` block is run, in order, in one project; a block
 * headed `yaml file=<path>` is written there first.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { REPOSITORY, type TempProject } from './temp-project.ts';

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
export const wordsOf = (line: string): readonly string[] =>
  [...line.replace(/\s+#.*$/, '').matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? '',
  );

/** Returns how many commands there were. */
export async function follow(
  project: TempProject,
  document: string,
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  let commands = 0;
  for (const block of blocksOf(document)) {
    if (block.kind === 'file') {
      project.write(block.path, block.text);
      continue;
    }
    const { code, stdout, stderr } = await project.sluice(block.words, env);
    expect(code, `sluice ${block.words.join(' ')}\n${stdout}${stderr}`).toBe(0);
    commands++;
  }
  return commands;
}

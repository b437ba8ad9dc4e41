/**
 * Which programs a command names, by content: another interpreter may compute something else. Only
 * the programs themselves are looked at; what they load, or start in turn, is the declaration's
 * business (`files`, `packages`, a container). Unaware of what the command does.
 */
import { realpathSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { artifactKey } from '../schema/trace.ts';
import { type Context, once } from './context.ts';

/** The interpreter that library steps run on: ours, not whichever Node is first on PATH. */
export const OWN_NODE = 'node';

export type ToolSearch = { readonly library: boolean; readonly searchPath: string };

export async function toolchainOf(
  command: string | readonly string[],
  { library, searchPath }: ToolSearch,
  context: Context,
): Promise<Readonly<Record<string, string>>> {
  const tools: Record<string, string> = {};
  for (const word of programWords(command)) {
    if (library && word === OWN_NODE) tools[word] = process.version;
    else {
      const { digest } = await toolOf(word, searchPath, context);
      if (digest !== undefined) tools[word] = digest;
    }
  }
  return tools;
}

/**
 * Programs of a command that are no longer what they were when the run first looked at them, or
 * were something else in between. They are looked at anew when they are next asked for.
 */
export async function changedTools(
  command: string | readonly string[],
  { library, searchPath }: ToolSearch,
  context: Context,
): Promise<readonly string[]> {
  const changed: string[] = [];
  for (const word of programWords(command)) {
    if (library && word === OWN_NODE) continue;
    const { stamp } = await toolOf(word, searchPath, context);
    if (stampOf(resolveProgram(word, searchPath)) === stamp) continue;
    context.memory.delete(questionOf(word, searchPath));
    changed.push(word);
  }
  return changed;
}

function programWords(command: string | readonly string[]): readonly string[] {
  return typeof command === 'string' ? ['/bin/sh', ...shellPrograms(command)] : command.slice(0, 1);
}

/** Where a shell begins to look for a program again. */
const BOUNDARY = /[;&|(){}`\n!]|(?<![\w./+-])(?:if|then|elif|else|while|until|do|exec|time)(?=\s)/;

/** The words that stand where a program may; one too many, from within quotes, does no harm. */
export function shellPrograms(text: string): readonly string[] {
  const words = text.split(BOUNDARY).map(firstShellWord);
  return [...new Set(words.filter(word => word !== undefined))];
}

/** The first word after assignments; undefined when it is not plain enough to be a program. */
function firstShellWord(text: string): string | undefined {
  const words = text
    .trimStart()
    .replace(/^(?:[A-Za-z_]\w*=(?:'[^']*'|"[^"$`\\]*"|[\w./:,+-]*)\s+)*/, '');
  return /^[\w./+-]+(?=\s|$|[;&|<>])/.exec(words)?.[0];
}

/** As it was first seen in this run. */
type Tool = { readonly digest: string | undefined; readonly stamp: string | undefined };

const questionOf = (word: string, searchPath: string): string => `tool ${word} ${searchPath}`;

function toolOf(word: string, searchPath: string, context: Context): Promise<Tool> {
  return once(context, questionOf(word, searchPath), async () => {
    const path = resolveProgram(word, searchPath);
    // Before it is read: what has the same stamp later has been the same all the time.
    const stamp = stampOf(path);
    const found = path === undefined ? undefined : await context.store.digest(path);
    return { digest: found?.ok ? artifactKey(found.value) : undefined, stamp };
  });
}

function stampOf(path: string | undefined): string | undefined {
  const stat =
    path === undefined ? undefined : statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat && [path, stat.dev, stat.ino, stat.mode, stat.size, stat.ctimeNs].join(' ');
}

/** The real path of a program on a search path; undefined for what is none, or the step's own. */
export function resolveProgram(word: string, searchPath: string): string | undefined {
  const candidates = word.includes('/')
    ? [word]
    : searchPath.split(':').map(folder => join(folder, word));
  return candidates
    .filter(isAbsolute)
    .map(realFile)
    .find(path => path !== undefined);
}

function realFile(path: string): string | undefined {
  try {
    const stat = statSync(path);
    return stat.isFile() && (stat.mode & 0o111) !== 0 ? realpathSync(path) : undefined;
  } catch {
    return undefined;
  }
}

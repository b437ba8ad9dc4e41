/**
 * Which programs a command names, by content: another interpreter may compute something else. A
 * script's interpreter counts as well; what programs load, or start in turn, is the declaration's
 * business (`files`, `packages`, a container). Unaware of what the command does.
 */
import { type BigIntStats, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { artifactKey } from '../schema/trace.ts';
import { type Context, once } from './context.ts';
import { interpretersOf } from './interpreter-line.ts';

/** The interpreter that library steps run on: ours, not whichever Node is first on PATH. */
export const OWN_NODE = 'node';

export type ToolSearch = {
  readonly library: boolean;
  readonly searchPath: string;
  /** Where programs of the step's own lie; their content is in the key already. */
  readonly folder: string;
};

/** As it was when the run looked at it. */
type Tool = {
  readonly digest: string | undefined;
  /** Undefined for what is not looked for on the search path. */
  readonly stamp: string | undefined;
  /** What its `#!` line names. */
  readonly interpreters: readonly string[];
};

/** By the words that name them. */
export type Tools = ReadonlyMap<string, Tool>;

/** Word → digest, of what is to be found. */
export function toolDigests(tools: Tools): Readonly<Record<string, string>> {
  const digests = [...tools].flatMap(([word, { digest }]) =>
    digest === undefined ? [] : [[word, digest] as const],
  );
  return Object.fromEntries(digests);
}

/**
 * Which of these are no longer what they were, or were something else in between. They are looked
 * at anew when they are next asked for; who has seen them already goes on to compare with that.
 */
export function changedTools(
  tools: Tools,
  search: ToolSearch,
  { memory }: Context,
): readonly string[] {
  const changed = [...tools]
    .filter(
      ([word, { stamp }]) =>
        stamp !== undefined && stampOf(findProgram(word, search.searchPath)) !== stamp,
    )
    .map(([word]) => word);
  for (const word of changed) memory.delete(questionOf(word, search));
  return changed;
}

/** The command's, and those that the `#!` lines of what they name lead to. */
export async function toolsOf(
  command: string | readonly string[],
  search: ToolSearch,
  context: Context,
): Promise<Tools> {
  const tools = new Map<string, Tool>();
  const words = [...programWords(command)];
  // Grows while it is walked through: an interpreter may be a script itself.
  for (const word of words) {
    if (tools.has(word)) continue;
    const tool = await toolOf(word, search, context);
    tools.set(word, tool);
    words.push(...tool.interpreters);
  }
  return tools;
}

const isOwnNode = (word: string, { library }: ToolSearch): boolean => library && word === OWN_NODE;

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

const questionOf = (word: string, { searchPath }: ToolSearch): string =>
  `tool ${word} ${searchPath}`;

async function toolOf(word: string, search: ToolSearch, context: Context): Promise<Tool> {
  if (isOwnNode(word, search)) {
    return { digest: process.version, stamp: undefined, interpreters: [] };
  }
  const own = ownScript(word, search.folder);
  // Not remembered: it may be edited while a run goes on, and then it is judged again.
  if (own !== undefined) {
    return { digest: undefined, stamp: undefined, interpreters: interpretersOf(own) };
  }
  return once(context, questionOf(word, search), async () => {
    const found = realProgram(word, search.searchPath);
    // Before it is read: what has the same stamp later has been the same all the time.
    const stamp = stampOf(found);
    if (found === undefined) return { digest: undefined, stamp, interpreters: [] };
    const { real } = found;
    const content = await context.store.digest(real);
    const digest = content.ok ? artifactKey(content.value) : undefined;
    return { digest, stamp, interpreters: interpretersOf(real) };
  });
}

/** A program of the step's own is named by a path from where it works. */
function ownScript(word: string, folder: string): string | undefined {
  return !isAbsolute(word) && /[./]/.test(word) ? realProgram(join(folder, word))?.real : undefined;
}

type Found = { readonly path: string; readonly stat: BigIntStats };

/** Where it was found counts as well: the same file may be another program by another name. */
function stampOf(found: Found | undefined): string {
  if (found === undefined) return 'nowhere';
  const { path, stat } = found;
  return [path, stat.dev, stat.ino, stat.mode, stat.size, stat.ctimeNs].join(' ');
}

/** The real path of a program on a search path; undefined for what is none, or the step's own. */
export const resolveProgram = (word: string, searchPath: string): string | undefined =>
  realProgram(word, searchPath)?.real;

type RealProgram = Found & { readonly real: string };

/** With the stamp of what is read: a link in front of it may lead elsewhere at any moment. */
function realProgram(word: string, searchPath = ''): RealProgram | undefined {
  const path = findProgram(word, searchPath)?.path;
  const real = path === undefined ? undefined : realPath(path);
  const stat = real === undefined ? undefined : programAt(real);
  if (path === undefined || real === undefined || stat === undefined) return undefined;
  return { path, real, stat };
}

/** Looked for before and after every step: no folder is looked into behind the one that has it. */
function findProgram(word: string, searchPath: string): Found | undefined {
  const places = word.includes('/')
    ? [word]
    : searchPath.split(':').map(folder => `${folder}/${word}`);
  for (const path of places) {
    const stat = isAbsolute(path) ? programAt(path) : undefined;
    if (stat !== undefined) return { path, stat };
  }
  return undefined;
}

function programAt(path: string): BigIntStats | undefined {
  try {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stat?.isFile() === true && (stat.mode & 0o111n) !== 0n ? stat : undefined;
  } catch {
    return undefined; // A folder that we may not look into, a link that leads in a circle.
  }
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined; // Gone since.
  }
}

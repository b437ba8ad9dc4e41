/**
 * Which programs a command names, by content: another interpreter may compute something else. A
 * script's interpreter counts as well; what programs load, or start in turn, is the declaration's
 * business (`files`, `packages`, a container). Unaware of what the command does.
 */
import { dirname, isAbsolute } from 'node:path';
import { byCodeUnit } from '../schema/canonical-json.ts';
import { artifactKey } from '../schema/trace.ts';
import { type Context, once } from './context.ts';
import { interpretersOf } from './interpreter-line.ts';
import { settle } from './laid-out.ts';
import { programWords } from './program-words.ts';
import { environmentAt, hasOtherPackages, type PythonEnvironment } from './python-environment.ts';
import {
  compareSighting,
  findFiles,
  type Places,
  placesOf,
  type Sighting,
  samePlaces,
} from './search-path.ts';

/** The interpreter that library steps run on: ours, not whichever Node is first on PATH. */
export const OWN_NODE = 'node';

export type ToolSearch = {
  readonly library: boolean;
  readonly searchPath: string;
  /** Whom a program of the step's own is started by; its content is in the key already. */
  readonly ownInterpreters: (word: string) => Promise<readonly string[]>;
};

/** As it was when the run looked at it. */
type Tool = {
  readonly digest: string | undefined;
  readonly files: readonly Sighting[];
  /** What its `#!` line names. */
  readonly interpreters: readonly string[];
  /** Folders that would be its environment, if they are one. */
  readonly prefixes: readonly string[];
};

export type Tools = {
  /** By the words that name them. */
  readonly byWord: ReadonlyMap<string, Tool>;
  /** Undefined where nothing is looked for. */
  readonly places: Places | undefined;
  /** Those that the programs belong to. */
  readonly environments: readonly PythonEnvironment[];
};

/** Of a container they are the image's. */
export const NO_TOOLS: Tools = { byWord: new Map(), places: undefined, environments: [] };

/** Word → digest, of what is to be found. */
export function toolDigests({ byWord }: Tools): Readonly<Record<string, string>> {
  const digests = [...byWord].flatMap(([word, { digest }]) =>
    digest === undefined ? [] : [[word, digest] as const],
  );
  return Object.fromEntries(digests);
}

/** What is installed in each, where programs belong to an environment. */
export const installedWith = ({ environments }: Tools): readonly string[] =>
  [...new Set(environments.map(({ installed }) => installed))].sort(byCodeUnit);

/** What has been found on a search path in this run. */
type Known = { readonly places: Places; readonly byWord: Map<string, Promise<Tool>> };

const questionOf = ({ searchPath }: ToolSearch): string => `programs on ${searchPath}`;

/** A word costs a look at each folder of the path, and a command may have thousands. */
const knownOn = (search: ToolSearch, context: Context): Promise<Known> =>
  once(context, questionOf(search), async () => ({
    places: placesOf(search.searchPath),
    byWord: new Map(),
  }));

/**
 * Which of these are no longer what they were, or were something else in between. They are looked
 * at anew when they are next asked for; who has seen them already goes on to compare with that.
 */
export async function changedTools(
  { byWord, places, environments }: Tools,
  search: ToolSearch,
  context: Context,
): Promise<readonly string[]> {
  if (places === undefined) return [];
  const isMoved = !samePlaces(places, search.searchPath);
  const changed: string[] = [];
  for (const [word, tool] of byWord) {
    // Ours is looked for nowhere.
    const mayBeElsewhere = tool !== OURS && (isMoved || isAbsolute(word));
    const isElsewhere =
      mayBeElsewhere && pathsOf(findFiles(word, search.searchPath)) !== pathsOf(tool.files);
    if (isElsewhere || (await hasChanged(tool, context))) changed.push(word);
  }
  if (isMoved || changed.length > 0) context.memory.delete(questionOf(search));
  return [...changed, ...changedEnvironments(environments, context)];
}

function changedEnvironments(
  environments: readonly PythonEnvironment[],
  { memory }: Context,
): readonly string[] {
  const changed = environments.filter(hasOtherPackages).map(({ prefix }) => prefix);
  for (const prefix of changed) memory.delete(environmentQuestion(prefix));
  return changed.map(prefix => `the packages in ${prefix}`);
}

const pathsOf = (files: readonly Sighting[]): string => files.map(({ path }) => path).join(':');

/** A file that was only touched tells by its content; in the project nobody else touches files. */
async function hasChanged({ files, digest }: Tool, context: Context): Promise<boolean> {
  const fates = files.map(file => {
    const fate = compareSighting(file);
    return fate === 'touched' && file.real.startsWith(`${context.project}/`) ? 'other' : fate;
  });
  if (fates.includes('other')) return true;
  return fates.includes('touched') && (await digestOf(files, context)) !== digest;
}

/** The command's, and those that the `#!` lines of what they name lead to. */
export async function toolsOf(
  command: string | readonly string[],
  search: ToolSearch,
  context: Context,
): Promise<Tools> {
  const known = await knownOn(search, context);
  const byWord = new Map<string, Tool>();
  const words = [...programWords(command)];
  // Grows while it is walked through: an interpreter may be a script itself.
  for (const word of words) {
    if (byWord.has(word)) continue;
    const tool = isOwnNode(word, search) ? OURS : await toolOf(word, known, search, context);
    byWord.set(word, tool);
    words.push(...tool.interpreters, ...(await search.ownInterpreters(word)));
  }
  return {
    byWord,
    places: known.places,
    environments: await environmentsOf(byWord.values(), context),
  };
}

async function environmentsOf(
  tools: Iterable<Tool>,
  context: Context,
): Promise<readonly PythonEnvironment[]> {
  const found = new Map<string, PythonEnvironment | undefined>();
  for (const prefix of Iterator.from(tools).flatMap(({ prefixes }) => prefixes)) {
    if (found.has(prefix)) continue;
    const question = environmentQuestion(prefix);
    found.set(prefix, await once(context, question, async () => environmentAt(prefix)));
  }
  return [...found.values()].filter(environment => environment !== undefined);
}

/** An absolute path in a command counts as well, whatever it is: `. /envs/train/bin/activate`. */
const prefixesOf = (word: string, files: readonly Sighting[]): readonly string[] =>
  [...(isAbsolute(word) ? [word] : []), ...files.map(({ path }) => path)].map(path =>
    dirname(dirname(path)),
  );

const environmentQuestion = (prefix: string): string => `environment ${prefix}`;

const isOwnNode = (word: string, { library }: ToolSearch): boolean => library && word === OWN_NODE;

const OURS: Tool = { digest: process.version, files: [], interpreters: [], prefixes: [] };

function toolOf(word: string, known: Known, search: ToolSearch, context: Context): Promise<Tool> {
  const before = known.byWord.get(word);
  if (before !== undefined) return before;
  const tool = look(word, search, context);
  known.byWord.set(word, tool);
  return tool;
}

async function look(word: string, { searchPath }: ToolSearch, context: Context): Promise<Tool> {
  // Seen before they are read: what is then the same has been the same all the time.
  const files = findFiles(word, searchPath);
  await settle(files.map(({ ctimeNs }) => ctimeNs));
  return {
    digest: await digestOf(files, context),
    files,
    interpreters: files.flatMap(({ real }) => interpretersOf(real)),
    prefixes: prefixesOf(word, files),
  };
}

/** Undefined where there is none, or none that can be read. */
async function digestOf(
  files: readonly Sighting[],
  { store }: Context,
): Promise<string | undefined> {
  const digests: string[] = [];
  for (const { real } of files) {
    const found = await store.digest(real);
    if (found.ok) digests.push(artifactKey(found.value));
  }
  return digests.length === 0 ? undefined : digests.join(' ');
}

/**
 * Finds the project around a folder and what lies in it: its root, its pipelines, its `.sluice/`.
 * Unaware of what a pipeline says.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closest } from '../compiler/closest.ts';
import { projectPart } from '../runner/project-part.ts';
import { byCodeUnit } from '../schema/canonical-json.ts';
import { readRegular } from '../store/regular-file.ts';
import { usageError } from './usage.ts';

export type Project = {
  /** Absolute. */
  readonly root: string;
  /** Absolute path of `.sluice`. */
  readonly home: string;
  /** That of it which speaks of this project alone: its runs, and what its effects keep. */
  readonly part: string;
  /** Project-relative paths below `pipelines/`, sorted. */
  readonly pipelines: readonly string[];
};

export const SETTINGS_FILE = 'sluice.yaml';
const MARKS = [SETTINGS_FILE, 'pipelines', '.sluice'];

/** The nearest folder upward that holds `sluice.yaml`, `pipelines/` or `.sluice/`. */
export function findProject(from: string): Project | undefined {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (MARKS.some(mark => existsSync(join(folder, mark)))) return projectAt(folder);
    if (folder === dirname(folder)) return undefined;
  }
}

export function requireProject(from: string): Project {
  const project = findProject(from);
  if (project !== undefined) return project;
  throw usageError(
    `no project here: ${resolve(from)} and the folders above it hold no sluice.yaml, pipelines/ or .sluice/`,
    'start one with `sluice init`, or name its folder with `-C <folder>`',
  );
}

export function projectAt(root: string): Project {
  const home = join(root, '.sluice');
  return { root, home, part: projectPart({ project: root, home }), pipelines: pipelinesIn(root) };
}

const YAML = /\.ya?ml$/;

function pipelinesIn(root: string): readonly string[] {
  const folder = join(root, 'pipelines');
  if (!isFolder(folder)) return [];
  return readdirSync(folder)
    .filter(name => YAML.test(name))
    .sort(byCodeUnit)
    .map(name => `pipelines/${name}`);
}

/**
 * The pipeline that the user means: a name (`digits`), a path, or nothing where there is one only.
 * Returns its project-relative path, `/` between folders. `how`: what a command wants in front of a name.
 */
export function choosePipeline(
  project: Project,
  named: string | undefined,
  cwd: string,
  how = '',
): string {
  const names = project.pipelines.map(path => basename(path).replace(YAML, ''));
  if (named === undefined) {
    const [only, ...others] = project.pipelines;
    if (only === undefined) {
      throw usageError('this project has no pipeline yet', 'write one: `sluice init` shows how');
    }
    if (others.length === 0) return only;
    throw usageError(
      'which pipeline?',
      `name one of ${names.map(name => `\`${how}${name}\``).join(', ')}`,
    );
  }
  const byName = project.pipelines[names.indexOf(named)];
  if (byName !== undefined) return byName;
  const path = resolve(cwd, named);
  if (!existsSync(path)) {
    const help = fileNaming(named, project) ?? nearName(named, cwd, names);
    throw usageError(`there is no pipeline \`${named}\``, help);
  }
  const inside = relative(project.root, path);
  if (inside.startsWith('..')) {
    throw usageError(`${named} lies outside the project ${project.root}`);
  }
  return inside.split(sep).join('/');
}

/** What names the pipeline at `path` (project-relative) on a command line in `cwd`; its own `name` may be another. */
export function pipelineWord(project: Project, path: string, cwd: string): string {
  const name = basename(path).replace(YAML, '');
  const named = project.pipelines.find(other => basename(other).replace(YAML, '') === name);
  return named === path ? name : relative(cwd, join(project.root, path));
}

/** A run is told under the `name` that a pipeline gives itself: who asks by it is told its file's. */
function fileNaming(named: string, { root, pipelines }: Project): string | undefined {
  const path = pipelines.find(path => {
    const said = /^name:[ \t]*(["']?)(.+?)\1[ \t]*(?:#.*)?$/m.exec(
      String(readRegular(join(root, path)) ?? ''),
    );
    return said?.[2] === named;
  });
  if (path === undefined) return undefined;
  return `that is the \`name\` in ${path}; a pipeline is asked for by its file: \`${basename(path).replace(YAML, '')}\``;
}

/** The path without its ending, a name that is nearly the same, or what there is. */
function nearName(named: string, cwd: string, names: readonly string[]): string | undefined {
  const whole = ['.yaml', '.yml'].find(ending => existsSync(resolve(cwd, named + ending)));
  const near = whole === undefined ? closest(named, names) : named + whole;
  if (near !== undefined) return `did you mean \`${near}\`?`;
  return names.length > 0 ? `this project has ${names.join(', ')}` : undefined;
}

/**
 * Where the installed Sluice lies: the folder of its package.json, whether this code runs from
 * `cli/` or from a chunk of `dist/`.
 */
export function installation(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

export function installedVersion(): string {
  const manifest = JSON.parse(readFileSync(join(installation(), 'package.json'), 'utf8'));
  return String(manifest.version);
}

/** The step library: sources in a checkout, built programs in a published package. */
export function libraryFolder(): string {
  const root = installation();
  const sources = join(root, 'steps');
  return existsSync(sources) ? sources : join(root, 'dist', 'steps');
}

const isFolder = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/**
 * The program of a step that has a folder: where it lies, what it consists of, and which installed
 * packages it loads. Unaware of what the program does.
 */
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { StepDefinition } from '../schema/plan.ts';
import { type Context, once } from './context.ts';
import { type Attempted, done, failed, storeFailure } from './stop.ts';

export type FolderDefinition = Extract<StepDefinition, { readonly kind: 'folder' }>;

/** Absolute. */
export function definitionFolder(
  definition: FolderDefinition,
  context: Pick<Context, 'project' | 'libraryFolder'>,
): string {
  const at = definition.folder.indexOf(':');
  const name = definition.folder.slice(at + 1);
  return definition.folder.startsWith('library:')
    ? join(context.libraryFolder, name)
    : join(context.project, name);
}

export const isLibraryStep = (definition: StepDefinition): boolean =>
  definition.kind === 'folder' && definition.folder.startsWith('library:');

/** Where a file of the step's folder lies in the project or the library, as people call it. */
export function shownPath({ folder }: FolderDefinition, file: string): string {
  const [, origin = '', name = ''] = /^(library:|project:)(.*)$/s.exec(folder) ?? [];
  return `${origin === 'library:' ? origin : ''}${join(name, file)}`;
}

/** Each file of the folder and of all that it includes → digest, by its path from the folder. */
export async function definitionFiles(
  definition: FolderDefinition,
  context: Pick<Context, 'project' | 'libraryFolder' | 'store'>,
): Promise<Attempted<Readonly<Record<string, string>>>> {
  const folder = definitionFolder(definition, context);
  const files: Record<string, string> = {};
  for (const part of ['.', ...definition.includes]) {
    const found = await context.store.digestEach(resolve(folder, part));
    if (!found.ok) return failed(storeFailure(found.error, `step \`${definition.step}\``));
    for (const [name, content] of Object.entries(found.value)) {
      files[join(part, name)] = content;
    }
  }
  return done(files);
}

/** Name → version, as Node would find it from the step's folder; `absent` when it would not. */
export function packageVersions(
  definition: FolderDefinition,
  context: Context,
): Promise<Readonly<Record<string, string>>> {
  return once(context, packagesQuestion(definition, context), async () =>
    versionsOf(installedPackages(definition, context)),
  );
}

/** They are looked at anew when they are next asked for. */
export function forgetPackages(definition: FolderDefinition, context: Context): void {
  context.memory.delete(packagesQuestion(definition, context));
}

const packagesQuestion = (definition: FolderDefinition, context: Context): string =>
  `packages ${definitionFolder(definition, context)} ${definition.packages.join(' ')}`;

export type InstalledPackage = {
  readonly name: string;
  readonly version: string;
  /** Its package.json; undefined where it is absent. */
  readonly manifest: string | undefined;
};

/** At this moment. */
export function installedPackages(
  definition: FolderDefinition,
  context: Context,
): readonly InstalledPackage[] {
  const folder = definitionFolder(definition, context);
  return definition.packages.map(name => installedPackage(name, folder));
}

export const versionsOf = (
  packages: readonly InstalledPackage[],
): Readonly<Record<string, string>> =>
  Object.fromEntries(packages.map(({ name, version }) => [name, version]));

function installedPackage(name: string, from: string): InstalledPackage {
  for (let folder = from; ; folder = dirname(folder)) {
    const manifest = join(folder, 'node_modules', name, 'package.json');
    const version = versionIn(manifest);
    if (version !== undefined) return { name, version, manifest };
    if (folder === dirname(folder)) return { name, version: 'absent', manifest: undefined };
  }
}

function versionIn(path: string): string | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof manifest !== 'object' || manifest === null || !('version' in manifest)) return;
    return String(manifest.version);
  } catch {
    return undefined;
  }
}

/**
 * Words that name a file of the step's folder become its absolute path: the command then works from
 * the private working directory, while the key keeps the words as they are written. In a container
 * the folder is seen elsewhere.
 */
export function placeProgram(
  words: readonly string[],
  folder: string,
  { seenAs = folder }: { readonly seenAs?: string } = {},
): readonly string[] {
  return words.map((word, index) => {
    if (word === '' || word.startsWith('-') || word.startsWith('/')) return word;
    const path = resolve(folder, word);
    if (!path.startsWith(`${folder}/`)) return word;
    // The first word may be a program on PATH that happens to share a name with a folder here.
    return isFile(path) && (index > 0 || word.includes('/') || word.includes('.'))
      ? join(seenAs, path.slice(folder.length))
      : word;
  });
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

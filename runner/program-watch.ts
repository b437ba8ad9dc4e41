/**
 * What a step is executed by lies where its author has it, and not in the working directory: the
 * step's folder, the programs that its command names, its packages. Seen to be the same before the
 * first attempt and after the last, by content and by stamps: what was changed and changed back
 * meanwhile has another ctime. Unaware of inputs.
 */
import { join, resolve } from 'node:path';
import { byCodeUnit, canonicalJson } from '../schema/canonical-json.ts';
import type { RunContext } from './context.ts';
import {
  definitionFiles,
  definitionFolder,
  type FolderDefinition,
  installedPackages,
} from './definition.ts';
import { toolSearch } from './fingerprinting.ts';
import { changedFiles, stampFiles } from './laid-out.ts';
import type { JudgedStep } from './step-judging.ts';
import { type Attempted, done, stopped } from './stop.ts';
import { changedTools } from './toolchain.ts';

export type ProgramWatch = {
  /** What is not as the key says, or was not in between; as people call it. */
  readonly changed: () => Promise<readonly string[]>;
};

type Judged = Pick<JudgedStep, 'resolved' | 'fingerprint'>;

/** `moved` where it has changed since the step was judged. */
export async function watchProgram(
  judged: Judged,
  context: RunContext,
): Promise<Attempted<ProgramWatch>> {
  const { definition } = judged.resolved.step;
  const tools = () => movedTools(judged, context);
  if (definition.kind === 'inline') return done({ changed: tools });
  // Stamped before it is read: what is then the same has been the same all the time.
  const folder = definitionFolder(definition, context);
  const stamps = await stampFiles(['.', ...definition.includes].map(part => resolve(folder, part)));
  const moved = await movedFolder(definition, judged, context);
  if (moved.length > 0) {
    return stopped({ kind: 'moved', failure: { class: 'unstable-input', paths: moved } });
  }
  const changed = async () => {
    const touched = changedFiles(stamps).map(path => shown(definition, path.slice(folder.length)));
    const now = await movedFolder(definition, judged, context);
    return [...new Set([...now, ...touched])].concat(await tools());
  };
  return done({ changed });
}

async function movedTools(
  { resolved, fingerprint }: Judged,
  context: RunContext,
): Promise<readonly string[]> {
  // In a container the programs are the image's.
  if (fingerprint.image !== null) return [];
  return changedTools(resolved.command, toolSearch(resolved, context), context);
}

async function movedFolder(
  definition: FolderDefinition,
  { fingerprint }: Judged,
  context: RunContext,
): Promise<readonly string[]> {
  const now = await definitionFiles(definition, context);
  if (!now.ok) return [definition.folder];
  const before = fingerprint.definition ?? {};
  const files = [...new Set([...Object.keys(before), ...Object.keys(now.value)])]
    .filter(file => before[file] !== now.value[file])
    .sort(byCodeUnit)
    .map(file => shown(definition, file));
  const packages = fingerprint.image === null ? installedPackages(definition, context) : {};
  const isSame = canonicalJson(packages) === canonicalJson(fingerprint.packages);
  return isSame ? files : [...files, `the packages of ${definition.step}`];
}

/** Where a file of the step's folder lies in the project or the library. */
function shown({ folder }: FolderDefinition, file: string): string {
  const [, origin = '', name = ''] = /^(library:|project:)(.*)$/s.exec(folder) ?? [];
  return `${origin === 'library:' ? origin : ''}${join(name, file)}`;
}

/**
 * What a step is executed by lies where its author has it, and not in the working directory: the
 * step's folder, the programs that its command names, its packages. Seen to be the same before the
 * first attempt and after the last, by content and by stamps: what was changed and changed back
 * meanwhile has another ctime. Unaware of inputs.
 */
import { relative, resolve } from 'node:path';
import { byCodeUnit, canonicalJson } from '../schema/canonical-json.ts';
import type { RunContext } from './context.ts';
import {
  definitionFiles,
  definitionFolder,
  type FolderDefinition,
  forgetPackages,
  installedPackages,
  shownPath,
  versionsOf,
} from './definition.ts';
import { toolSearch } from './fingerprinting.ts';
import { changedPaths, stampFiles, stampTrees } from './laid-out.ts';
import type { JudgedStep } from './step-judging.ts';
import { type Attempted, done, stopped } from './stop.ts';
import { changedTools } from './toolchain.ts';

export type ProgramWatch = {
  /** What is not as the key says, or was not in between; as people call it. */
  readonly changed: () => Promise<readonly string[]>;
};

type Judged = Pick<JudgedStep, 'resolved' | 'fingerprint' | 'tools'>;

/** `moved` where it has changed since the step was judged. */
export async function watchProgram(
  judged: Judged,
  context: RunContext,
): Promise<Attempted<ProgramWatch>> {
  const { resolved, tools } = judged;
  const { definition } = resolved.step;
  // Stamped before it is read: what is then the same has been the same all the time.
  const parts =
    definition.kind === 'inline'
      ? []
      : [
          await watchFolder(definition, judged, context),
          await watchPackages(definition, judged, context),
        ];
  const changed = async () => {
    const moved = await Promise.all(parts.map(part => part.changed()));
    return innermost([
      ...moved.flat(),
      ...(await changedTools(tools, toolSearch(resolved, context), context)),
    ]);
  };
  const moved = await changed();
  return moved.length === 0
    ? done({ changed })
    : stopped({ kind: 'moved', failure: { class: 'unstable-input', paths: moved } });
}

async function watchFolder(
  definition: FolderDefinition,
  { fingerprint }: Judged,
  context: RunContext,
): Promise<ProgramWatch> {
  const folder = definitionFolder(definition, context);
  const stamps = await stampTrees(['.', ...definition.includes].map(part => resolve(folder, part)));
  const changed = async () => {
    const touched = (await changedPaths(stamps)).map(path =>
      shownPath(definition, relative(folder, path)),
    );
    const now = await definitionFiles(definition, context);
    if (!now.ok) return [shownPath(definition, '')];
    const before = fingerprint.definition ?? {};
    const files = [...new Set([...Object.keys(before), ...Object.keys(now.value)])]
      .filter(file => before[file] !== now.value[file])
      .sort(byCodeUnit)
      .map(file => shownPath(definition, file));
    return [...files, ...touched];
  };
  return { changed };
}

async function watchPackages(
  definition: FolderDefinition,
  { fingerprint }: Judged,
  context: RunContext,
): Promise<ProgramWatch> {
  // In a container they are the image's.
  if (fingerprint.image !== null) return { changed: async () => [] };
  const manifests = installedPackages(definition, context).flatMap(
    ({ manifest }) => manifest ?? [],
  );
  const stamps = await stampFiles(manifests);
  const changed = async () => {
    const now = versionsOf(installedPackages(definition, context));
    const isSame = canonicalJson(now) === canonicalJson(fingerprint.packages);
    if (isSame && (await changedPaths(stamps)).length === 0) return [];
    forgetPackages(definition, context);
    return [`the packages of ${definition.step}`];
  };
  return { changed };
}

/** A folder says nothing more where something in it is named. */
const innermost = (paths: readonly string[]): readonly string[] =>
  [...new Set(paths)].filter(path => !paths.some(other => other.startsWith(`${path}/`)));

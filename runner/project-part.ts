/**
 * Where that of `.sluice` lies which speaks of one project: what was placed in it, what it did last,
 * the state of its effects.
 * Usually `.sluice` itself, which moves along with the project. Where it is a link, several projects
 * may share the store, and each has a folder of its own in it.
 */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sha256 } from '../schema/id.ts';
import { shellWord } from '../schema/shell-word.ts';

export type Places = {
  /** Absolute root of the project, and its `.sluice`. */
  readonly project: string;
  readonly home: string;
};

export function projectPart({ project, home }: Places): string {
  const root = realPath(project);
  return realPath(home) === join(root, '.sluice')
    ? home
    : join(partsFolder(home), sha256(root).slice(0, 16));
}

/** Where a shared store has the parts of its projects. */
export const partsFolder = (home: string): string => join(home, 'projects');

/**
 * State that lies in a shared store itself, where one folder once served all its projects: nobody
 * knows whose it is. To be asked about until the project has its own; undefined when it has.
 */
export function ownerlessState(
  name: string,
  places: Places,
): { readonly message: string; readonly help: string } | undefined {
  const [shared, own] = [join(places.home, name), join(projectPart(places), name)];
  if (shared === own || !existsSync(shared) || existsSync(own)) return undefined;
  const make = `mkdir -p ${shellWord(dirname(own))}`;
  return {
    message: `${shared} was written by this project or by another on the same store; each has its own folder now`,
    help: `to go on with what is there: \`${make} && cp -a ${shellWord(shared)} ${shellWord(own)}\`; to begin anew: \`mkdir -p ${shellWord(own)}\``,
  };
}

/** Of what is not there yet: as it is written. */
function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

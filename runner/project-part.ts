/**
 * Where that of `.sluice` lies which speaks of one project: what was placed in it, what it did last.
 * Usually `.sluice` itself, which moves along with the project. Where it is a link, several projects
 * may share the store, and each has a folder of its own in it.
 */
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../schema/id.ts';

export type Places = {
  /** Absolute root of the project, and its `.sluice`. */
  readonly project: string;
  readonly home: string;
};

export function projectPart({ project, home }: Places): string {
  const root = realPath(project);
  return realPath(home) === join(root, '.sluice')
    ? home
    : join(home, 'projects', sha256(root).slice(0, 16));
}

/** Of what is not there yet: as it is written. */
function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

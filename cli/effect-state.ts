/**
 * Where the effects of a project keep what outlives their runs: dataset versions, deployments.
 * Unaware of what they keep there.
 */
import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ownerlessState } from '../runner/project-part.ts';
import { byCodeUnit } from '../schema/canonical-json.ts';
import { errorCode } from '../store/fault.ts';
import type { Project } from './project.ts';
import { worldError } from './usage.ts';

export const DATASETS = 'datasets';
export const DEPLOYMENTS = 'deployments';

/** Throws CommandError for what nobody knows whose it is. */
export function stateOf({ root, home, part }: Project, name: string): string {
  const ownerless = ownerlessState(name, { project: root, home });
  if (ownerless !== undefined) throw worldError(ownerless.message, ownerless.help);
  return join(part, name);
}

/**
 * Names in it, sorted; none where it is not there. A link is as what it leads to: somebody may have
 * moved a part to a larger disk. Throws CommandError where it cannot be read, or a link leads nowhere.
 */
export const foldersIn = (path: string): readonly string[] =>
  namesIn(path, entry => entry.isDirectory());

export const filesIn = (path: string): readonly string[] => namesIn(path, entry => entry.isFile());

type Kind = Pick<Dirent, 'isDirectory' | 'isFile'>;

function namesIn(path: string, wanted: (entry: Kind) => boolean): readonly string[] {
  return entriesIn(path)
    .filter(entry => wanted(entry.isSymbolicLink() ? behind(join(path, entry.name)) : entry))
    .map(({ name }) => name)
    .sort(byCodeUnit);
}

function entriesIn(path: string): readonly Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') return [];
    throw unreadable(path, code === 'ENOTDIR' ? 'it is no folder' : String(code));
  }
}

function behind(link: string): Kind {
  try {
    return statSync(link);
  } catch {
    throw unreadable(link, 'it is a link that leads nowhere');
  }
}

const unreadable = (path: string, why: string) =>
  worldError(`${path} cannot be read: ${why}`, 'see what lies there, or move it away');

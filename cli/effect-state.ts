/**
 * Where the effects of a project keep what outlives their runs: dataset versions, deployments.
 * Unaware of what they keep there.
 */
import { type Dirent, readdirSync } from 'node:fs';
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

/** Names in it, sorted; none where it is not there. Throws CommandError where it cannot be read. */
export const foldersIn = (path: string): readonly string[] =>
  namesIn(path, entry => entry.isDirectory());

export const filesIn = (path: string): readonly string[] => namesIn(path, entry => entry.isFile());

function namesIn(path: string, wanted: (entry: Dirent) => boolean): readonly string[] {
  try {
    const entries = readdirSync(path, { withFileTypes: true }).filter(wanted);
    return entries.map(({ name }) => name).sort(byCodeUnit);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') return [];
    const why = code === 'ENOTDIR' ? 'it is no folder' : String(code);
    throw worldError(`${path} cannot be read: ${why}`, 'see what lies there, or move it away');
  }
}

/**
 * Reads a folder of deployments (docs/deployment-format.md). Changes nothing: that is what the
 * `deploy` step's own programs are for.
 */
import { existsSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { readRegularText } from '../store/regular-file.ts';
import { foldersIn } from './effect-state.ts';

export type Deployment = {
  readonly name: string;
  readonly versions: readonly DeployedVersion[];
  /** What happened, oldest first. */
  readonly history: readonly HistoryEntry[];
};

export type DeployedVersion = {
  readonly number: number;
  readonly digest: string;
  readonly current: boolean;
};

export type HistoryEntry = {
  readonly action: 'deploy' | 'rollback';
  readonly version: number;
  readonly by: { readonly run: string | null; readonly user: string; readonly at: string };
};

export function readDeployments(folder: string): readonly Deployment[] {
  return foldersIn(folder)
    .filter(name => existsSync(join(folder, name, 'versions')))
    .map(name => readDeployment(join(folder, name), name));
}

function readDeployment(folder: string, name: string): Deployment {
  const current = currentTarget(folder);
  const versions = foldersIn(join(folder, 'versions'))
    .map(entry => /^(\d+)-([0-9a-f]+)$/.exec(entry))
    .filter(match => match !== null)
    .map(([entry, number = '', digest = '']) => ({
      number: Number(number),
      digest,
      current: current === `versions/${entry}`,
    }))
    .sort((a, b) => a.number - b.number);
  return { name, versions, history: readHistory(join(folder, 'history.jsonl')) };
}

function currentTarget(folder: string): string | undefined {
  try {
    return readlinkSync(join(folder, 'current'));
  } catch {
    return undefined; // Not yet there: killed before its first switch.
  }
}

function readHistory(path: string): readonly HistoryEntry[] {
  return (readRegularText(path) ?? '').split('\n').flatMap(line => {
    try {
      return [JSON.parse(line)];
    } catch {
      return []; // Cut short by a crash; the format says to skip it.
    }
  });
}

/**
 * What collection must keep: everything that a recent, unfinished or pinned run judged or made, and
 * every registered dataset version. Pins are files `.sluice/pins/<run-id>`, so that two people can
 * pin at once and nothing can be half-written.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listRuns, readEvents } from '../runner/history.ts';
import { byCodeUnit } from '../schema/canonical-json.ts';
import { type CacheKey, parseDigest, parseRunId, type RunId } from '../schema/id.ts';
import type { Artifact } from '../schema/trace.ts';
import { readRegistry } from './dataset-registry.ts';

export type Roots = {
  readonly keys: ReadonlySet<CacheKey>;
  readonly artifacts: readonly Artifact[];
};

export async function storeRoots(home: string, keepRuns: number): Promise<Roots> {
  const runs = await listRuns(home);
  const recent = runs.filter(({ finished }, index) => index < keepRuns || finished === undefined);
  const keys = new Set<CacheKey>();
  const artifacts: Artifact[] = [...registered(home)];
  for (const run of new Set([...recent.map(({ run: id }) => id), ...(await pinnedRuns(home))])) {
    for await (const event of readEvents(home, run)) {
      if (event.type !== 'step-finished') continue;
      if (event.key !== null) keys.add(event.key);
      artifacts.push(...Object.values(event.outputs));
    }
  }
  return { keys, artifacts };
}

function registered(home: string): readonly Artifact[] {
  return [...readRegistry(home).values()].flat().flatMap(({ digest: text, bytes, files }) => {
    const digest = parseDigest(text.replace(/^tree:/, ''));
    return digest === undefined ? [] : [{ kind: 'tree', digest, executable: false, bytes, files }];
  });
}

const pinsFolder = (home: string): string => join(home, 'pins');

export async function pinnedRuns(home: string): Promise<readonly RunId[]> {
  const folder = pinsFolder(home);
  if (!existsSync(folder)) return [];
  const names = await readdir(folder);
  return names
    .sort(byCodeUnit)
    .map(parseRunId)
    .filter(id => id !== undefined);
}

export async function pinRun(home: string, run: RunId): Promise<void> {
  await mkdir(pinsFolder(home), { recursive: true });
  await writeFile(join(pinsFolder(home), run), '');
}

export const unpinRun = (home: string, run: RunId): Promise<void> =>
  rm(join(pinsFolder(home), run), { force: true });

/**
 * What collection must keep: everything that a recent, unfinished or pinned run judged or made, and
 * every registered dataset version, in all projects that use the store. Pins are files
 * `pins/<run-id>` in a project's part, so that two people can pin at once and nothing can be
 * half-written.
 */
import { closeSync, existsSync, lstatSync, readdirSync } from 'node:fs';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  eventsFile,
  listRuns,
  readEvents,
  runFolder,
  runIds,
  runsFolder,
} from '../runner/history.ts';
import { partsFolder } from '../runner/project-part.ts';
import { byCodeUnit } from '../schema/canonical-json.ts';
import { type CacheKey, parseDigest, parseRunId, type RunId } from '../schema/id.ts';
import type { Artifact } from '../schema/trace.ts';
import { openRegular } from '../store/regular-file.ts';
import { readRegistry } from './dataset-registry.ts';
import { DATASETS, foldersIn } from './effect-state.ts';
import { worldError, writing } from './usage.ts';

export type Roots = {
  readonly keys: ReadonlySet<CacheKey>;
  readonly artifacts: readonly Artifact[];
};

/** Throws CommandError where it stands somewhere that cannot be read: nothing may be collected then. */
export async function storeRoots(home: string, keepRuns: number): Promise<Roots> {
  const roots = await Promise.all(partsOf(home).map(part => rootsOfPart(part, keepRuns)));
  return {
    keys: new Set(roots.flatMap(({ keys }) => [...keys])),
    artifacts: roots.flatMap(({ artifacts }) => artifacts),
  };
}

/** Of every project that uses the store, and what was written before each had its own. */
const partsOf = (home: string): readonly string[] => [
  home,
  ...foldersIn(partsFolder(home)).map(name => join(partsFolder(home), name)),
];

async function rootsOfPart(part: string, keepRuns: number): Promise<Roots> {
  for (const folder of [runsFolder(part), pinsFolder(part), join(part, DATASETS)]) {
    if (isThere(folder) && !isFolder(folder)) throw unreadable(folder);
  }
  for (const run of runIds(part)) {
    if (isThere(eventsFile(part, run)) && !isReadable(eventsFile(part, run))) {
      throw unreadable(eventsFile(part, run));
    }
  }
  const keys = new Set<CacheKey>();
  const artifacts: Artifact[] = [...registered(part)];
  for (const run of await keptRuns(part, keepRuns)) {
    for await (const event of readEvents(part, run)) {
      if (event.type !== 'step-finished') continue;
      if (event.key !== null) keys.add(event.key);
      artifacts.push(...Object.values(event.outputs));
    }
  }
  return { keys, artifacts };
}

/**
 * The newest ones, those that still run (or were killed), and those that are pinned. Runs on a
 * slice are counted apart: a watch makes ten in minutes, and may not push out the last on everything.
 */
async function keptRuns(part: string, keepRuns: number): Promise<ReadonlySet<RunId>> {
  const runs = listRuns(part);
  const kinds = Map.groupBy(runs, ({ sample }) => (sample === undefined ? 'whole' : 'sampled'));
  const recent = [...kinds.values()].flatMap(kind => kind.slice(0, keepRuns));
  const open = runs.filter(({ finished }) => finished === undefined);
  const kept = [...recent, ...open].map(({ run }) => run);
  return new Set([...kept, ...(await pinnedRuns(part))]);
}

type Dropping = { readonly keepRuns: number; readonly dryRun: boolean };

/**
 * Removes the logs of all other runs; what happened in them stays on record. Returns the bytes that
 * went, or would go.
 */
export async function dropOldLogs(home: string, dropping: Dropping): Promise<number> {
  let bytes = 0;
  for (const part of partsOf(home)) bytes += await dropLogsOfPart(part, dropping);
  return bytes;
}

async function dropLogsOfPart(part: string, { keepRuns, dryRun }: Dropping): Promise<number> {
  const kept = await keptRuns(part, keepRuns);
  let bytes = 0;
  for (const run of runIds(part)) {
    const logs = join(runFolder(part, run), 'logs');
    if (kept.has(run) || !existsSync(logs)) continue;
    for (const name of await readdir(logs)) bytes += (await stat(join(logs, name))).size;
    if (!dryRun) await rm(logs, { recursive: true });
  }
  return bytes;
}

const unreadable = (path: string) =>
  worldError(
    `${path} cannot be read, and what has to be kept stands in it`,
    'nothing was touched; see who may read it, or move it away to let go of what it keeps',
  );

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

function isFolder(path: string): boolean {
  try {
    readdirSync(path);
    return true;
  } catch {
    return false;
  }
}

function isReadable(path: string): boolean {
  const fd = openRegular(path);
  if (fd !== undefined) closeSync(fd);
  return fd !== undefined;
}

function registered(part: string): readonly Artifact[] {
  const versions = [...readRegistry(join(part, DATASETS)).values()].flat();
  return versions.flatMap(({ digest: text, bytes, files }) => {
    const digest = parseDigest(text.replace(/^tree:/, ''));
    return digest === undefined ? [] : [{ kind: 'tree', digest, executable: false, bytes, files }];
  });
}

const pinsFolder = (part: string): string => join(part, 'pins');

export async function pinnedRuns(part: string): Promise<readonly RunId[]> {
  const names = await readdir(pinsFolder(part)).catch(() => []);
  return names
    .sort(byCodeUnit)
    .map(parseRunId)
    .filter(id => id !== undefined);
}

export async function pinRun(part: string, run: RunId): Promise<void> {
  await writing(pinsFolder(part), async () => {
    await mkdir(pinsFolder(part), { recursive: true });
    await writeFile(join(pinsFolder(part), run), '');
  });
}

export const unpinRun = (part: string, run: RunId): Promise<void> =>
  rm(join(pinsFolder(part), run), { force: true });

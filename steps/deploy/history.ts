/**
 * What happened to a deployment, oldest first: `history.jsonl`. An entry is written before the
 * switch it tells of, so after a crash the newest entry may tell of a switch that did not happen;
 * `current` alone says what is served. Unaware of files of versions.
 */
import { appendFileSync, closeSync, existsSync, fsyncSync, openSync, readFileSync } from 'node:fs';
import type { Provenance } from '../../schema/step-protocol.ts';

export type VersionName = { readonly version: number; readonly digest: string };

export type HistoryEntry = VersionName & {
  readonly format: 1;
  readonly action: 'deploy' | 'rollback';
  /** What was served until then; null for the first. */
  readonly from: VersionName | null;
  /** Digest of the input port that was deployed; null for a rollback. */
  readonly package: string | null;
  /** Who and from where; `run` and `pipeline` are null where no run did it. */
  readonly by: Origin;
};

export type Origin = Pick<Provenance, 'user' | 'host' | 'at'> & {
  readonly run: string | null;
  readonly pipeline: string | null;
  readonly commit: string | null;
  readonly dirty: boolean;
};

export function readHistory(file: string): readonly HistoryEntry[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').split('\n').flatMap(parseEntry);
}

/** Nothing for a line that a crash has cut short. */
function parseEntry(line: string): readonly HistoryEntry[] {
  if (line === '') return [];
  try {
    return [JSON.parse(line) as HistoryEntry];
  } catch {
    return [];
  }
}

/** Durable when it returns. */
export function appendHistory(file: string, entry: HistoryEntry): void {
  const cut = existsSync(file) && !/(^|\n)$/.test(readFileSync(file, 'utf8'));
  const fd = openSync(file, 'a');
  try {
    appendFileSync(fd, `${cut ? '\n' : ''}${JSON.stringify(entry)}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Has a person rolled back from this package, and was nothing else deployed since? Then a pipeline
 * that runs again must not undo that. Making it current by hand ends the hold.
 */
export function isHeld(history: readonly HistoryEntry[], digest: string): boolean {
  for (const entry of history.toReversed()) {
    if (entry.action === 'deploy' || entry.digest === digest) return false;
    const { from } = entry;
    if (from?.digest === digest && from.version > entry.version) return true;
  }
  return false;
}

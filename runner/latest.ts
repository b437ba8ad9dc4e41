/**
 * The key under which each step of a pipeline last came out well: what `because` compares with, and
 * what time estimates come from. Only for people: losing the file costs an explanation, no hit.
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type CacheKey, parseCacheKey, type RunId, type StepId } from '../schema/id.ts';
import type { Plan } from '../schema/plan.ts';
import { readRegularText } from '../store/regular-file.ts';
import type { Store } from '../store/store.ts';

const FORMAT = 1;

export type Latest = {
  readonly keyOf: (step: StepId) => CacheKey | undefined;
  readonly remember: (step: StepId, key: CacheKey) => void;
  /** Writes what has changed; keeps what another run has written meanwhile about other steps. */
  readonly save: (run: RunId) => void;
};

export function openLatest(
  part: string,
  { pipeline, sample, steps }: Pick<Plan, 'pipeline' | 'sample' | 'steps'>,
): Latest {
  const path = join(part, 'latest', `${pipeline.name}.json`);
  const slices = new Set(steps.flatMap(step => (step.onSample === undefined ? [] : [step.id])));
  // What a slice of another size took says nothing of this one, nor of the whole.
  const nameOf = (step: StepId) => (slices.has(step) ? `${step} on ${sample?.fraction}` : step);
  const known = readKeys(path);
  const changed = new Map<string, CacheKey>();
  return {
    keyOf: step => changed.get(nameOf(step)) ?? known.get(nameOf(step)),
    remember: (step, key) => {
      const name = nameOf(step);
      if (known.get(name) !== key || changed.has(name)) changed.set(name, key);
    },
    save: run => {
      if (changed.size === 0) return;
      const steps = Object.fromEntries([...readKeys(path), ...changed]);
      try {
        mkdirSync(dirname(path), { recursive: true });
        const aside = `${path}.${run}`;
        writeFileSync(aside, `${JSON.stringify({ format: FORMAT, steps })}\n`);
        renameSync(aside, path);
      } catch {
        // A full or read-only disk: the run itself has said so where it matters.
      }
    },
  };
}

/** How long a step took when it last came out well; null when it never did. */
export async function lastDuration(
  step: StepId,
  { latest, store }: { readonly latest: Latest; readonly store: Store },
): Promise<number | null> {
  const key = latest.keyOf(step);
  const last = key === undefined ? undefined : await store.findTrace(key);
  return last?.trace.made.durationMs ?? null;
}

function readKeys(path: string): ReadonlyMap<string, CacheKey> {
  try {
    const file: unknown = JSON.parse(readRegularText(path) ?? '');
    if (typeof file !== 'object' || file === null || !('steps' in file)) return new Map();
    if (!('format' in file) || file.format !== FORMAT) return new Map();
    const { steps } = file;
    if (typeof steps !== 'object' || steps === null) return new Map();
    const entries = Object.entries(steps).map(([step, key]) => [step, parseCacheKey(key)] as const);
    return new Map(entries.filter((entry): entry is [string, CacheKey] => entry[1] !== undefined));
  } catch {
    return new Map();
  }
}

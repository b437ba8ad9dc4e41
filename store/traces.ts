/**
 * Finds and publishes traces: one folder per key, one file per result. A lookup trusts nothing and
 * never fails: what cannot be read is as if it were not there. Unaware of fingerprints' meaning.
 */
import { dirname } from 'node:path';
import { byCodeUnit, canonicalJson } from '../schema/canonical-json.ts';
import type { CacheKey } from '../schema/id.ts';
import type { Trace } from '../schema/trace.ts';
import type { Depot } from './blobs.ts';
import { readWhole } from './content.ts';
import { storeErrorOf } from './fault.ts';
import type { FileSystem } from './file-system.ts';
import { inOrder } from './gate.ts';
import { publish, syncFolder, tracesFolder } from './layout.ts';
import { decodeTrace, encodeTrace } from './trace-file.ts';

/** A fingerprint that names 100,000 files stays below; what is larger is no trace. */
const TRACE_LIMIT = 64 << 20;

/** The readable traces of a key: oldest first, ties by the digest of the trace. */
export function readTraces({ disk, layout }: Depot, key: CacheKey): readonly Trace[] {
  const folder = tracesFolder(layout, key);
  return namesOf(disk, folder)
    .flatMap(name => {
      const trace = readTrace(disk, `${folder}/${name}`, name, key);
      return trace === undefined ? [] : [{ name, trace }];
    })
    .sort((a, b) => byCodeUnit(a.trace.made.at, b.trace.made.at) || byCodeUnit(a.name, b.name))
    .map(({ trace }) => trace);
}

/** How many different results there are. */
export const distinctResults = (traces: readonly Trace[]): number =>
  traces.length < 2
    ? traces.length
    : new Set(traces.map(({ outputs }) => canonicalJson(outputs))).size;

/**
 * Publishes a trace, unless the newest one has the same result: then it changes neither which is
 * the oldest nor what was made last. One with a receipt is kept each time: it tells what the world
 * should hold.
 */
export async function writeTrace(depot: Depot, trace: Trace): Promise<void> {
  const { disk, layout, names } = depot;
  const folder = tracesFolder(layout, trace.key);
  const result = canonicalJson(trace.outputs);
  const newest = readTraces(depot, trace.key).at(-1);
  const isKnown =
    trace.receipt === null && newest?.receipt === null && canonicalJson(newest.outputs) === result;
  names.make(dirname(folder));
  names.make(folder);
  const { name, bytes } = encodeTrace(trace);
  await inOrder([
    isKnown ? syncFolder(disk, folder) : publish(disk, layout, `${folder}/${name}`, bytes),
    names.ensure(folder),
    names.ensure(dirname(folder)),
  ]);
}

function namesOf(disk: FileSystem, folder: string): readonly string[] {
  try {
    return disk.exists(folder) ? disk.readdir(folder) : [];
  } catch (error) {
    storeErrorOf(error, folder);
    return [];
  }
}

/** Undefined for what is not an unaltered trace of this key. */
export function readTrace(
  disk: FileSystem,
  path: string,
  name: string,
  key: CacheKey,
): Trace | undefined {
  try {
    const bytes = readWhole(disk, path, TRACE_LIMIT);
    return bytes && decodeTrace(name, bytes, key);
  } catch (error) {
    storeErrorOf(error, path);
    return undefined;
  }
}

/**
 * What each effect of a pipeline has done last, and with what result: for those that no receipt and
 * no check tells of. It is forgotten, on disk, before anything is done, and noted when that has ended
 * well: after a kill in between it is done again, and never taken for done. One file for each, so
 * that runs side by side take nothing of each other's away. Unaware of what an effect does.
 */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { canonicalJson } from '../schema/canonical-json.ts';
import { type CacheKey, type Digest, parseCacheKey, parseDigest, sha256 } from '../schema/id.ts';
import type { PlanStep } from '../schema/plan.ts';
import type { Trace } from '../schema/trace.ts';
import { errorCode } from '../store/fault.ts';
import { readRegularText } from '../store/regular-file.ts';
import type { Context, Outputs, RunContext } from './context.ts';
import { fileNameOf } from './file-name.ts';
import { projectPart } from './project-part.ts';

type Where = Pick<Context, 'plan' | 'project' | 'home'>;

type Done = { readonly key: CacheKey; readonly result: Digest };

/** Of the step's traces: that of what it did last; undefined when that was another key's, or is not known. */
export function traceOfLastDone(
  step: PlanStep,
  traces: readonly Trace[],
  where: Where,
): Trace | undefined {
  const done = readDone(pathOf(step, where));
  return traces.find(({ key, outputs }) => done?.key === key && done.result === resultOf(outputs));
}

/** Throws what the system says: then nothing may be done. */
export function forgetLastDone(step: PlanStep, where: Where): void {
  const path = pathOf(step, where);
  try {
    rmSync(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return;
    throw error;
  }
  synced(dirname(path));
}

/** Where it cannot be noted, the effect is done again. */
export function noteDone(
  { step, key, outputs }: { step: PlanStep; key: CacheKey; outputs: Outputs },
  context: Where & Pick<RunContext, 'run'>,
): void {
  const path = pathOf(step, context);
  const aside = `${path}.${context.run}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(aside, `${JSON.stringify({ format: FORMAT, key, result: resultOf(outputs) })}\n`);
    renameSync(aside, path);
  } catch {
    // A full or read-only disk: the run itself has said so where it matters.
  }
}

const FORMAT = 1;

const pathOf = ({ id }: PlanStep, where: Where): string =>
  join(projectPart(where), 'latest', where.plan.pipeline.name, fileNameOf(id));

const resultOf = (outputs: Outputs): Digest => sha256(canonicalJson(outputs));

function readDone(path: string): Done | undefined {
  try {
    const { format, key, result } = JSON.parse(readRegularText(path) ?? '');
    const done = { key: parseCacheKey(key), result: parseDigest(result) };
    if (format !== FORMAT || done.key === undefined || done.result === undefined) return undefined;
    return { key: done.key, result: done.result };
  } catch {
    return undefined; // None, or cut short.
  }
}

/** Its names are on disk. */
function synced(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

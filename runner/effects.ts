/**
 * Effects: the state folder that a step may write, and the receipt by which the runner sees whether
 * what it did is still in place. Unaware of what the effect is.
 */
import { lstatSync, readlinkSync } from 'node:fs';
import { join, posix } from 'node:path';
import { byCodeUnit } from '../schema/canonical-json.ts';
import { parseDigest } from '../schema/id.ts';
import { parseJson } from '../schema/inexact.ts';
import type { PlanStep } from '../schema/plan.ts';
import { RECEIPT_PATH } from '../schema/step-protocol.ts';
import type { Trace } from '../schema/trace.ts';
import { readRegularText } from '../store/regular-file.ts';
import type { Context } from './context.ts';
import { type Places, projectPart } from './project-part.ts';
import { quietly } from './quietly.ts';
import { type Attempted, done, failed } from './stop.ts';

/** Absolute; null where the step has none. */
export const stateFolder = (step: PlanStep, places: Places): string | null =>
  step.state === null ? null : join(projectPart(places), step.state);

/** What differs from the receipt, in words; undefined when the effect is in place. */
export async function receiptDrift(
  step: PlanStep,
  receipt: Trace['receipt'],
  context: Pick<Context, 'project' | 'home' | 'store'>,
): Promise<string | undefined> {
  const folder = stateFolder(step, context);
  if (receipt === null || folder === null) return 'it left no receipt';
  for (const [path, wanted] of Object.entries(receipt).sort(([a], [b]) => byCodeUnit(a, b))) {
    const found = await fileState(join(folder, path), context);
    if (found === undefined) return `\`${step.state}/${path}\` is gone`;
    if (found !== wanted) return `\`${step.state}/${path}\` is not what was put there`;
  }
  return undefined;
}

async function fileState(
  path: string,
  { store }: Pick<Context, 'store'>,
): Promise<string | undefined> {
  const stat = quietly(() => lstatSync(path, { throwIfNoEntry: false }));
  if (stat === undefined) return undefined;
  if (stat.isSymbolicLink()) return `link:${readlinkSync(path)}`;
  if (!stat.isFile()) return 'not a file';
  const found = await store.digest(path);
  return found.ok ? found.value.digest : undefined;
}

/** Reads the receipt that a step has left, and checks that it tells the truth. */
export async function readReceipt(
  step: PlanStep,
  workdir: string,
  context: Pick<Context, 'project' | 'home' | 'store'>,
): Promise<Attempted<Trace['receipt']>> {
  if (step.check?.kind !== 'receipt') return done(null);
  const bad = (message: string) => failed({ class: 'bad-output', message });
  const text = readRegularText(join(workdir, RECEIPT_PATH), { followLink: false });
  if (text === undefined) return bad(`it is checked by its receipt, and left no ${RECEIPT_PATH}`);
  const files = receiptFiles(text);
  if (files === undefined) {
    return bad(`${RECEIPT_PATH} is not a receipt: \`files\` has paths and SHA-256 digests`);
  }
  const drift = await receiptDrift(step, files, context);
  return drift === undefined ? done(files) : bad(`its receipt does not hold: ${drift}`);
}

/** Undefined unless every entry is a path below the state folder and a digest or a link. */
export function receiptFiles(text: string): Readonly<Record<string, string>> | undefined {
  const receipt = parseJson(text);
  if (typeof receipt !== 'object' || receipt === null || !('files' in receipt)) return undefined;
  const { files } = receipt;
  if (typeof files !== 'object' || files === null || Array.isArray(files)) return undefined;
  const entries = Object.entries(files).filter(
    (entry): entry is [string, string] =>
      typeof entry[1] === 'string' && isBelow(entry[0]) && isFileState(entry[1]),
  );
  return entries.length === Object.keys(files).length ? Object.fromEntries(entries) : undefined;
}

const isFileState = (text: string): boolean =>
  text.startsWith('link:') || parseDigest(text) !== undefined;

const isBelow = (path: string): boolean => {
  const plain = posix.normalize(path);
  return plain !== '.' && plain !== '..' && !plain.startsWith('../') && !plain.startsWith('/');
};

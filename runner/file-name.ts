/** Names of files and folders made from step addresses, which may hold anything an axis can. */
import { type StepId, sha256 } from '../schema/id.ts';

/** Longer than this no file system is asked for. */
const LONGEST = 150;

/**
 * `train[lr=0.1]` as it is; other bytes as `%2F`. Different addresses have different names.
 */
export function fileNameOf(step: StepId): string {
  const safe = step.replace(/[^A-Za-z0-9_.,=[\]-]/gu, encode).replace(/^\./, '%2E');
  return safe.length <= LONGEST ? safe : `${safe.slice(0, LONGEST)}-${sha256(step).slice(0, 16)}`;
}

const encode = (character: string): string =>
  [...Buffer.from(character)]
    .map(byte => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`)
    .join('');

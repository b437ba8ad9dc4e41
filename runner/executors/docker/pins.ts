/**
 * `sluice.lock`: which content a tag stood for when it was first used. Committed with the project,
 * so that a step runs in the same image everywhere and its key does not move with a tag.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { byCodeUnit } from '../../../schema/canonical-json.ts';
import { withTag } from './reference.ts';

export const PINS_FORMAT = 1;

/** Image with its tag → `sha256:…` in its registry. */
export type Pins = Readonly<Record<string, string>>;

/** Undefined when the file says nothing that can be understood; empty when it is not there. */
export function readPins(path: string): Pins | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    return undefined;
  }
  try {
    return pinsOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

const DIGEST = /^sha256:[0-9a-f]{64}$/;

function pinsOf(json: unknown): Pins | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  if (!('format' in json) || json.format !== PINS_FORMAT || !('images' in json)) return undefined;
  const { images } = json;
  if (typeof images !== 'object' || images === null) return undefined;
  const entries = Object.entries(images);
  const pinned = entries.filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && DIGEST.test(entry[1]),
  );
  return pinned.length === entries.length ? Object.fromEntries(pinned) : undefined;
}

export const pinOf = (pins: Pins, image: string): string | undefined => pins[withTag(image)];

/** Adds to what is there now: another run may have pinned meanwhile. */
export function addPins(path: string, added: Pins): void {
  writePins(path, { ...readPins(path), ...added });
}

export function writePins(path: string, pins: Pins): void {
  const images = Object.fromEntries(
    Object.entries(pins)
      .map(([image, digest]) => [withTag(image), digest] as const)
      .sort(([a], [b]) => byCodeUnit(a, b)),
  );
  const aside = `${path}.${process.pid}`;
  writeFileSync(aside, `${JSON.stringify({ format: PINS_FORMAT, images }, null, 2)}\n`);
  renameSync(aside, path);
}

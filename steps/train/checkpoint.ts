/**
 * A training state as one file, so that a killed training goes on where it was. Written beside,
 * flushed and renamed: a reader finds the old one, the new one or none, never half of one; and
 * what is damaged all the same is noticed by its digest. Unaware of what a state means.
 *
 * Layout: `sluice-checkpoint 1\n`, SHA-256 of the rest in hex and `\n`, one line of JSON, then the
 * arrays that it lists, 4 bytes an element, in the platform's order (little-endian on all we know).
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { TrainingState } from './training.ts';

const FILE = 'checkpoint.bin';
const MAGIC = 'sluice-checkpoint 1\n';
const DIGEST_LENGTH = 65;

/** The fields that are not arrays, as they stand in the JSON line. */
type Head = Omit<TrainingState, 'theta' | 'momentum' | 'variance' | 'order' | 'best'> & {
  /** What is trained on what: a checkpoint of anything else is none. */
  readonly identity: string;
  readonly best: { readonly epoch: number; readonly loss: number } | null;
  readonly lengths: readonly number[];
};

/** Replaces the checkpoint in `folder`. */
export function saveCheckpoint(folder: string, identity: string, state: TrainingState): void {
  const { theta, momentum, variance, order, best, ...rest } = state;
  const arrays = [theta, momentum, variance, order, ...(best === undefined ? [] : [best.theta])];
  const head: Head = {
    ...rest,
    identity,
    best: best === undefined ? null : { epoch: best.epoch, loss: best.loss },
    lengths: arrays.map(array => array.length),
  };
  const body = Buffer.concat([
    Buffer.from(`${JSON.stringify(head)}\n`),
    ...arrays.map(({ buffer, byteOffset, byteLength }) =>
      Buffer.from(buffer, byteOffset, byteLength),
    ),
  ]);
  replaceFile(join(folder, FILE), Buffer.concat([Buffer.from(`${MAGIC}${digest(body)}\n`), body]));
}

/** The state to go on from; undefined where there is none, it is damaged or it is another's. */
export function loadCheckpoint(folder: string, identity: string): TrainingState | undefined {
  const path = join(folder, FILE);
  if (!(statSync(path, { throwIfNoEntry: false })?.isFile() ?? false)) return undefined;
  const bytes = readFileSync(path);
  const start = MAGIC.length + DIGEST_LENGTH;
  const body = bytes.subarray(start);
  if (bytes.toString('latin1', 0, start) !== `${MAGIC}${digest(body)}\n`) return undefined;
  const end = body.indexOf('\n') + 1;
  const {
    identity: saved,
    best,
    lengths,
    ...rest
  } = JSON.parse(body.toString('utf8', 0, end)) as Head;
  if (saved !== identity) return undefined;

  let at = end;
  const next = (length: number): ArrayBuffer => {
    const copy = Uint8Array.from(body.subarray(at, at + length * 4));
    at += length * 4;
    return copy.buffer;
  };
  const [theta, momentum, variance, order, kept] = lengths.map(next);
  const floats = (buffer: ArrayBuffer | undefined) => new Float32Array(buffer ?? new ArrayBuffer());
  return {
    ...rest,
    theta: floats(theta),
    momentum: floats(momentum),
    variance: floats(variance),
    order: new Int32Array(order ?? new ArrayBuffer()),
    best: best === null ? undefined : { ...best, theta: floats(kept) },
  };
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The folder is flushed too: without that a crash may forget the rename. */
function replaceFile(path: string, bytes: Uint8Array): void {
  const temporary = `${path}.tmp`;
  const file = openSync(temporary, 'w');
  writeFileSync(file, bytes);
  fsyncSync(file);
  closeSync(file);
  renameSync(temporary, path);
  const folder = openSync(dirname(path), 'r');
  fsyncSync(folder);
  closeSync(folder);
}

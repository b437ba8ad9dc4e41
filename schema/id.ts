/**
 * Names that must not be confused with one another. Each brand is minted by one function, here;
 * no cast to a brand stands anywhere else. Unaware of where the values come from.
 */
import { hash } from 'node:crypto';

declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** A step's address: `train`, or `train[lr=0.1,fold=3]` for an instance of a matrix step. */
export type StepId = Brand<string, 'StepId'>;
/** SHA-256 of bytes, as 64 lower-case hexadecimal digits. */
export type Digest = Brand<string, 'Digest'>;
/** Digest of a canonical Fingerprint: see fingerprint.ts. */
export type CacheKey = Brand<string, 'CacheKey'>;
/** `20261121-085118-k3f9x`: sortable by start to the millisecond, unique by its random end. */
export type RunId = Brand<string, 'RunId'>;

export const stepId = (address: string): StepId => address as StepId;

const DIGEST = /^[0-9a-f]{64}$/;

/** Reads a digest from outside (a file, a trace); undefined when it is not one. */
export const parseDigest = (text: unknown): Digest | undefined =>
  typeof text === 'string' && DIGEST.test(text) ? (text as Digest) : undefined;

/** SHA-256 of a small text or buffer held in memory. Files are hashed by the store. */
export const sha256 = (data: string | Uint8Array): Digest => hash('sha256', data, 'hex') as Digest;

/** Adopts what a streaming hash has computed. */
export const digestOfHex = (hex: string): Digest => {
  const digest = parseDigest(hex);
  if (digest === undefined) throw new Error(`bug: not a SHA-256 in hex: ${hex}`);
  return digest;
};

export const cacheKeyOf = (digest: Digest): CacheKey => digest as string as CacheKey;

/** Reads a cache key from outside; undefined when it is not one. */
export const parseCacheKey = (text: unknown): CacheKey | undefined =>
  parseDigest(text) as string | undefined as CacheKey | undefined;

const RUN_ID = /^\d{8}-\d{6}-[0-9a-z]{4,8}$/;

/**
 * Time and randomness are the caller's: `random` is three characters of [0-9a-z]. The milliseconds
 * stand before them in base 36, so that two runs of one second sort as they started. Never below
 * the newest there is: a clock that was once ahead would keep what is recorded now from being the
 * latest.
 */
export function runId(startedAt: Date, random: string, newest?: RunId): RunId {
  const at = new Date(
    Math.max(startedAt.getTime(), newest === undefined ? 0 : startOf(newest) + 1),
  );
  const stamp = at.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  const millisecond = at.getUTCMilliseconds().toString(36).padStart(2, '0');
  return `${stamp}-${millisecond}${random}` as RunId;
}

/** Milliseconds; what the id says, which need not be when it really was. */
function startOf(run: RunId): number {
  const digits = run.replace('-', '');
  const [year = 0, month = 0, ...rest] = [
    digits.slice(0, 4),
    ...(digits.slice(4, 14).match(/../g) ?? []),
  ].map(Number);
  const [day = 0, hour = 0, minute = 0, second = 0] = rest;
  const millisecond = Number.parseInt(run.slice(16, 18), 36);
  return Date.UTC(year, month - 1, day, hour, minute, second, millisecond);
}

/** Reads a run id from outside; undefined when it is not one. */
export const parseRunId = (text: string): RunId | undefined =>
  RUN_ID.test(text) ? (text as RunId) : undefined;

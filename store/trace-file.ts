/**
 * A trace as a file: canonical JSON under the name of its own SHA-256, so that a truncated or
 * altered one is recognised. Reading trusts nothing. Unaware of folders and of which trace wins.
 */
import { canonicalJson } from '../schema/canonical-json.ts';
import { cacheKey, cacheKeyOfText } from '../schema/fingerprint.ts';
import { type CacheKey, parseDigest, parseRunId } from '../schema/id.ts';
import { type Artifact, TRACE_FORMAT, type Trace } from '../schema/trace.ts';
import { digestBytes } from './content.ts';

/** The bytes of a trace and the name they are stored under. */
export function encodeTrace(trace: Trace): { readonly name: string; readonly bytes: Buffer } {
  const bytes = Buffer.from(`${canonicalJson(trace)}\n`);
  return { name: `${digestBytes(bytes)}.json`, bytes };
}

/** Undefined for anything but an unaltered trace of this key in this format. */
export function decodeTrace(name: string, bytes: Buffer, key: CacheKey): Trace | undefined {
  if (name !== `${digestBytes(bytes)}.json`) return undefined;
  const text = bytes.toString('utf8');
  const value = parse(text);
  if (!isTrace(value) || value.key !== key) return undefined;
  const isItsKey = beginsWithKey(text, key) || cacheKey(value.fingerprint) === key;
  return isItsKey ? value : undefined;
}

const FINGERPRINT = '{"fingerprint":';

/**
 * Does it begin with the fingerprint of that key? Canonical JSON: it is hashed as it stands, which
 * takes a sixth of the time of writing it anew. False where fields stand beside it that are not known
 * yet.
 */
function beginsWithKey(text: string, key: CacheKey): boolean {
  const end = text.indexOf(`,"format":${TRACE_FORMAT},"key":"${key}"`);
  if (end === -1 || !text.startsWith(FINGERPRINT)) return false;
  return cacheKeyOfText(text.slice(FINGERPRINT.length, end)) === key;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isTrace(value: unknown): value is Trace {
  if (!isRecord(value) || value['format'] !== TRACE_FORMAT) return false;
  const { key, fingerprint, outputs, made, receipt } = value;
  return (
    parseDigest(key) !== undefined &&
    // Its shape is vouched for by its hash, which is the key; but for one field that was a text.
    isRecord(fingerprint) &&
    (fingerprint['definition'] === null || isRecord(fingerprint['definition'])) &&
    isRecord(outputs) &&
    Object.values(outputs).every(isArtifact) &&
    isMade(made) &&
    (receipt === null ||
      (isRecord(receipt) && Object.values(receipt).every(entry => typeof entry === 'string')))
  );
}

const isMade = (value: unknown): boolean =>
  isRecord(value) &&
  typeof value['run'] === 'string' &&
  parseRunId(value['run']) !== undefined &&
  typeof value['host'] === 'string' &&
  typeof value['at'] === 'string' &&
  typeof value['durationMs'] === 'number';

function isArtifact(value: unknown): value is Artifact {
  if (!isRecord(value)) return false;
  return (
    (value['kind'] === 'file' || value['kind'] === 'tree') &&
    parseDigest(value['digest']) !== undefined &&
    typeof value['executable'] === 'boolean' &&
    Number.isSafeInteger(value['bytes']) &&
    Number.isSafeInteger(value['files'])
  );
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

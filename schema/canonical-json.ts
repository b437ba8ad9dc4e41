/**
 * The one byte form of a JSON value, for hashing: no white space, object keys sorted by UTF-16
 * code unit (never by locale), numbers as ECMAScript prints them, strings as JSON.stringify
 * escapes them. This is RFC 8785 (JSON Canonicalization Scheme); test vectors lie beside it.
 */

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** Throws `bug:` for what JSON cannot carry exactly: NaN, infinities, undefined, functions, bigint. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Error(`bug: ${value} has no canonical form`);
    return JSON.stringify(value);
  }
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object') throw new Error(`bug: ${typeof value} has no canonical form`);
  // Every step is hashed at every start: text that only grows takes half the time of lists of parts.
  let members = '';
  for (const key of inOrder(Object.keys(value))) {
    members += `${members === '' ? '' : ','}${quoted(key)}:${canonicalJson(value[key] as Json)}`;
  }
  return `{${members}}`;
}

/** Most are written down in their order already. */
function inOrder(keys: string[]): readonly string[] {
  for (let at = 1; at < keys.length; at += 1) {
    if (byCodeUnit(keys[at - 1] ?? '', keys[at] ?? '') > 0) return keys.sort(byCodeUnit);
  }
  return keys;
}

/** ASCII without what has to be escaped: nearly all there is. */
const PLAIN = /^[ !#-[\]-~]*$/;

const quoted = (text: string): string => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text));

/** The order of everything that is hashed or printed deterministically. Never localeCompare. */
export const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

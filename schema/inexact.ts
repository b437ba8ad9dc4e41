/**
 * Reads JSON without believing numbers that no computer number holds: `12345678901234567890` would
 * become another one, `1e400` infinite. A stand-in takes their place, which evaluation refuses and
 * nobody else looks into. Unaware of whose JSON it is.
 */
import type { Json } from './canonical-json.ts';

type Written = { readonly written: string; readonly file: string };

/** What stands in for a number, with how and where it was written. */
const standIns = new WeakMap<object, Written>();

/** Only text with such digits can hold one; all other is read as quickly as ever. */
const SUSPICIOUS = /[0-9]{16}|[0-9][eE]\+?[0-9]{3}|[0-9]{9}\.?[0-9]*[eE]/;

/** Undefined when the text is not JSON. `file`: what it is called in messages. */
export function parseJson(text: string, file = ''): Json | undefined {
  const standIn = (_key: string, value: Json, context?: { readonly source?: string }): Json => {
    const written = context?.source;
    if (typeof value !== 'number' || written === undefined || isHeld(value, written)) return value;
    const made = {};
    standIns.set(made, { written, file });
    return made;
  };
  try {
    return SUSPICIOUS.test(text) ? JSON.parse(text, standIn) : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whole numbers are exact or refused; of others the last digits are lost to everybody alike. */
const isHeld = (value: number, written: string): boolean =>
  /^-?[0-9]+$/.test(written) ? Number.isSafeInteger(value) : Number.isFinite(value);

type Path = { readonly name: string; readonly outer: Path | undefined };

/** A number in a value that is not the one that was written, with the way to it. */
export function inexactIn(
  value: Json,
): (Written & { readonly fields: readonly string[] }) | undefined {
  const open: { readonly value: Json; readonly path: Path | undefined }[] = [
    { value, path: undefined },
  ];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value: at, path: outer } = next;
    if (at === null || typeof at !== 'object') continue;
    const found = standIns.get(at);
    if (found !== undefined) return { ...found, fields: fieldsOf(outer) };
    for (const [name, inner] of Object.entries(at))
      open.push({ value: inner, path: { name, outer } });
  }
  return undefined;
}

function fieldsOf(path: Path | undefined): readonly string[] {
  const fields: string[] = [];
  for (let at = path; at !== undefined; at = at.outer) fields.unshift(at.name);
  return fields;
}

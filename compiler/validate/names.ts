/**
 * Names that authors give: kebab-case for what is ours, letters and underscores for variables of the
 * environment. ASCII only, so that two names that look alike are alike. Unaware of what is named.
 */
import { LIMITS } from '../limits.ts';
import type { NameNoun } from '../problems/name-words.ts';
import type { Entries, Spanned, ValueNode } from '../syntax.ts';
import { child, type Field, type Reader, readNames, readText, refuse, spanned } from './reader.ts';

const KEBAB = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What expressions and references use for something else. */
const RESERVED_STEPS: readonly string[] = [
  'params',
  'matrix',
  'env',
  'git',
  'in',
  'out',
  'steps',
  'true',
  'false',
  'null',
];

/** Reports a name that is none, at `field`. */
export function isName(
  reader: Reader,
  noun: NameNoun,
  name: Spanned<string>,
  field: Field,
): boolean {
  const at = name.span;
  const environment = noun === 'variable' || noun === 'secret';
  const { length } = name.value;
  if (length > LIMITS.nameLength || !(environment ? VARIABLE : KEBAB).test(name.value)) {
    refuse(reader, field, {
      kind: 'bad-name',
      at,
      noun,
      name: name.value,
      document: reader.document,
    });
    return false;
  }
  const reserved =
    ((noun === 'step' || noun === 'need') && RESERVED_STEPS.includes(name.value)) ||
    (noun === 'axis' && (name.value === 'include' || name.value === 'exclude')) ||
    (environment && name.value.startsWith('SLUICE_'));
  if (reserved) refuse(reader, field, { kind: 'reserved-name', at, noun, name: name.value });
  return !reserved;
}

/** A value that is a name. */
export function readName(
  reader: Reader,
  field: Field,
  noun: NameNoun,
): Spanned<string> | undefined {
  const text = readText(reader, field);
  if (text === undefined || !isName(reader, noun, text, field)) return undefined;
  return spanned(text);
}

/** A map from names to something; entries that are refused are left out. */
export function readNamed<T>(
  reader: Reader,
  field: Field,
  noun: NameNoun,
  read: (field: Field, key: Spanned<string>) => T | undefined,
): Entries<T> | undefined {
  const entries = readNames(reader, field, noun === 'variable' ? LIMITS.variables : LIMITS.entries);
  return entries === undefined ? undefined : readEntries(reader, field, entries, noun, read);
}

/** `Train` and `train_model` are no names of steps, and yet it is plain what refers to them. */
const isMeant = (noun: NameNoun, name: string): boolean =>
  noun === 'step' && name.length <= LIMITS.nameLength && /^\p{L}[\p{L}\w-]*$/u.test(name);

export function readEntries<T>(
  reader: Reader,
  field: Field,
  entries: Entries<ValueNode>,
  noun: NameNoun,
  read: (field: Field, key: Spanned<string>) => T | undefined,
): Entries<T> {
  const named = new Map<string, { readonly key: Spanned<string>; readonly value: T }>();
  for (const [name, { key, value: node }] of entries) {
    const entry = child(field, name, key.span, node);
    const sound = isName(reader, noun, key, entry);
    // `a:{ run: x }`: what stands behind the second colon is not what was meant.
    const value = !sound && name.includes(':') ? undefined : read(entry, key);
    if ((sound || isMeant(noun, name)) && value !== undefined) named.set(name, { key, value });
  }
  return named;
}

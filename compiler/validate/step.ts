/**
 * One step of a pipeline: what it is, what it takes and makes, when and how it runs. Unaware of
 * other steps and of the library.
 */
import type { Misplacement } from '../problems/phrases.ts';
import type { Entries, Spanned, StepSyntax, Text, ValueNode } from '../syntax.ts';
import { readCommand } from './command.ts';
import { readMatrix } from './matrix.ts';
import { readName } from './names.ts';
import { readDescription, readSettings, SETTING_KEYS } from './policy.ts';
import { readOutputs, readWires } from './ports.ts';
import {
  child,
  type Field,
  type Fields,
  type Reader,
  readBoolean,
  readChoice,
  readEach,
  readFields,
  readFilled,
  readNames,
  readWritten,
  refuse,
  refuseMissing,
} from './reader.ts';
import { readValue } from './values.ts';

export const STEP_KEYS = [
  'uses',
  'run',
  'description',
  'in',
  'with',
  'files',
  'out',
  'needs',
  'if',
  'matrix',
  'cache',
  'kind',
  'probe',
  'check',
  ...SETTING_KEYS,
] as const;

export const STEP_KINDS = ['pure', 'source', 'effect'] as const;

/** A step of which nothing can be read is still there, and its name is known. */
export function readStep(reader: Reader, field: Field, id: Spanned<string>): StepSyntax {
  const fields = readFields(reader, field, STEP_KEYS, 'step') ?? NO_FIELDS;
  const body = fields === NO_FIELDS ? undefined : readBody(reader, field, fields);
  const uses = fields('run') === undefined;
  const own = fieldsOf(
    reader,
    fields,
    uses ? USES_WITHOUT : RUN_WITHOUT,
    uses ? 'needs-run' : 'needs-uses',
  );
  const kind = read(own, 'kind', inner => readChoice(reader, inner, STEP_KINDS));
  const probe = read(own, 'probe', inner => kindOnly(reader, inner, kind, 'source'));
  const check = read(own, 'check', inner => kindOnly(reader, inner, kind, 'effect'));
  return {
    id,
    written: field.node.kind === 'map' ? field.node.entries : EMPTY,
    description: readDescription(reader, fields),
    in: read(own, 'in', inner => readWires(reader, inner)) ?? EMPTY,
    with: read(own, 'with', inner => readWith(reader, inner)) ?? EMPTY,
    files:
      read(own, 'files', inner =>
        readEach(reader, inner, item => readFilled(reader, item, 'file'), 'texts'),
      ) ?? [],
    out: read(own, 'out', inner => readOutputs(reader, inner)) ?? EMPTY,
    needs:
      read(own, 'needs', inner =>
        readEach(reader, inner, item => readName(reader, item, 'need'), 'texts'),
      ) ?? [],
    if: read(own, 'if', inner => readCondition(reader, inner)) ?? null,
    matrix: read(own, 'matrix', inner => readMatrix(reader, inner)) ?? null,
    cache: read(own, 'cache', inner => readCache(reader, inner)) ?? null,
    kind: kind ?? null,
    probe: probe ?? null,
    check: check ?? null,
    ...readSettings(reader, fields),
    // The rest of the step is checked all the same.
    body: body ?? { kind: 'broken' },
  };
}

const NO_FIELDS: Fields = () => undefined;
const EMPTY: Entries<never> = new Map();

const RUN_WITHOUT: readonly string[] = ['with'];
const USES_WITHOUT: readonly string[] = ['files', 'out', 'kind', 'probe', 'check'];

function read<T>(fields: Fields, key: string, reading: (field: Field) => T): T | undefined {
  const field = fields(key);
  return field === undefined ? undefined : reading(field);
}

/** The fields without those that this sort of step cannot have, which are reported. */
function fieldsOf(
  reader: Reader,
  fields: Fields,
  without: readonly string[],
  reason: Misplacement,
): Fields {
  // With both or neither of `uses` and `run` it is not known which keys belong.
  if ((fields('uses') === undefined) === (fields('run') === undefined)) return fields;
  for (const key of without) {
    const field = fields(key);
    if (field === undefined) continue;
    const path = field.path.slice(0, -1);
    refuse(reader, field, { kind: 'misplaced-key', at: field.key, path, key, reason });
  }
  return key => (without.includes(key) ? undefined : fields(key));
}

function readBody(reader: Reader, field: Field, fields: Fields): StepSyntax['body'] | undefined {
  const uses = fields('uses');
  const run = fields('run');
  const { path } = field;
  if (uses !== undefined && run !== undefined) {
    const [first, second] = uses.key.start < run.key.start ? [uses, run] : [run, uses];
    return refuse(reader, field, {
      kind: 'exclusive-keys',
      at: second.key,
      path,
      first: { name: first.path.at(-1) ?? '', at: first.key },
      second: second.path.at(-1) ?? '',
    });
  }
  if (uses !== undefined) {
    const text = readFilled(reader, uses);
    if (text?.value.includes('${{'))
      return refuse(reader, uses, {
        kind: 'expression-not-allowed',
        at: text.span,
        path: uses.path,
      });
    return text && { kind: 'uses', uses: text };
  }
  if (run !== undefined) {
    const command = readCommand(reader, run);
    if (command === undefined) return undefined;
    return 'part' in command
      ? { kind: 'shell', run: command }
      : { kind: 'argv', run: command, span: run.node.span };
  }
  return refuseMissing(reader, field, ['uses', 'run']);
}

/** `probe` and `check`: a command of a step of one kind. */
function kindOnly(
  reader: Reader,
  field: Field,
  kind: Spanned<string> | undefined,
  wanted: 'source' | 'effect',
): Text | readonly Text[] | undefined {
  const path = field.path.slice(0, -1);
  if (kind?.value !== wanted) {
    if (reader.broken.has([...path, 'kind'].join('.'))) return refuse(reader, field);
    const key = field.path.at(-1) ?? '';
    const reason = wanted === 'source' ? 'needs-source' : 'needs-effect';
    return refuse(reader, field, { kind: 'misplaced-key', at: field.key, path, key, reason });
  }
  return readCommand(reader, field);
}

/** Any key: whether the step has such a parameter is asked where its manifest is known. */
export function readWith(reader: Reader, field: Field): Entries<ValueNode> | undefined {
  const entries = readNames(reader, field);
  if (entries === undefined) return undefined;
  const values = new Map<string, { readonly key: Spanned<string>; readonly value: ValueNode }>();
  for (const [name, { key, value: node }] of entries) {
    const value = readValue(reader, child(field, name, key.span, node));
    if (value !== undefined) values.set(name, { key, value });
  }
  return values;
}

function readCondition(reader: Reader, field: Field): Text | Spanned<boolean> | undefined {
  const { node } = field;
  if (node.kind === 'scalar' && typeof node.value === 'boolean') return readBoolean(reader, field);
  return readFilled(reader, field, 'condition');
}

export const CACHE_KEYS = ['salt'] as const;

function readCache(reader: Reader, field: Field): StepSyntax['cache'] | undefined {
  const { node } = field;
  if (node.kind === 'scalar' && typeof node.value === 'boolean')
    return { value: { enabled: node.value, salt: null }, span: node.span };
  const fields = readFields(reader, field, CACHE_KEYS, 'cache');
  const salt = fields?.('salt');
  const text = salt && readWritten(reader, salt);
  return fields && { value: { enabled: true, salt: text ?? null }, span: node.span };
}

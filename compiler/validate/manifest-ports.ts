/**
 * Ports as a step's manifest declares them: `port: type`, or with all that a port can say. Unaware
 * of what is wired to them.
 */

import type { Span } from '../../schema/diagnostic.ts';
import type { InputDeclaration, OutputDeclaration, PartRole } from '../../schema/manifest.ts';
import { DATASET_STATES, parsePortType } from '../../schema/port-type.ts';
import type { Entries } from '../syntax.ts';
import { readNamed } from './names.ts';
import { readDescription } from './policy.ts';
import { readPortType } from './ports.ts';
import {
  type Field,
  type Fields,
  type Reader,
  readBoolean,
  readChoice,
  readEach,
  readFields,
  readFilled,
  readText,
  refuse,
  refuseMissing,
} from './reader.ts';

export const PART_ROLES: readonly PartRole[] = ['train', 'validation', 'test'];

export const INPUT_KEYS = ['type', 'many', 'optional', 'roles', 'description'] as const;

export const readInputPorts = (
  reader: Reader,
  field: Field,
): Entries<InputDeclaration> | undefined =>
  readNamed(reader, field, 'input', entry => readInput(reader, entry));

function readInput(reader: Reader, field: Field): InputDeclaration | undefined {
  const fields = portFields(reader, field, INPUT_KEYS);
  if (fields === undefined) return undefined;
  const typeField = fields('type');
  if (typeField === undefined) return refuseMissing(reader, field, ['type']);
  const type = readPortType(reader, typeField);
  const flag = (key: string): boolean => {
    const inner = fields(key);
    return (inner && readBoolean(reader, inner))?.value ?? false;
  };
  const [many, optional] = [flag('many'), flag('optional')];
  const rolesField = fields('roles');
  const roles =
    rolesField &&
    readEach(reader, rolesField, item => readChoice(reader, item, PART_ROLES)?.value, 'texts');
  if (rolesField !== undefined && !isDataset(type?.value))
    misplaced(reader, rolesField, 'needs-dataset', type?.value);
  const description = readDescription(reader, fields);
  if (type === undefined) return refuse(reader, field);
  return { type: type.value, many, optional, ...(roles !== undefined && { roles }), description };
}

export const MANIFEST_OUTPUT_KEYS = [
  'type',
  'like',
  'state',
  'role',
  'path',
  'description',
] as const;

/** What the same manifest declares, for `like` and `state`. */
type Declared = {
  /** Takes where paths are written, by `out.model.path`. */
  readonly places: Map<string, Span>;
  readonly inputs: Entries<InputDeclaration>;
  readonly params: ReadonlySet<string>;
};

export const readOutputPorts = (
  reader: Reader,
  field: Field,
  declared: Declared,
): Entries<OutputDeclaration> | undefined =>
  readNamed(reader, field, 'output', entry => readOutput(reader, entry, declared));

function readOutput(
  reader: Reader,
  field: Field,
  declared: Declared,
): OutputDeclaration | undefined {
  const fields = portFields(reader, field, MANIFEST_OUTPUT_KEYS);
  if (fields === undefined) return undefined;
  const type = readOutputType(reader, field, fields, declared);
  const text = type?.kind === 'like' ? declared.inputs.get(type.port)?.value.type : type?.type;
  const stateField = fields('state');
  const state = stateField && readState(reader, stateField, declared);
  const roleField = fields('role');
  const role = roleField && readChoice(reader, roleField, PART_ROLES)?.value;
  for (const inner of [stateField, roleField])
    if (inner !== undefined && !isDataset(text)) misplaced(reader, inner, 'needs-dataset', text);
  const pathField = fields('path');
  const pathText = pathField && readFilled(reader, pathField);
  if (pathText !== undefined) declared.places.set([...field.path, 'path'].join('.'), pathText.span);
  const path = pathText?.value ?? null;
  const description = readDescription(reader, fields);
  if (type === undefined) return refuse(reader, field);
  return { type, state: state ?? null, ...(role !== undefined && { role }), path, description };
}

function readOutputType(
  reader: Reader,
  field: Field,
  fields: Fields,
  declared: Declared,
): OutputDeclaration['type'] | undefined {
  const type = fields('type');
  const like = fields('like');
  if (type !== undefined && like !== undefined) {
    const { path } = field;
    const [first, second] = type.key.start < like.key.start ? [type, like] : [like, type];
    return refuse(reader, field, {
      kind: 'exclusive-keys',
      at: second.key,
      path,
      first: { name: first.path.at(-1) ?? '', at: first.key },
      second: second.path.at(-1) ?? '',
    });
  }
  if (type !== undefined) {
    const fixed = readPortType(reader, type);
    return fixed && { kind: 'fixed', type: fixed.value };
  }
  if (like === undefined) return refuseMissing(reader, field, ['type', 'like']);
  const port = readOwn(reader, like, 'input', [...declared.inputs.keys()]);
  return port === undefined ? undefined : { kind: 'like', port };
}

export const STATE_KEYS = ['when', 'set', 'unset'] as const;

function readState(
  reader: Reader,
  field: Field,
  declared: Declared,
): OutputDeclaration['state'] | undefined {
  if (field.node.kind === 'text') {
    const state = readChoice(reader, field, DATASET_STATES, 'state');
    return state && { kind: 'fixed', state: state.value };
  }
  const fields = readFields(reader, field, STATE_KEYS, 'state');
  if (fields === undefined) return undefined;
  const [when, set, unset] = [fields('when'), fields('set'), fields('unset')];
  if (when === undefined || set === undefined || unset === undefined) {
    const absent = STATE_KEYS.filter(key => fields(key) === undefined);
    for (const key of absent) refuseMissing(reader, field, [key]);
    return undefined;
  }
  const param = readOwn(reader, when, 'parameter', [...declared.params]);
  const states = [set, unset].map(inner => readChoice(reader, inner, DATASET_STATES)?.value);
  const [one, other] = states;
  if (param === undefined || one === undefined || other === undefined) return undefined;
  return { kind: 'when', param, set: one, unset: other };
}

/** A name of something that this manifest declares, and that was not refused. */
function readOwn(
  reader: Reader,
  field: Field,
  noun: 'input' | 'parameter',
  known: readonly string[],
): string | undefined {
  const text = readText(reader, field);
  if (text === undefined) return undefined;
  if (known.includes(text.value)) return text.value;
  const area = noun === 'input' ? 'in' : 'params';
  if (reader.broken.has(`${area}.${text.value}`) || reader.broken.has(area))
    return refuse(reader, field);
  const name = text.value;
  return refuse(reader, field, { kind: 'unknown-in-manifest', at: text.span, noun, name, known });
}

/** `port: type` is short for `port: { type: type }`. */
function portFields(reader: Reader, field: Field, keys: readonly string[]): Fields | undefined {
  if (field.node.kind !== 'text') return readFields(reader, field, keys, 'output');
  return key => (key === 'type' ? { ...field, path: [...field.path, 'type'] } : undefined);
}

const isDataset = (type: string | undefined): boolean =>
  type === undefined || parsePortType(type)?.path.split('/')[0] === 'dataset';

function misplaced(
  reader: Reader,
  field: Field,
  reason: 'needs-dataset',
  type: string | undefined,
): void {
  if (type === undefined) return;
  const path = field.path.slice(0, -1);
  const key = field.path.at(-1) ?? '';
  refuse(reader, field, { kind: 'misplaced-key', at: field.key, path, key, reason });
}

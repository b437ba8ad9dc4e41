/**
 * Declarations of parameters, the same in pipelines and in manifests (language.md §3). Whether a
 * default fits its declaration is asked where all values are, in params-value.ts. Unaware of where
 * values come from.
 */
import type { Json } from '../../schema/canonical-json.ts';
import { PARAM_TYPES, type ParamDeclaration, type ParamType } from '../../schema/manifest.ts';
import { compilePattern } from '../pattern.ts';
import type { Entries, ParamSyntax, ValueNode } from '../syntax.ts';
import { parseDuration, parseSize } from '../units.ts';
import { writtenAsInteger } from '../yaml/scalar.ts';
import { readNamed } from './names.ts';
import { readInteger, readNumber } from './numbers.ts';
import { readDescription } from './policy.ts';
import {
  type Field,
  type Fields,
  isMisspelt,
  type Reader,
  readBoolean,
  readChoice,
  readEach,
  readFields,
  readText,
  readWritten,
  refuse,
  refuseMissing,
  refuseShape,
} from './reader.ts';
import { readConstant } from './values.ts';

export const PARAM_KEYS = [
  'type',
  'default',
  'required',
  'min',
  'max',
  'enum',
  'pattern',
  'description',
] as const;

export const readParams = (reader: Reader, field: Field): Entries<ParamSyntax> | undefined =>
  readNamed(reader, field, 'parameter', entry => readParam(reader, entry));

/** A map is always a declaration; anything else is a default whose type is seen. */
function readParam(reader: Reader, field: Field): ParamSyntax | undefined {
  if (field.node.kind !== 'map') return readShorthand(reader, field);
  if (declaresNothing(field)) return refuseValue(reader, field);
  const fields = readFields(reader, field, PARAM_KEYS);
  if (fields === undefined) return undefined;
  const name = field.path.at(-1) ?? '';
  const type = readType(reader, fields);
  const preset = fields('default');
  const required = fields('required');
  const isRequired = required === undefined ? false : readBoolean(reader, required)?.value;
  const value = preset === undefined ? undefined : readAs(reader, preset, type);
  if (type === null || isRequired === undefined || (preset !== undefined && value === undefined))
    return refuse(reader, field);
  if (preset === undefined && !isRequired) {
    if (isMisspelt(field, ['default', 'required'])) return refuse(reader, field);
    return refuse(reader, field, { kind: 'no-default', at: field.key, name, type });
  }
  if (preset !== undefined && isRequired)
    return refuse(reader, field, { kind: 'default-and-required', at: preset.key, name });
  const inferred = type ?? (preset === undefined ? undefined : typeOf(preset.node));
  if (inferred === undefined) return refuseMissing(reader, field, ['type']);
  const declaration: ParamDeclaration = {
    type: inferred,
    required: isRequired,
    ...(value !== undefined && { default: value }),
    ...readConstraints(reader, field, fields, inferred),
    description: readDescription(reader, fields),
  };
  return { declaration, span: preset?.node.span ?? field.key };
}

/** A map without a key of a declaration was meant as the value. */
const declaresNothing = (field: Field): boolean =>
  field.node.kind === 'map' &&
  field.node.entries.size > 0 &&
  !PARAM_KEYS.some(key => field.node.kind === 'map' && field.node.entries.has(key)) &&
  !isMisspelt(field, PARAM_KEYS);

/** Where the map is short enough, as it would stand in a declaration. */
function refuseValue(reader: Reader, field: Field): undefined {
  const { start, end } = field.node.span;
  const text = reader.source.text.slice(start, end);
  const map = /^\{.{1,40}\}$/.test(text) ? text : '{ … }';
  const name = field.path.at(-1) ?? '';
  return refuse(reader, field, { kind: 'no-default', at: field.key, name, type: 'map', map });
}

/** For a text, what YAML reads as a number or a boolean is what is written: `1.10`, `007`. */
function readAs(
  reader: Reader,
  field: Field,
  type: ParamType | null | undefined,
): Json | undefined {
  const { node } = field;
  const value = readConstant(reader, field);
  const isWritten = type === 'string' && node.kind === 'scalar' && value !== null;
  return isWritten && value !== undefined ? node.source : value;
}

function readShorthand(reader: Reader, field: Field): ParamSyntax | undefined {
  const { node } = field;
  if (node.kind === 'scalar' && node.value === null && !reader.unread.has(node))
    return refuse(reader, field, {
      kind: 'no-default',
      at: field.key,
      name: field.path.at(-1) ?? '',
      type: undefined,
    });
  const value = readConstant(reader, field);
  const type = typeOf(node);
  if (value === undefined || type === undefined) return undefined;
  const declaration = { type, required: false, default: value, description: null };
  return { declaration, span: node.span };
}

/** Undefined where none is written, null where what is written is none. */
function readType(reader: Reader, fields: Fields): ParamType | null | undefined {
  const field = fields('type');
  return field === undefined ? undefined : (readChoice(reader, field, PARAM_TYPES)?.value ?? null);
}

/** What a default without `type` is: `1` is an int, `1.0` a float, `90s` a string. */
function typeOf(node: ValueNode): ParamType | undefined {
  if (node.kind === 'list' || node.kind === 'map') return node.kind;
  if (node.kind === 'text') return 'string';
  if (typeof node.value === 'boolean') return 'bool';
  if (node.value === null) return undefined;
  return writtenAsInteger(node.source) ? 'int' : 'float';
}

type Constraints = Pick<ParamDeclaration, 'min' | 'max' | 'enum' | 'pattern'>;

function readConstraints(
  reader: Reader,
  owner: Field,
  fields: Fields,
  type: ParamType,
): Constraints {
  const min = readBound(reader, owner, fields('min'), type);
  const max = readBound(reader, owner, fields('max'), type);
  const maxField = fields('max');
  if (min !== undefined && max !== undefined && maxField !== undefined && min > max)
    refuse(reader, maxField, {
      kind: 'empty-range',
      at: maxField.node.span,
      bounds: [sourceOf(fields('min')), sourceOf(maxField)],
    });
  const sound = min === undefined || max === undefined || min <= max;
  const choices = fields('enum');
  const allowed = choices && readChoices(reader, choices, type);
  const patternField = fields('pattern');
  const pattern = patternField && readPattern(reader, owner, patternField, type);
  return {
    ...(sound && min !== undefined && { min }),
    ...(sound && max !== undefined && { max }),
    ...(allowed !== undefined && { enum: allowed }),
    ...(pattern !== undefined && { pattern }),
  };
}

/** Undefined where one of them is no value of the type: then it is not known what is allowed. */
function readChoices(reader: Reader, field: Field, type: ParamType): readonly Json[] | undefined {
  const choices = readEach(reader, field, item =>
    isOfType(reader, item, type) ? readAs(reader, item, type) : undefined,
  );
  if (choices === undefined || reader.broken.has(field.path.join('.'))) return undefined;
  if (choices.length > 0) return choices;
  return refuse(reader, field, { kind: 'empty-range', at: field.key, bounds: undefined });
}

/** Could a value of the type be this one? An expression is refused as one, and nothing may be a default. */
function isOfType(reader: Reader, field: Field, type: ParamType): boolean {
  const { node } = field;
  if (node.kind === 'scalar' && node.value === null) return true;
  if (node.kind === 'text' && node.value.includes('${{')) return true;
  switch (type) {
    case 'int':
      return isExact(reader, field, readInteger(reader, field)?.value);
    case 'float':
      return readNumber(reader, field) !== undefined;
    case 'bool':
      return readBoolean(reader, field) !== undefined;
    case 'string':
      return readWritten(reader, field) !== undefined;
    case 'path':
      return readText(reader, field) !== undefined;
    case 'duration':
    case 'size':
      return readQuantity(reader, field, type) !== undefined;
    case 'list':
    case 'map':
      return node.kind === type || refuseShape(reader, field, type) !== undefined;
  }
}

function isExact(reader: Reader, field: Field, value: number | undefined): boolean {
  if (value === undefined || Number.isSafeInteger(value)) return value !== undefined;
  const { span: at, ...node } = field.node;
  refuse(reader, field, {
    kind: 'number-not-exact',
    at,
    source: 'source' in node ? node.source : `${value}`,
  });
  return false;
}

/** A bound as it is written, with its unit. */
const sourceOf = (field: Field | undefined): string => {
  const node = field?.node;
  if (node?.kind === 'scalar') return node.source;
  return node?.kind === 'text' ? node.value : '';
};

/** A number; for durations in seconds and for sizes in bytes, as their values are. */
function readBound(
  reader: Reader,
  owner: Field,
  field: Field | undefined,
  type: ParamType,
): number | undefined {
  if (field === undefined) return undefined;
  if (type === 'int' || type === 'float') return readNumber(reader, field)?.value;
  if (type !== 'duration' && type !== 'size') return mismatch(reader, owner, field, type);
  return readQuantity(reader, field, type);
}

/** In seconds or bytes. */
function readQuantity(reader: Reader, field: Field, type: 'duration' | 'size'): number | undefined {
  const { node, path } = field;
  if (node.kind !== 'text') return refuseShape(reader, field, type);
  const milliseconds = parseDuration(node.value);
  const value =
    type === 'size'
      ? parseSize(node.value)
      : milliseconds === undefined
        ? undefined
        : milliseconds / 1000;
  if (value !== undefined) return value;
  const at = node.span;
  return refuse(reader, field, {
    kind: 'bad-quantity',
    at,
    path,
    quantity: type,
    text: node.value,
  });
}

function readPattern(
  reader: Reader,
  owner: Field,
  field: Field,
  type: ParamType,
): string | undefined {
  if (type !== 'string' && type !== 'path') return mismatch(reader, owner, field, type);
  const text = readText(reader, field);
  if (text === undefined) return undefined;
  const pattern = compilePattern(text.value);
  if (pattern.ok) return text.value;
  const reason = pattern.flaw;
  return refuse(reader, field, { kind: 'bad-pattern', at: text.span, text: text.value, reason });
}

function mismatch(reader: Reader, owner: Field, field: Field, type: ParamType): undefined {
  const key = field.path.at(-1) ?? '';
  const name = owner.path.at(-1) ?? '';
  return refuse(reader, field, { kind: 'constraint-mismatch', at: field.key, name, key, type });
}

/**
 * How a step runs: the keys that `defaults`, a step and a config's override share (language.md §7).
 * Unaware of what the step is.
 */
import type { RetryCause } from '../../schema/plan.ts';
import type { Entries, RetriesSyntax, Spanned, StepSettings, Text, ValueNode } from '../syntax.ts';
import { parseDuration, parseSize } from '../units.ts';
import { readContainer } from './container.ts';
import { isName, readName, readNamed } from './names.ts';
import { numberFlaw, readInteger, readNumber } from './numbers.ts';
import {
  type Field,
  type Fields,
  type Reader,
  readChoice,
  readEach,
  readFields,
  readLiteral,
  readText,
  readWritten,
  refuse,
  refuseMissing,
  refuseShape,
  spanned,
} from './reader.ts';

export const SETTING_KEYS = [
  'container',
  'resources',
  'env',
  'secrets',
  'network',
  'timeout',
  'retries',
  'pool',
] as const;

export const NETWORKS = ['none', 'host', 'bridge'] as const;
export const RETRY_CAUSES: readonly RetryCause[] = ['exit', 'timeout', 'oom', 'lost'];

export function readSettings(reader: Reader, fields: Fields): StepSettings {
  const read = <T>(key: string, reading: (reader: Reader, field: Field) => T | undefined) => {
    const field = fields(key);
    return field === undefined ? undefined : reading(reader, field);
  };
  const container = read('container', readContainer);
  const resources = read('resources', readResources);
  const env = read('env', readEnvironment);
  const secrets = read('secrets', readSecrets);
  const network = read('network', (_, field) => readChoice(reader, field, NETWORKS));
  const timeout = read('timeout', readTimeout);
  const retries = read('retries', readRetries);
  const pool = read('pool', (_, field) => readName(reader, field, 'pool'));
  return {
    ...(container !== undefined && { container }),
    ...(resources !== undefined && { resources }),
    ...(env !== undefined && { env }),
    ...(secrets !== undefined && { secrets }),
    ...(network !== undefined && { network }),
    ...(timeout !== undefined && { timeout }),
    ...(retries !== undefined && { retries }),
    ...(pool !== undefined && { pool }),
  };
}

export const readEnvironment = (reader: Reader, field: Field): Entries<Text> | undefined =>
  readNamed(reader, field, 'variable', entry => readWritten(reader, entry));

function readSecrets(reader: Reader, field: Field): readonly Spanned<string>[] | undefined {
  return readEach(
    reader,
    field,
    item => {
      const text = readText(reader, item);
      return text !== undefined && isName(reader, 'secret', text, item) ? spanned(text) : undefined;
    },
    'texts',
  );
}

export const RESOURCE_KEYS = ['cpus', 'memory', 'gpus', 'gpu-memory', 'shm', 'disk'] as const;

/** Numbers and sizes are checked here, expressions for them where their values are known. */
function readResources(reader: Reader, field: Field): Entries<ValueNode> | undefined {
  const fields = readFields(reader, field, RESOURCE_KEYS);
  if (fields === undefined) return undefined;
  const resources = new Map<string, { readonly key: Spanned<string>; readonly value: ValueNode }>();
  for (const name of RESOURCE_KEYS) {
    const resource = fields(name);
    if (resource === undefined || !isResource(reader, resource, name)) continue;
    const key = { value: name, span: resource.key };
    resources.set(name, { key, value: resource.node });
  }
  return resources;
}

function isResource(reader: Reader, field: Field, name: (typeof RESOURCE_KEYS)[number]): boolean {
  const { node } = field;
  if (node.kind === 'text' && node.value.includes('${{')) return true;
  if (name === 'gpus') return readInteger(reader, field, { least: 0 }) !== undefined;
  if (name === 'cpus') return readCpus(reader, field);
  return readSize(reader, field) !== undefined;
}

/** Bytes, at least one. */
export function readSize(reader: Reader, field: Field): number | undefined {
  const { node, path } = field;
  if (node.kind !== 'text') return refuseShape(reader, field, 'size');
  const { value: text, span: at } = node;
  const bytes = parseSize(text);
  if (bytes !== undefined && bytes > 0) return bytes;
  return refuse(reader, field, { kind: 'bad-quantity', at, path, quantity: 'size', text });
}

/** May be a fraction, but more than nothing. */
function readCpus(reader: Reader, field: Field): boolean {
  const { node, path } = field;
  if (node.kind !== 'scalar' || typeof node.value !== 'number')
    return refuseShape(reader, field, 'number') ?? false;
  const flaw = numberFlaw(node.value, node.source, node.span);
  if (flaw === undefined && node.value >= LEAST_CPUS) return true;
  const range = { least: LEAST_CPUS, most: undefined };
  const { source, span: at } = node;
  refuse(reader, field, flaw ?? { kind: 'number-out-of-range', at, path, source, ...range });
  return false;
}

const LEAST_CPUS = 0.01;

function readTimeout(reader: Reader, field: Field): Spanned<number> | undefined {
  return readDuration(reader, field, 1);
}

/** Milliseconds. */
export function readDuration(
  reader: Reader,
  field: Field,
  least: number,
): Spanned<number> | undefined {
  const { node, path } = field;
  if (node.kind !== 'text') return refuseShape(reader, field, 'duration');
  const value = parseDuration(node.value);
  if (value !== undefined && value >= least) return { value, span: node.span };
  const at = node.span;
  if (node.value.includes('${{'))
    return refuse(reader, field, { kind: 'expression-not-allowed', at, path });
  const text = node.value;
  return refuse(reader, field, {
    kind: 'bad-quantity',
    at,
    path,
    quantity: 'duration',
    text,
  });
}

export const RETRY_KEYS = ['max', 'on', 'backoff', 'memory'] as const;
/** More would hide a step that does not work. */
export const MOST_RETRIES = 100;

function readRetries(reader: Reader, field: Field): RetriesSyntax | undefined {
  const { node } = field;
  const range = { least: 0, most: MOST_RETRIES };
  if (node.kind === 'scalar' && typeof node.value === 'number') {
    const max = readInteger(reader, field, range);
    return max && { max: max.value, on: null, backoffMs: null, span: node.span };
  }
  const fields = readFields(reader, field, RETRY_KEYS, 'retries');
  if (fields === undefined) return undefined;
  const max = fields('max');
  if (max === undefined) {
    return refuseMissing(reader, field, ['max']);
  }
  const most = readInteger(reader, max, range);
  const on = fields('on');
  const causes =
    on && readEach(reader, on, item => readChoice(reader, item, RETRY_CAUSES), 'texts');
  const backoff = fields('backoff');
  const wait = backoff && readDuration(reader, backoff, 0);
  const memory = fields('memory');
  const memoryFactor = memory && readFactor(reader, memory);
  if (most === undefined) return undefined;
  return {
    max: most.value,
    on: causes?.map(cause => cause.value) ?? null,
    backoffMs: wait?.value ?? null,
    ...(memoryFactor !== undefined && { memoryFactor }),
    span: node.span,
  };
}

/** `1.5x` or `1.5`: how much more than before. */
function readFactor(reader: Reader, field: Field): number | undefined {
  const { node } = field;
  const text = node.kind === 'text' ? /^(-?\d*\.?\d+)x$/.exec(node.value)?.[1] : undefined;
  if (node.kind !== 'text' || text === undefined) return readNumber(reader, field, FACTOR)?.value;
  const factor = Number(text);
  if (factor >= FACTOR.least && factor <= FACTOR.most) return factor;
  const { path } = field;
  const { value: source, span: at } = node;
  return refuse(reader, field, { kind: 'number-out-of-range', at, path, source, ...FACTOR });
}

const FACTOR = { least: 1, most: 10 };

/** A literal text, or null where the key is absent. */
export const readDescription = (reader: Reader, fields: Fields): string | null => {
  const field = fields('description');
  return (field === undefined ? undefined : readText(reader, field)?.value) ?? null;
};

/** Labels are for people; nothing reads them. */
export function checkLabels(reader: Reader, fields: Fields): void {
  const field = fields('labels');
  if (field === undefined) return;
  if (field.node.kind === 'list')
    readEach(reader, field, item => readLiteral(reader, item), 'texts');
  else readNamed(reader, field, 'label', entry => readWritten(reader, entry));
}

/**
 * Holds one value against one declaration: type, range, choices, pattern. The same for parameters
 * of pipelines and of steps. Durations become seconds and sizes become bytes, because programs and
 * expressions calculate with them. Unaware of where a value comes from.
 */
import { canonicalJson, type Json } from '../schema/canonical-json.ts';
import type { Span } from '../schema/diagnostic.ts';
import type { ParamDeclaration, ParamType } from '../schema/manifest.ts';
import { projectPath } from './files.ts';
import { repeatedKey } from './json-keys.ts';
import { LIMITS } from './limits.ts';
import { compilePattern } from './pattern.ts';
import type { Problem } from './problems/problem.ts';
import type { WiringProblem } from './problems/wiring.ts';
import type { ValueNode } from './syntax.ts';
import { parseDuration, parseSize, writtenDuration, writtenSize } from './units.ts';

export type Given = {
  readonly name: string;
  readonly value: Json;
  /** As written, where that differs from the value: `1.10` is a version, not 1.1. */
  readonly source?: string | undefined;
  readonly at: Span;
  /** By an expression. */
  readonly computed?: boolean;
};

export type Reading =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly problem: Problem };

type ValueDeclaration = Pick<
  ParamDeclaration,
  'type' | 'min' | 'max' | 'enum' | 'pattern' | 'default'
>;

/** The value as the declaration understands it, or the one thing that is wrong with it. */
export function readValue(declaration: ValueDeclaration, given: Given): Reading {
  // `null` is a value only where the declaration says so by its own default.
  if (given.value === null && declaration.default === null) return { ok: true, value: null };
  const typed = READERS[declaration.type](given);
  if (!typed.ok) return typed;
  const problem = constraint(declaration, given, typed.value);
  return problem === undefined ? typed : { ok: false, problem };
}

/** A text from the environment or the command line, where everything is text. */
export function readText(
  declaration: ValueDeclaration,
  given: { readonly name: string; readonly text: string; readonly at: Span },
): Reading {
  const { name, text, at } = given;
  const { type } = declaration;
  const repeated = isJson(type) && parsedJson(text) !== undefined ? repeatedKey(text) : undefined;
  if (repeated !== undefined) {
    const { name: key, first, second } = repeated;
    const place = ({ start, end }: { readonly start: number; readonly end: number }) =>
      within(given, start, end);
    const problem = { kind: 'duplicate-key', name: key } as const;
    return { ok: false, problem: { ...problem, at: place(second), first: place(first) } };
  }
  const reading = readValue(declaration, { name, value: meaning(type, text), source: text, at });
  if (reading.ok || reading.problem.kind !== 'param-type') return reading;
  const help = isJson(type) ? JSON_HELP[type] : undefined;
  return help === undefined ? reading : { ok: false, problem: { ...reading.problem, help } };
}

const isJson = (type: ParamType): type is 'list' | 'map' => type === 'list' || type === 'map';

/** The place of a part of the text, which may have lines. */
function within(
  { text, at }: { readonly text: string; readonly at: Span },
  from: number,
  to: number,
): Span {
  const before = text.slice(0, from).split('\n');
  const line = at.line + before.length - 1;
  const column = before.length === 1 ? at.column + from : (before.at(-1)?.length ?? 0) + 1;
  return { file: at.file, start: at.start + from, end: at.start + to, line, column };
}

/** A file takes YAML, and these places JSON: few shells leave YAML alone. */
const JSON_HELP = {
  list: 'write it as JSON: `["a", "b"]`, on a command line in single quotes',
  map: 'write it as JSON: `{"key": "value"}`, on a command line in single quotes',
} as const;

/** What a text stands for; a text that does not fit stays one, and is refused as such. */
function meaning(type: ParamType, text: string): Json {
  switch (type) {
    case 'int':
    case 'float':
      return /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : text;
    case 'bool':
      return text === 'true' || text === 'false' ? text === 'true' : text;
    case 'list':
    case 'map':
      return parsedJson(text) ?? text;
    default:
      return text;
  }
}

function parsedJson(text: string): Json | undefined {
  try {
    return JSON.parse(text, (key, value) => {
      if (key === '__proto__') throw new SyntaxError('a name that objects reserve');
      if (typeof value === 'string' && value.includes('\0')) throw new SyntaxError('a NUL');
      return value;
    });
  } catch {
    return undefined; // Not JSON: the caller's message says what is wanted.
  }
}

const good = (value: Json): Reading => ({ ok: true, value });

const wrong = (
  wanted: ParamType,
  { name, at, value, source, computed = false }: Given,
  help?: string,
): Reading => ({
  ok: false,
  problem: {
    kind: 'param-type',
    name,
    at,
    wanted,
    found: foundName(value, source),
    help,
    computed,
  },
});

/** A bare number needs its unit; one that an expression gives is in seconds or bytes already. */
const calculated = (wanted: 'duration' | 'size', given: Given): Reading =>
  given.source === undefined && typeof given.value === 'number' && given.value >= 0
    ? good(given.value)
    : wrong(wanted, given);

const READERS: { readonly [T in ParamType]: (given: Given) => Reading } = {
  int(given) {
    const { value, source, name, at } = given;
    if (typeof value !== 'number' || !Number.isFinite(value)) return wrong('int', given);
    if (!Number.isInteger(value)) return wrong('int', given);
    if (Number.isSafeInteger(value)) return good(value);
    return {
      ok: false,
      problem: { kind: 'param-exactness', name, at, text: source ?? `${value}` },
    };
  },
  float: given =>
    typeof given.value === 'number' && Number.isFinite(given.value)
      ? good(given.value)
      : wrong('float', given),
  bool: given => (typeof given.value === 'boolean' ? good(given.value) : wrong('bool', given)),
  string(given) {
    const { value, source } = given;
    if (typeof value === 'string') return good(value);
    if (typeof value === 'number' || typeof value === 'boolean') return good(source ?? `${value}`);
    return wrong('string', given);
  },
  list: given => (Array.isArray(given.value) ? good(given.value) : wrong('list', given)),
  map: given => (isMap(given.value) ? good(given.value) : wrong('map', given)),
  duration(given) {
    const read = typeof given.value === 'string' ? parseDuration(given.value) : undefined;
    return read === undefined ? calculated('duration', given) : good(read / 1000);
  },
  size(given) {
    const read = typeof given.value === 'string' ? parseSize(given.value) : undefined;
    return read === undefined ? calculated('size', given) : good(read);
  },
  path(given) {
    const { value, at } = given;
    if (typeof value !== 'string' || value === '') return wrong('path', given);
    if (projectPath(value) !== undefined) return good(value);
    const how = value.startsWith('/') ? 'absolute' : 'climbs';
    return {
      ok: false,
      problem: { kind: 'path-outside', path: { value, span: at }, how, use: 'read' },
    };
  },
};

function constraint(
  { type, min, max, enum: allowed, pattern }: ValueDeclaration,
  { name, at, value: given }: Given,
  value: Json,
): WiringProblem | undefined {
  const numeric = typeof value === 'number';
  const unit = UNITS[type] ?? String;
  // In the author's units: seconds and bytes are what programs are given.
  const shown = UNITS[type] === undefined || !numeric ? value : (asGiven(given) ?? unit(value));
  if (numeric && ((min !== undefined && value < min) || (max !== undefined && value > max))) {
    const bounds = [min, max].map(bound => (bound === undefined ? undefined : unit(bound)));
    return { kind: 'param-range', name, at, value: `${shown}`, min: bounds[0], max: bounds[1] };
  }
  if (allowed !== undefined && !allowed.some(one => same(type, one, value))) {
    return { kind: 'param-choice', name, at, value: shown, choices: allowed };
  }
  if (pattern !== undefined && typeof value === 'string' && !matches(pattern, value)) {
    return { kind: 'param-pattern', name, at, value, pattern };
  }
  return undefined;
}

/** A number has no unit: an expression has computed it. */
const asGiven = (value: Json): string | undefined =>
  typeof value === 'string' ? value : undefined;

const UNITS: { readonly [T in ParamType]?: (count: number) => string } = {
  duration: writtenDuration,
  size: writtenSize,
};

/** Choices are written in the author's units: `enum: [1h, 2h]`. */
function same(type: ParamType, allowed: Json, value: Json): boolean {
  const unit = type === 'duration' || type === 'size';
  if (!unit || typeof allowed !== 'string') return canonicalJson(allowed) === canonicalJson(value);
  return (
    (type === 'size' ? parseSize(allowed) : (parseDuration(allowed) ?? Number.NaN) / 1000) === value
  );
}

/** The whole value. A pattern that is none has been reported where it is declared. */
function matches(source: string, value: string): boolean {
  const pattern = compilePattern(source);
  return value.length <= LIMITS.patternLength && (!pattern.ok || pattern.matches(value));
}

/** What a value is, for a message: `the text "abc"`. */
export function foundName(value: Json, source?: string): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string') return `the text ${JSON.stringify(value)}`;
  if (typeof value !== 'number') return `\`${value}\``;
  if (Number.isFinite(value)) return `the number ${value}`;
  return `${source ?? value}, which is too large for one`;
}

export const isMap = (value: Json): value is { readonly [key: string]: Json } =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** What there is to know about the value of a node whose expressions have been computed. */
export const givenBy = (name: string, node: ValueNode, value: Json): Given => ({
  name,
  value,
  source: node.kind === 'scalar' ? node.source : undefined,
  at: node.span,
  computed: node.kind === 'text' && node.value.includes('${{'),
});

/** A node without expressions as plain data. A node's own data only: names are never inherited. */
export function plainValue(node: ValueNode): Json {
  switch (node.kind) {
    case 'text':
    case 'scalar':
      return node.value;
    case 'list':
      return node.items.map(plainValue);
    case 'map':
      return ownRecord([...node.entries].map(([name, { value }]) => [name, plainValue(value)]));
  }
}

/** A record that has nothing but what is put in, even under the name `__proto__`. */
export function ownRecord<T>(entries: Iterable<readonly [string, T]>): Readonly<Record<string, T>> {
  return Object.fromEntries(entries);
}

/** What a record holds under a name, and nothing that all objects have. */
export const ownValue = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

/**
 * The parameters that a step's definition declares, from what `with` gives: unknown ones, missing
 * ones and misfits are reported, defaults filled in. Unaware of commands.
 */

import type { Json } from '../schema/canonical-json.ts';
import type { Late } from '../schema/expression.ts';
import type { ParamDeclaration, ParamType } from '../schema/manifest.ts';
import { inDoubt } from './broken.ts';
import { closest } from './closest.ts';
import { isOneOf } from './expression/check.ts';
import type { Type } from './expression/scope.ts';
import type { Place } from './instance.ts';
import { resultMeaning, type World } from './meaning.ts';
import { paramType } from './meaning-types.ts';
import { givenBy, ownRecord, ownValue, readValue } from './params-value.ts';
import { locate } from './plan-results.ts';
import type { Problem } from './problems/problem.ts';
import type { ResolvedStep } from './resolved.ts';
import type { ValidManifest, ValueNode } from './syntax.ts';
import { nodeValue, type Valued } from './value.ts';

export type GivenParams = {
  readonly values: Readonly<Record<string, Late>>;
  /** Given, and neither empty nor null; a late value counts as set. Undefined where in doubt. */
  readonly isSet: (name: string) => boolean | undefined;
};

const NONE: GivenParams = { values: {}, isSet: () => false };

export function stepParams(place: Place, world: World): GivenParams {
  const { step, frame } = place;
  const { body, syntax } = step;
  const { problems } = world;
  const found = valuesOf(place, world);
  if (body.kind !== 'folder') return NONE;
  const { step: name } = body.manifest.manifest;
  const misspelt = checkNames(step, body.manifest, problems);
  const { broken } = frame.pipeline.syntax;
  const path = `steps.${syntax.id.value}.with`;
  // What was surely meant is not missing as well: one mistake, one diagnostic.
  const isDoubtful = (param: string) => misspelt.has(param) || inDoubt(broken, path, param);
  const { defaults, asked } = outlineOf(step, body.manifest);
  const own: (readonly [string, Late])[] = [];
  const wrong = new Set<string>();
  for (const [param, declaration] of asked) {
    const node = step.with.get(param)?.value;
    if (node !== undefined) {
      const value = found.get(param);
      const late = value && readGiven(param, declaration, node, value, problems);
      if (late === undefined) wrong.add(param);
      else own.push([param, late]);
    } else if (!isDoubtful(param)) {
      const { type } = declaration;
      const at = syntax.id.span;
      const owner = `the step \`${name}\``;
      problems.push({ kind: 'missing-param', name: param, owner, at, type, pipeline: false });
    }
  }
  // What gives nothing of its own has all in common with the others.
  const given = own.length === 0 ? defaults : { ...defaults, ...ownRecord(own) };
  const values = without(given, wrong);
  const isSet = (param: string) => {
    const late = ownValue(values, param);
    if (isDoubtful(param) || (late === undefined && step.with.has(param))) return undefined;
    return late !== undefined && isSetValue(late);
  };
  return { values, isSet };
}

/** How many an instance has, for which none of their values has to be known. */
export function countParams(step: ResolvedStep): number {
  const { body } = step;
  if (body.kind !== 'folder') return 0;
  const { defaults } = outlineOf(step, body.manifest);
  const known = counts.get(defaults) ?? Object.keys(defaults).length;
  counts.set(defaults, known);
  return known;
}

const counts = new WeakMap<object, number>();

/** What is the same for all instances of a step, and for all steps that give nothing. */
type Outline = {
  /** In the order of the declarations; what a step gives has its place among them. */
  readonly defaults: Readonly<Record<string, Late>>;
  /** What a step gives or has to give. */
  readonly asked: readonly (readonly [string, ParamDeclaration])[];
};

const outlines = new WeakMap<object, Outline>();

function outlineOf(step: ResolvedStep, manifest: ValidManifest): Outline {
  const key = step.with.size === 0 ? manifest : step;
  const known = outlines.get(key);
  if (known !== undefined) return known;
  const defaults: (readonly [string, Late])[] = [];
  const asked: (readonly [string, ParamDeclaration])[] = [];
  for (const [param, declaration] of Object.entries(manifest.manifest.params)) {
    const isGiven = step.with.has(param);
    if (isGiven || declaration.default !== undefined) {
      const value = isGiven ? null : defaultValue(param, declaration, step);
      defaults.push([param, { kind: 'known', value }]);
    }
    if (isGiven || (declaration.default === undefined && declaration.required))
      asked.push([param, declaration]);
  }
  const made = { defaults: ownRecord(defaults), asked };
  outlines.set(key, made);
  return made;
}

const without = <T>(record: Readonly<Record<string, T>>, gone: ReadonlySet<string>) =>
  gone.size === 0 ? record : ownRecord(Object.entries(record).filter(([name]) => !gone.has(name)));

const isSetValue = (late: Late): boolean =>
  late.kind === 'late' || (late.value !== null && late.value !== '');

/** Every value of `with`: expressions can be wrong whether or not there is such a parameter. */
function valuesOf(place: Place, world: World): ReadonlyMap<string, Valued | undefined> {
  const { step, frame } = place;
  if (step.with.size === 0 || step.body.kind === 'pipeline') return NO_VALUES;
  const meaning = resultMeaning(place, locate(frame, world), world);
  return new Map(
    [...step.with].map(([name, { value }]) => [name, nodeValue(value, name, meaning)]),
  );
}

const NO_VALUES: ReadonlyMap<string, undefined> = new Map();

/** Reports names that are none of the definition's; gives those that were probably meant. */
function checkNames(
  step: ResolvedStep,
  { manifest, broken }: ValidManifest,
  problems: Problem[],
): ReadonlySet<string> {
  const known = Object.keys(manifest.params);
  const meant = new Set<string>();
  for (const { key } of step.with.values()) {
    if (known.includes(key.value) || broken.has(`params.${key.value}`)) continue;
    const owner = `the step \`${manifest.step}\``;
    const isInput = Object.hasOwn(manifest.in, key.value);
    problems.push({ kind: 'unknown-param', name: key, known, owner, isInput });
    meant.add(closest(key.value, known) ?? '');
  }
  return meant;
}

/** Durations and sizes are written with units in the manifest, too. */
function defaultValue(name: string, declaration: ParamDeclaration, step: ResolvedStep): Json {
  const value = declaration.default ?? null;
  const reading = readValue(declaration, { name, value, at: step.syntax.id.span });
  return reading.ok ? reading.value : value;
}

function readGiven(
  name: string,
  declaration: ParamDeclaration,
  node: ValueNode,
  { late, type }: Valued,
  problems: Problem[],
): Late | undefined {
  const at = node.span;
  if (late.kind === 'late') {
    if (isOneOf(type, accepted(declaration.type, paramType(declaration)))) return late;
    const wanted = declaration.type;
    problems.push({
      kind: 'param-type',
      name,
      at,
      wanted,
      found: `${TYPE_NAMES[type]} known later`,
      computed: true,
    });
    return undefined;
  }
  const reading = readValue(declaration, givenBy(name, node, late.value));
  if (reading.ok) return { kind: 'known', value: reading.value };
  problems.push(reading.problem);
  return undefined;
}

/** A text parameter takes numbers and truth values as they print. */
const accepted = (declared: ParamType, type: Type): readonly Type[] =>
  declared === 'string' ? ['string', 'int', 'float', 'bool'] : [type];

const TYPE_NAMES: Readonly<Record<Type, string>> = {
  int: 'a whole number',
  float: 'a number',
  bool: 'a truth value',
  string: 'a text',
  list: 'a list',
  map: 'a map',
  null: 'nothing',
  unknown: 'a value',
};

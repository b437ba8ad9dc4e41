/**
 * The parameters that a step's definition declares, from what `with` gives: unknown ones, missing
 * ones and misfits are reported, defaults filled in. Unaware of commands.
 */

import type { Json } from '../schema/canonical-json.ts';
import type { Late } from '../schema/expression.ts';
import type { ParamDeclaration, ParamType } from '../schema/manifest.ts';
import { closest } from './closest.ts';
import { isOneOf } from './expression/check.ts';
import type { Type } from './expression/scope.ts';
import type { Place } from './instance.ts';
import { resultMeaning, type World } from './meaning.ts';
import { paramType } from './meaning-types.ts';
import { readValue } from './params-value.ts';
import { locate } from './plan-results.ts';
import type { ValueNode } from './syntax.ts';
import { nodeValue } from './value.ts';

export type GivenParams = {
  readonly values: ReadonlyMap<string, Late>;
  /** Given, and neither empty nor null; a late value counts as set. */
  readonly isSet: (name: string) => boolean;
};

const NONE: GivenParams = { values: new Map(), isSet: () => false };

export function stepParams(place: Place, world: World): GivenParams {
  const { step, frame } = place;
  const { body, syntax } = step;
  if (body.kind !== 'folder') return NONE;
  const { problems } = world;
  const { params: declared, step: name } = body.manifest.manifest;
  const owner = `the step \`${name}\``;
  const known = Object.keys(declared);
  // What was surely meant is not missing as well: one mistake, one diagnostic.
  const misspelt = new Set<string>();
  for (const { key } of step.with.values()) {
    if (known.includes(key.value) || body.manifest.broken.has(`params.${key.value}`)) continue;
    problems.push({ kind: 'unknown-param', name: key, known, owner });
    misspelt.add(closest(key.value, known) ?? '');
  }
  const { broken } = frame.pipeline.syntax;
  const path = `steps.${syntax.id.value}.with`;
  const isBroken = (param: string) => broken.has(path) || broken.has(`${path}.${param}`);
  const values = new Map<string, Late>();
  for (const [param, declaration] of Object.entries(declared)) {
    const node = step.with.get(param)?.value;
    if (node !== undefined) {
      const late = given(param, declaration, node, place, world);
      if (late !== undefined) values.set(param, late);
    } else if (declaration.default !== undefined) {
      values.set(param, { kind: 'known', value: defaultValue(param, declaration, place) });
    } else if (declaration.required && !misspelt.has(param) && !isBroken(param)) {
      const { type } = declaration;
      const at = syntax.id.span;
      problems.push({ kind: 'missing-param', name: param, owner, at, type, pipeline: false });
    }
  }
  return { values, isSet: param => isSetValue(values.get(param)) };
}

const isSetValue = (late: Late | undefined): boolean =>
  late !== undefined && (late.kind === 'late' || (late.value !== null && late.value !== ''));

/** Durations and sizes are written with units in the manifest, too. */
function defaultValue(name: string, declaration: ParamDeclaration, { step }: Place): Json {
  const value = declaration.default ?? null;
  const reading = readValue(declaration, { name, value, at: step.syntax.id.span });
  return reading.ok ? reading.value : value;
}

function given(
  name: string,
  declaration: ParamDeclaration,
  node: ValueNode,
  place: Place,
  world: World,
): Late | undefined {
  const { problems } = world;
  const found = nodeValue(node, name, resultMeaning(place, locate(place.frame, world), world));
  if (found === undefined) return undefined;
  const { late, type } = found;
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
    });
    return undefined;
  }
  const source = node.kind === 'scalar' ? node.source : undefined;
  const reading = readValue(declaration, { name, value: late.value, source, at });
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

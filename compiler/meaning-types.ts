/**
 * The types of the names that a pipeline's author declares. What was written but not understood is
 * of unknown type rather than absent: its mistake is reported, and using it is not a second one.
 * Unaware of values.
 */
import type { ParamDeclaration, ParamType } from '../schema/manifest.ts';
import { leftOut, namesLeftOut } from './broken.ts';
import { GIT_NAMES, type Scope, type Type } from './expression/scope.ts';
import type { ResolvedPipeline } from './resolved.ts';
import type { Broken, Entries, StepSyntax, ValidPipeline, ValueNode } from './syntax.ts';
import { jsonType } from './value.ts';

type Types = ReadonlyMap<string, Type>;

const shared = new WeakMap<ResolvedPipeline, Scope['roots']>();

/** What every step of a pipeline can name. */
export function sharedTypes(pipeline: ResolvedPipeline): Scope['roots'] {
  const known = shared.get(pipeline);
  if (known !== undefined) return known;
  const { env, broken } = pipeline.syntax;
  const roots = {
    params: paramTypes(pipeline),
    env: textTypes(env, broken, 'env'),
    git: GIT_NAMES,
  };
  shared.set(pipeline, roots);
  return roots;
}

export const paramTypes = ({ syntax: { params, broken } }: ResolvedPipeline): Types =>
  withBroken(
    [...params].map(([name, { value }]) => [name, paramType(value.declaration)] as const),
    broken,
    'params',
  );

export const textTypes = (
  names: ReadonlyMap<string, unknown>,
  broken: Broken,
  path: string,
): Types =>
  withBroken(
    [...names.keys()].map(name => [name, 'string'] as const),
    broken,
    path,
  );

/** Adds what was left out below a path of the document; all names are known where all of it was. */
function withBroken(
  types: readonly (readonly [string, Type])[],
  broken: Broken,
  path: string,
): Types {
  const all = new Map<string, Type>(types);
  if (broken.size === 0) return all;
  if (broken.has(path)) return new AnyName(all);
  for (const name of namesLeftOut(broken, path)) all.set(name, 'unknown');
  return all;
}

/** Knows every name, of most nothing but that. */
class AnyName extends Map<string, Type> {
  override get(name: string): Type {
    return super.get(name) ?? 'unknown';
  }
}

/** A step's environment over that of its pipeline, looked up in both: copied, either may be long. */
export const layered = (own: ReadonlyMap<string, unknown>, below: Types | undefined): Types =>
  new Layered(own, below ?? new Map());

class Layered extends Map<string, Type> {
  readonly #below: Types;

  constructor(own: ReadonlyMap<string, unknown>, below: Types) {
    super([...own.keys()].map(name => [name, 'string']));
    this.#below = below;
  }

  override get(name: string): Type | undefined {
    return super.get(name) ?? this.#below.get(name);
  }

  override *keys(): MapIterator<string> {
    yield* super.keys();
    for (const name of this.#below.keys()) if (!this.has(name)) yield name;
  }
}

/** Durations are seconds and sizes bytes. What may be null may be anything. */
export const paramType = ({ type, default: value }: ParamDeclaration): Type =>
  value === null ? 'unknown' : VALUE_TYPES[type];

const VALUE_TYPES: Readonly<Record<ParamType, Type>> = {
  int: 'int',
  float: 'float',
  bool: 'bool',
  string: 'string',
  list: 'list',
  map: 'map',
  duration: 'float',
  size: 'int',
  path: 'string',
};

/** Axes and what `include` adds; mixed or computed values are of unknown type. Nothing without a matrix. */
export function matrixTypes(
  { id, matrix }: StepSyntax,
  { broken }: ValidPipeline,
): Pick<Scope['roots'], 'matrix'> {
  const types = new Map<string, Type>();
  for (const [name, node] of matrix === null ? [] : axisValues(matrix)) {
    const type = node === undefined ? 'unknown' : nodeType(node);
    const before = types.get(name);
    types.set(name, before === undefined || before === type ? type : 'unknown');
  }
  const path = `steps.${id.value}.matrix`;
  // Any name may have stood in a combination that could not be read.
  if (leftOut(broken, `${path}.include`)) return { matrix: new AnyName(types) };
  const all = withBroken([...types], broken, path);
  return all.size === 0 && !broken.has(path) ? {} : { matrix: all };
}

/** Every value that is written for an axis; undefined for values that are computed. */
function axisValues(
  matrix: Entries<ValueNode>,
): readonly (readonly [string, ValueNode | undefined])[] {
  return [...matrix].flatMap(([name, { value }]) => {
    const items = value.kind === 'list' ? value.items : [undefined];
    if (name === 'exclude') return [];
    if (name !== 'include')
      return items.length === 0 ? [[name, undefined]] : items.map(item => [name, item] as const);
    return items.flatMap(item => (item?.kind === 'map' ? entriesOf(item.entries) : []));
  });
}

const entriesOf = (entries: Entries<ValueNode>) =>
  [...entries].map(([name, { value }]) => [name, value] as const);

function nodeType(node: ValueNode): Type {
  if (node.kind === 'scalar') return jsonType(node.value);
  if (node.kind === 'text') return node.value.includes('${{') ? 'unknown' : 'string';
  return node.kind;
}

/**
 * The combinations of a matrix: axes multiplied, `exclude` taken away, then `include` laid over or
 * added, as in GitHub Actions. Sizes are checked before anything is multiplied. Unaware of steps.
 */
import { canonicalJson, type Json } from '../schema/canonical-json.ts';
import type { MatrixValues } from './expand-address.ts';
import { foundName, isMap, plainValue } from './params-value.ts';
import type { Problem } from './problems/problem.ts';
import type { StepSyntax, ValueNode } from './syntax.ts';

type Axis = { readonly name: string; readonly values: readonly Json[] };
type Combination = Map<string, Json>;

export type Matrix = {
  readonly step: StepSyntax;
  readonly entries: NonNullable<StepSyntax['matrix']>;
  /** A node's value; undefined when something is wrong with it, which is then reported. */
  readonly value: (node: ValueNode, name: string) => Json | undefined;
  /** Instances that may still be made. */
  readonly room: number;
  readonly limit: number;
  readonly problems: Problem[];
};

/** The combinations in order, the last axis fastest; undefined when there is a problem. */
export function combinations(matrix: Matrix): readonly MatrixValues[] | undefined {
  const axes = axesOf(matrix);
  if (axes === undefined) return undefined;
  const size = axes.reduce(
    (product, axis) => product * axis.values.length,
    axes.length > 0 ? 1 : 0,
  );
  const include = listed(matrix, 'include');
  const exclude = listed(matrix, 'exclude');
  if (include === undefined || exclude === undefined) return undefined;
  if (size + include.length > matrix.room) {
    const { step, limit, problems } = matrix;
    const at = step.matrix?.values().next().value?.key.span ?? step.id.span;
    const sizes = axes.map(axis => ({ name: axis.name, size: axis.values.length }));
    const all = size + include.length;
    problems.push({
      kind: 'matrix-too-large',
      step: step.id.value,
      at,
      size: all,
      axes: sizes,
      limit,
    });
    return undefined;
  }
  const made = laidOver(without(multiplied(axes), exclude), include, axes);
  if (made.length > 0) return made;
  const { id } = matrix.step;
  const excluded = axes.length > 0;
  matrix.problems.push({ kind: 'matrix-empty', step: id.value, at: id.span, excluded });
  return undefined;
}

function axesOf({ entries, value, problems }: Matrix): readonly Axis[] | undefined {
  const axes: Axis[] = [];
  let sound = true;
  for (const [name, { key, value: node }] of entries) {
    if (name === 'include' || name === 'exclude') continue;
    const values = value(node, name);
    const at = node.span;
    if (values !== undefined && isList(values) && values.length > 0 && !values.some(isList)) {
      axes.push({ name, values });
      continue;
    }
    sound = false;
    if (values === undefined) continue;
    if (!isList(values))
      problems.push({ kind: 'axis-not-a-list', axis: name, at, found: foundName(values) });
    else if (values.length === 0) problems.push({ kind: 'axis-empty', axis: name, at: key.span });
    else problems.push({ kind: 'axis-value', axis: name, at });
  }
  return sound ? axes : undefined;
}

/** Entries of `include` or `exclude`, each a map from axes to values. */
function listed(
  { entries, value, problems }: Matrix,
  key: 'include' | 'exclude',
): readonly Combination[] | undefined {
  const node = entries.get(key)?.value;
  if (node === undefined) return [];
  if (key === 'exclude') checkAxes(node, entries, problems);
  const values = value(node, key);
  if (values === undefined || !isList(values)) return undefined;
  return values.flatMap(one => (isMap(one) ? [new Map(Object.entries(one))] : []));
}

function checkAxes(node: ValueNode, entries: Matrix['entries'], problems: Problem[]): void {
  const known = [...entries.keys()].filter(name => name !== 'include' && name !== 'exclude');
  // Without any axis it is the axes that are missing.
  if (known.length === 0) return;
  const written = new Map<string, WrittenAxis | undefined>();
  const writtenAxis = (name: string, axis: ValueNode) => {
    if (!written.has(name)) written.set(name, writtenValues(axis));
    return written.get(name);
  };
  for (const item of node.kind === 'list' ? node.items : []) {
    if (item.kind !== 'map') continue;
    for (const { key, value } of item.entries.values()) {
      const axis = entries.get(key.value)?.value;
      if (axis === undefined || !known.includes(key.value))
        problems.push({ kind: 'unknown-exclude-axis', name: key, known });
      else checkExcluded(key.value, value, writtenAxis(key.value, axis), problems);
    }
  }
}

type WrittenAxis = { readonly values: readonly Json[]; readonly texts: ReadonlySet<string> };

/** Looked up by each of thousands of entries; undefined where some of it is computed. */
function writtenValues(axis: ValueNode): WrittenAxis | undefined {
  if (axis.kind !== 'list' || !isWritten(axis)) return undefined;
  const values = axis.items.map(plainValue);
  return { values, texts: new Set(values.map(canonicalJson)) };
}

/** What is computed may well have it another time; what is written will not. */
function checkExcluded(
  axis: string,
  value: ValueNode,
  of: WrittenAxis | undefined,
  problems: Problem[],
): void {
  if (of === undefined || !isWritten(value)) return;
  const excluded = plainValue(value);
  if (of.texts.has(canonicalJson(excluded))) return;
  const { values } = of;
  problems.push({ kind: 'unknown-exclude-value', axis, at: value.span, excluded, values });
}

function isWritten(node: ValueNode): boolean {
  if (node.kind === 'text') return !node.value.includes('${{');
  if (node.kind === 'scalar') return true;
  const parts = node.kind === 'list' ? node.items : [...node.entries.values()].map(e => e.value);
  return parts.every(isWritten);
}

function multiplied(axes: readonly Axis[]): Combination[] {
  if (axes.length === 0) return [];
  let made: (readonly (readonly [string, Json])[])[] = [[]];
  for (const { name, values } of axes) {
    made = made.flatMap(one => values.map(value => [...one, [name, value] as const]));
  }
  return made.map(entries => new Map(entries));
}

/** Combinations grouped by what they say at some axes, so that long lists are matched in one pass. */
function groupedBy(made: readonly Combination[], axes: readonly string[]) {
  return Map.groupBy(made, one => keyOf(one, axes));
}

const keyOf = (one: Combination, axes: readonly string[]): string =>
  canonicalJson(axes.map(axis => one.get(axis) ?? null));

function without(made: Combination[], exclude: readonly Combination[]): Combination[] {
  const byAxes = Map.groupBy(exclude, entry => canonicalJson([...entry.keys()]));
  let left = made;
  for (const entries of byAxes.values()) {
    const axes = [...(entries[0]?.keys() ?? [])];
    const gone = new Set(entries.map(entry => keyOf(entry, axes)));
    left = left.filter(one => !axes.every(axis => one.has(axis)) || !gone.has(keyOf(one, axes)));
  }
  return left;
}

/** An entry that agrees with combinations on their own axes extends them; any other is a new one. */
function laidOver(
  made: Combination[],
  include: readonly Combination[],
  axes: readonly Axis[],
): readonly Combination[] {
  const groups = new Map<string, ReturnType<typeof groupedBy>>();
  const added: Combination[] = [];
  for (const entry of include) {
    const shared = axes.map(axis => axis.name).filter(name => entry.has(name));
    const by = shared.join('\0');
    const grouped = groups.get(by) ?? groupedBy(made, shared);
    groups.set(by, grouped);
    const agreeing = grouped.get(keyOf(entry, shared));
    if (agreeing === undefined) added.push(inOrder(entry, shared));
    else for (const one of agreeing) for (const [name, value] of entry) one.set(name, value);
  }
  return [...made, ...added];
}

/** Axes first, as in every other address. */
const inOrder = (entry: Combination, shared: readonly string[]): Combination =>
  new Map([...shared.map(name => [name, entry.get(name) ?? null] as const), ...entry]);

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

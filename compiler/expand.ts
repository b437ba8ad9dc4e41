/**
 * Makes instances out of steps: one for each combination of a matrix, and the steps of a pipeline in
 * place of the step that uses it. Every instance gets its address here. Unaware of wires.
 */
import { stepId } from '../schema/id.ts';
import { inDoubt, leftOut } from './broken.ts';
import { addressSuffix, type MatrixValues } from './expand-address.ts';
import { combinations } from './expand-matrix.ts';
import type { Expansion, Frame, Group, Instance, Member, Place } from './instance.ts';
import { matrixMeaning, memberMeaning, type World } from './meaning.ts';
import { ADDRESS_BYTES, tooMuchMemory } from './memory.ts';
import { type Offer, type Params, settleParams } from './params.ts';
import { givenBy, readValue } from './params-value.ts';
import type { Problem } from './problems/problem.ts';
import type { ResolvedPipeline, ResolvedStep } from './resolved.ts';
import type { Spanned, ValueNode } from './syntax.ts';
import { nodeValue } from './value.ts';

type Work = World & {
  readonly instances: Instance[];
  readonly groups: Group[];
  readonly addresses: Set<string>;
  /** Instances that there may be. */
  readonly limit: number;
  /** Set once the limit is reached and reported: nothing more is made. */
  full: boolean;
};

/** `limit`: instances that there may be. */
export function expand(
  pipeline: ResolvedPipeline,
  params: Params,
  world: World,
  limit: number,
): Expansion {
  const work: Work = {
    ...world,
    instances: [],
    groups: [],
    addresses: new Set(),
    limit,
    full: false,
  };
  const top = { pipeline, params, prefix: '', namePrefix: '', outer: undefined };
  const root: Frame = { ...top, groups: new Map() };
  fill(root, work);
  const { instances, groups, full } = work;
  return { root, instances, groups, cut: full };
}

function fill(frame: Frame, work: Work): void {
  for (const [name, step] of frame.pipeline.steps) {
    if (work.full || work.enough()) return;
    const values = matrixOf(frame, step, work);
    const members: Member[] = [];
    const group = { frame, step, axes: values && axesOf(step, values), members };
    // Nothing leads to a step whose instances nobody knows; one stands for all of them.
    if (values !== undefined) frame.groups.set(name, group);
    work.groups.push(group);
    for (const matrix of values ?? [undefined]) {
      const member = memberOf(frame, step, matrix, work);
      if (member !== undefined) members.push(member);
    }
  }
}

function memberOf(
  frame: Frame,
  step: ResolvedStep,
  matrix: MatrixValues | undefined,
  work: Work,
): Member | undefined {
  const { id: written, matrix: syntax } = step.syntax;
  const { addresses, limit, problems } = work;
  const suffix = syntax === null || matrix === undefined ? '' : addressSuffix(matrix);
  const id = stepId(`${frame.prefix}${written.value}${suffix}`);
  if (work.full) return undefined;
  if (addresses.has(id)) {
    const at = syntax?.values().next().value?.key.span ?? written.span;
    problems.push({ kind: 'duplicate-instance', address: id, at });
    return undefined;
  }
  if (addresses.size >= limit) {
    work.full = true;
    // It may stand for a matrix that is wrong, perhaps for being too large itself.
    if (syntax === null || matrix !== undefined) problems.push(oneTooMany(written, limit));
    return undefined;
  }
  addresses.add(id);
  work.memory.left -= id.length * ADDRESS_BYTES;
  if (work.memory.left < 0) {
    work.full = true;
    problems.push(tooMuchMemory(step, work.memory));
    return undefined;
  }
  const place: Place = { frame, step, matrix, id, name: `${frame.namePrefix}${written.value}` };
  if (step.body.kind === 'pipeline') return nested(place, step.body.pipeline, work);
  const instance: Instance = { ...place, kind: 'instance', index: work.instances.length };
  work.instances.push(instance);
  return instance;
}

const oneTooMany = ({ value: step, span: at }: Spanned<string>, limit: number): Problem => ({
  kind: 'matrix-too-large',
  step,
  at,
  size: limit + 1,
  axes: undefined,
  limit,
});

function nested(place: Place, pipeline: ResolvedPipeline, work: Work): Member {
  const inner: Frame = {
    pipeline,
    params: nestedParams(place, pipeline, work),
    prefix: `${place.id}/`,
    namePrefix: `${place.name}/`,
    outer: place,
    groups: new Map(),
  };
  fill(inner, work);
  return { ...place, kind: 'pipeline', inner };
}

/** A nested pipeline takes its parameters from the `with` of the step that uses it. */
function nestedParams(place: Place, { syntax }: ResolvedPipeline, work: Work): Params {
  const { step, frame } = place;
  const meaning = memberMeaning(place, work);
  const offers = [...step.with].map(([name, { key, value: node }]): Offer => {
    const late = nodeValue(node, name, meaning)?.late;
    const at = node.span;
    const origin = frame.pipeline.syntax.file;
    const read: Offer['read'] = declared =>
      late?.kind === 'known' ? readValue(declared, givenBy(name, node, late.value)) : undefined;
    return { name: key, origin, at, read };
  });
  const { broken } = frame.pipeline.syntax;
  const { value: id, span: user } = step.syntax.id;
  const leftOutOf = (name: string) => inDoubt(broken, `steps.${id}.with`, name);
  return settleParams(syntax, { given: offers, user, leftOut: leftOutOf }, work.problems);
}

/** Undefined where something is wrong with it, which is reported. */
function matrixOf(
  frame: Frame,
  step: ResolvedStep,
  work: Work,
): readonly MatrixValues[] | undefined {
  const { syntax } = step;
  const { matrix: entries } = syntax;
  const value = (node: ValueNode, name: string) => {
    const given = nodeValue(node, name, matrixMeaning(frame, step, work));
    return given?.late.kind === 'known' ? given.late.value : undefined;
  };
  const { broken } = frame.pipeline.syntax;
  const path = `steps.${syntax.id.value}`;
  const unread = step.body.kind === 'broken' && broken.has(path);
  if (unread || leftOut(broken, `${path}.matrix`)) {
    // Half a matrix would name other instances than were meant; its expressions are checked.
    for (const [name, entry] of entries ?? []) value(entry.value, name);
    return undefined;
  }
  if (entries === null) return [NO_MATRIX];
  return combinations({
    step: syntax,
    entries,
    value,
    room: work.limit - work.addresses.size,
    limit: work.limit,
    problems: work.problems,
  });
}

const NO_MATRIX: MatrixValues = new Map();

/** A combination of `include` may have names of its own: they are axes as well. */
function axesOf(
  step: ResolvedStep,
  values: readonly MatrixValues[],
): readonly string[] | undefined {
  if (step.syntax.matrix === null) return undefined;
  const axes = new Set<string>();
  for (const matrix of values) for (const axis of matrix.keys()) axes.add(axis);
  return [...axes];
}

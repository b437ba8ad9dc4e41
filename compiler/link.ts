/**
 * Connects instances: every value of `in`, every result that an expression reads and every `needs`
 * becomes a link to other instances. Names are checked here; whether what flows fits is
 * link-types.ts's question. Unaware of types and values.
 */

import type { Span } from '../schema/diagnostic.ts';
import type { Expansion, Frame, Group, Instance, Member, Place } from './instance.ts';
import { namesOf } from './known-names.ts';
import { LIMITS } from './limits.ts';
import { type ResultName, resultNames } from './link-names.ts';
import { type End, follow, frameOutput, type Source } from './link-source.ts';
import { memberMeaning, type World } from './meaning.ts';
import { SOURCE_BYTES, tooMuchMemory, WIRE_BYTES } from './memory.ts';
import { inputPorts, stepResults } from './ports.ts';
import type { ResolvedStep } from './resolved.ts';
import type { Spanned, Text } from './syntax.ts';
import { templateOf, textValue } from './value.ts';

/** All that flows into one port of an instance. Instances that differ in nothing share it. */
export type Wire = {
  readonly port: Spanned<string>;
  /** Wired as several, however many there happen to be. */
  readonly many: boolean;
  readonly sources: readonly Source[];
  /** Something about it is wrong, and reported. */
  readonly broken: boolean;
};

/** An edge that carries no artifact: `needs`, or a result that an expression reads. */
type Edge = { readonly to: Instance; readonly at: Span };

export type Linked = {
  readonly instance: Instance;
  readonly wires: readonly Wire[];
  readonly edges: readonly Edge[];
  /** Indices of the instances at the other ends; sorted, each once. */
  readonly needs: readonly number[];
};

/** Undefined when there are more links than a plan can hold, which is then reported. */
export function link({ groups }: Expansion, world: World): readonly Linked[] | undefined {
  const linked: Linked[] = [];
  const work: Work = { ...world, room: LIMITS.links };
  for (const group of groups) {
    if (world.enough()) break;
    checkPorts(group.step, world);
    const edges = groupEdges(group, work);
    const shared = new Map<Items, Wire>();
    for (const member of group.members) {
      if (member.kind !== 'instance') continue;
      const wires = wiresOf(member, shared, work);
      const needs = needsOf(wires, edges);
      work.room -= needs.length;
      if (work.room < 0) return tooMany(member, world);
      if (work.memory.left < 0) {
        work.problems.push(tooMuchMemory(group.step, work.memory));
        return undefined;
      }
      linked.push({ instance: member, wires, edges, needs });
    }
  }
  for (const frame of new Set(groups.map(group => group.frame))) {
    for (const name of frame.pipeline.syntax.outputs.keys()) frameOutput(frame, name, world);
  }
  return linked.sort((a, b) => a.instance.index - b.instance.index);
}

/** `room`: links that may still be made; below zero nothing is followed any more. */
type Work = World & { room: number };

function tooMany({ step }: Instance, { problems }: World): undefined {
  const { id } = step.syntax;
  const limit = LIMITS.links;
  problems.push({ kind: 'plan-too-large', step: id.value, at: id.span, of: 'links', limit });
}

/** The ports of `in` against those of the definition. */
function checkPorts(step: ResolvedStep, { problems }: World): void {
  const declared = inputPorts(step);
  if (declared === undefined) return;
  const name = step.syntax.id.value;
  for (const { key } of step.syntax.in.values()) {
    if (Object.hasOwn(declared, key.value) || isLeftOut(step, key.value)) continue;
    const known = Object.keys(declared);
    const isParam =
      step.body.kind === 'folder' && Object.hasOwn(step.body.manifest.manifest.params, key.value);
    problems.push({ kind: 'unknown-input', step: name, port: key, known, isParam });
  }
}

const isLeftOut = ({ body }: ResolvedStep, port: string): boolean =>
  body.kind === 'folder' &&
  (body.manifest.broken.has('in') || body.manifest.broken.has(`in.${port}`));

type Items = readonly Text[];

/** Instances that differ in nothing share their wires, so that a fan-in of thousands is kept once. */
function wiresOf(instance: Instance, shared: Map<Items, Wire>, work: Work): readonly Wire[] {
  const wires: Wire[] = [];
  for (const { key, value } of instance.step.syntax.in.values()) {
    const known = shared.get(value.items);
    if (known !== undefined) {
      wires.push(known);
      continue;
    }
    const ends = value.items.map(text => endOf(text, instance, work));
    const wire: Wire = {
      port: key,
      many: value.many || ends.some(end => end.many),
      sources: ends.flatMap(end => end.sources),
      broken: ends.some(end => end.broken),
    };
    work.memory.left -= WIRE_BYTES;
    if (!value.items.some(text => text.value.includes('${{'))) shared.set(value.items, wire);
    wires.push(wire);
  }
  return wires;
}

function endOf(text: Text, instance: Instance, work: Work): End {
  if (work.room < 0 || work.memory.left < 0 || work.enough())
    return { sources: [], many: false, broken: true };
  const end = writtenEnd(text, instance, work);
  work.room -= end.sources.length;
  work.memory.left -= end.sources.length * SOURCE_BYTES;
  return end;
}

/** `${{ split.train }}`: no value, but the wire of that name. */
const WRAPPED = /^\$\{\{\s*([\w-]+)\.[\w-]+\s*\}\}$/;

function writtenEnd(text: Text, instance: Instance, world: World): End {
  const wrapped = WRAPPED.exec(text.value)?.[1];
  if (wrapped !== undefined && instance.frame.pipeline.steps.has(wrapped))
    return follow(text, instance.frame, `step \`${instance.step.syntax.id.value}\``, world);
  const value = textValue(text, 'text', memberMeaning(instance, world))?.late;
  if (value?.kind !== 'known') return { sources: [], many: false, broken: true };
  const fixed = templateOf(text, world.problems).parts.every(part => part.kind === 'text');
  const written = fixed
    ? text
    : { value: String(value.value), span: text.span, part: () => text.span };
  return follow(written, instance.frame, `step \`${instance.step.syntax.id.value}\``, world);
}

/** What all instances of a step need without data, and what the pipelines around it do. */
function groupEdges({ frame, step }: Pick<Group, 'frame' | 'step'>, work: Work): readonly Edge[] {
  const { problems } = work;
  const edges: Edge[] = [];
  const from = `step \`${step.syntax.id.value}\``;
  const add = (more: readonly Edge[]) => {
    work.room -= more.length;
    if (work.room >= 0) for (const edge of more) edges.push(edge);
  };
  for (const name of step.syntax.needs) {
    const group = frame.groups.get(name.value);
    if (group !== undefined) add(instancesOf(group, name.span));
    else if (!isBroken(frame, name.value)) {
      const known = namesOf(frame.pipeline.steps);
      problems.push({ kind: 'unknown-step', from, name, known });
    }
  }
  for (const name of resultNames(step, problems)) {
    // What is wrong with these names, the check of the expression says.
    const group = frame.groups.get(name.value);
    if (group !== undefined && group.axes === undefined) {
      add(readFrom(group, name, work));
    }
  }
  return frame.outer === undefined ? edges : [...edges, ...outerEdges(frame.outer, work)];
}

const outerEdgesBy = new WeakMap<Place, readonly Edge[]>();

/** A nested pipeline waits for what the step that uses it waits for. */
function outerEdges(outer: Place, work: Work): readonly Edge[] {
  const known = outerEdgesBy.get(outer);
  if (known !== undefined) return known;
  const { frame, step } = outer;
  const edges = groupEdges({ frame, step }, work);
  outerEdgesBy.set(outer, edges);
  return edges;
}

/** An output of a nested pipeline is some one step's; only that one has to be waited for. */
function readFrom(group: Group, { span: at, port }: ResultName, world: World): readonly Edge[] {
  const results = stepResults(group.step);
  if (results.kind === 'ports' && port !== undefined && !results.ports.has(port)) return [];
  const [member] = group.members;
  if (member?.kind !== 'pipeline' || port === undefined) return instancesOf(group, at);
  const { sources } = frameOutput(member.inner, port, world);
  return sources.flatMap(source => (source.kind === 'output' ? [{ to: source.from, at }] : []));
}

/** Every instance that a step became, those of a pipeline in its place included. */
function instancesOf(group: Group, at: Span): readonly Edge[] {
  const edges: Edge[] = [];
  const open: Member[] = [...group.members].reverse();
  for (let member = open.pop(); member !== undefined; member = open.pop()) {
    if (member.kind === 'instance') edges.push({ to: member, at });
    else
      for (const inner of member.inner.groups.values())
        for (const one of inner.members) open.push(one);
  }
  return edges;
}

export const isBroken = ({ pipeline: { syntax, steps } }: Frame, name: string): boolean =>
  steps.has(name) || syntax.broken.has(`steps.${name}`) || syntax.broken.has('steps');

function needsOf(wires: readonly Wire[], edges: readonly Edge[]): readonly number[] {
  const needs = new Set<number>();
  for (const { sources } of wires) {
    for (const source of sources) if (source.kind === 'output') needs.add(source.from.index);
  }
  for (const { to } of edges) needs.add(to.index);
  return [...needs].sort((a, b) => a - b);
}

/** Where the author wrote that one instance needs another. */
export function placeOfNeed({ wires, edges, instance }: Linked, need: Instance): Span {
  for (const { sources } of wires) {
    for (const source of sources) {
      if (source.kind === 'output' && source.from === need) return source.reference.span;
    }
  }
  return edges.find(edge => edge.to === need)?.at ?? instance.step.syntax.id.span;
}

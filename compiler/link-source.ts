/**
 * Follows one value of `in` to where it comes from: outputs of instances, through the `outputs` of
 * nested pipelines, or a path of the project. Unaware of what it flows into.
 */

import { namesLeftOut } from './broken.ts';
import type { Frame, Group, Instance, Member } from './instance.ts';
import { namesOf } from './known-names.ts';
import { type Reference, readReference, type Written } from './link-reference.ts';
import { select } from './link-select.ts';
import type { World } from './meaning.ts';
import { outputPorts } from './ports.ts';
import type { Problem } from './problems/problem.ts';
import type { ResolvedStep } from './resolved.ts';
import type { Spanned } from './syntax.ts';

/** One thing that flows into a port. */
export type Source =
  | {
      readonly kind: 'output';
      readonly from: Instance;
      /** Undefined where the author named the step alone: the one that fits is meant. */
      readonly port: string | undefined;
      readonly reference: Spanned<string>;
    }
  | { readonly kind: 'project'; readonly path: Spanned<string> };

export type End = {
  readonly sources: readonly Source[];
  /** The author speaks of several, however many there happen to be. */
  readonly many: boolean;
  /** Something is wrong, and reported. */
  readonly broken: boolean;
};

const BROKEN: End = { sources: [], many: false, broken: true };

export function follow(written: Written, frame: Frame, from: string, world: World): End {
  const read = readReference(written);
  if (!read.ok) {
    const [inside] = written.value.split('/');
    const looksInside =
      inside !== undefined && frame.pipeline.steps.get(inside)?.body.kind === 'pipeline';
    world.problems.push(looksInside ? { ...read.problem, inside } : read.problem);
    return BROKEN;
  }
  const { reference } = read;
  if (reference.kind === 'path') {
    return { sources: [{ kind: 'project', path: reference.path }], many: false, broken: false };
  }
  return outputs(reference, { value: written.value, span: written.span }, frame, from, world);
}

function outputs(
  reference: Extract<Reference, { readonly kind: 'output' }>,
  written: Spanned<string>,
  frame: Frame,
  from: string,
  world: World,
): End {
  const { problems } = world;
  const { step: name, port } = reference;
  const group = frame.groups.get(name.value);
  if (group === undefined) {
    const { steps, syntax } = frame.pipeline;
    const reported = [`steps.${name.value}`, 'steps'].some(path => syntax.broken.has(path));
    if (!reported && !steps.has(name.value)) {
      problems.push({ kind: 'unknown-step', from, name, known: namesOf(steps) });
    }
    return BROKEN;
  }
  const selected = select(reference, group);
  if (!selected.ok) {
    problems.push(selected.problem);
    return BROKEN;
  }
  if (group.step.body.kind === 'broken') return BROKEN;
  if (port !== undefined && !hasPort(group, port.value)) {
    problems.push(unknownOutput(name.value, port, group));
    return BROKEN;
  }
  const ends = selected.members.map(member => memberEnd(member, port, written, name, world));
  return {
    sources: ends.flatMap(end => end.sources),
    many: selected.many,
    broken: ends.some(end => end.broken),
  };
}

function unknownOutput(step: string, port: Spanned<string>, group: Group): Problem {
  const { broken, key } = declarations(group);
  const names = portNames(group.step);
  const doubtful = [...namesLeftOut(broken, key)];
  // Not copied without need: thousands of wrong wires may lead to one step.
  const known = doubtful.length === 0 ? names : [...names, ...doubtful];
  const { body } = group.step;
  const pipeline = body.kind === 'pipeline' ? body.file : undefined;
  return { kind: 'unknown-output', step, port, known, pipeline };
}

function memberEnd(
  member: Member,
  port: Spanned<string> | undefined,
  reference: Spanned<string>,
  name: Spanned<string>,
  world: World,
): End {
  if (member.kind === 'instance') {
    const source: Source = { kind: 'output', from: member, port: port?.value, reference };
    return { sources: [source], many: false, broken: false };
  }
  const { inner } = member;
  const names = namesOf(inner.pipeline.syntax.outputs);
  const chosen = port?.value ?? (names.length === 1 ? names[0] : undefined);
  if (chosen === undefined) {
    world.problems.push({
      kind: 'which-output',
      step: name,
      wanted: undefined,
      outputs: names,
      fitting: names,
    });
    return BROKEN;
  }
  const end = frameOutput(inner, chosen, world);
  // Seen from outside, the place is where the outer author wrote the reference.
  const sources = end.sources.map(source =>
    source.kind === 'output' ? { ...source, reference } : source,
  );
  return { ...end, sources };
}

const frameOutputs = new WeakMap<Frame, Map<string, End>>();

/** What a pipeline hands out under a name of its `outputs`: one artifact. */
export function frameOutput(frame: Frame, name: string, world: World): End {
  const known = frameOutputs.get(frame) ?? new Map<string, End>();
  frameOutputs.set(frame, known);
  const found = known.get(name);
  if (found !== undefined) return found;
  // Kept while it is followed, so that outputs which lead to each other end here.
  known.set(name, BROKEN);
  const end = outputEnd(frame, name, world);
  known.set(name, end);
  return end;
}

function outputEnd(frame: Frame, name: string, world: World): End {
  const text = frame.pipeline.syntax.outputs.get(name)?.value;
  const end = text === undefined ? BROKEN : follow(text, frame, `output \`${name}\``, world);
  if (text === undefined || end.broken) return BROKEN;
  const at = text.span;
  const [source, ...others] = end.sources;
  if (source?.kind === 'project') {
    world.problems.push({ kind: 'outputs-of-path', name, at });
    return BROKEN;
  }
  if (source?.kind !== 'output' || end.many || others.length > 0) {
    const step = text.value.split(/[.[]/)[0] ?? '';
    world.problems.push({ kind: 'outputs-of-instance', name, at, step });
    return BROKEN;
  }
  if (source.port !== undefined) return end;
  const outputs = portNames(source.from.step);
  const [port, ...more] = outputs;
  if (port !== undefined && more.length === 0) return { ...end, sources: [{ ...source, port }] };
  const step = { value: source.reference.value, span: at };
  world.problems.push({ kind: 'which-output', step, wanted: undefined, outputs, fitting: outputs });
  return BROKEN;
}

const portsOf = (step: ResolvedStep): ReadonlyMap<string, unknown> =>
  step.body.kind === 'pipeline' ? step.body.pipeline.syntax.outputs : outputPorts(step);

const portNames = (step: ResolvedStep): readonly string[] => namesOf(portsOf(step));

/** A port that was left out because something else is wrong with it is no second mistake. */
function hasPort(group: Group, port: string): boolean {
  const { broken, key } = declarations(group);
  return portsOf(group.step).has(port) || broken.has(key) || broken.has(`${key}.${port}`);
}

/** Where the outputs of a step are declared, and what was left out there. */
function declarations({ frame, step: { body, syntax } }: Group) {
  switch (body.kind) {
    case 'folder':
      return { broken: body.manifest.broken, key: 'out' };
    case 'pipeline':
      return { broken: body.pipeline.syntax.broken, key: 'outputs' };
    default:
      return { broken: frame.pipeline.syntax.broken, key: `steps.${syntax.id.value}.out` };
  }
}

/**
 * Brings linked instances into an order that can run and writes them down as a Plan. What cannot be
 * planned is reported; the rest is planned all the same, so that every mistake shows. Unaware of
 * text and files but through what is handed in.
 */
import type { Plan, PlannedParam, PlanStep } from '../schema/plan.ts';
import { PLAN_FORMAT } from '../schema/plan.ts';
import type { ProjectFiles } from './files.ts';
import type { Expansion, Frame, Instance } from './instance.ts';
import { LIMITS } from './limits.ts';
import { type Linked, placeOfNeed } from './link.ts';
import { frameOutput } from './link-source.ts';
import { typeWires } from './link-types.ts';
import type { World } from './meaning.ts';
import { tooMuchMemory } from './memory.ts';
import { ownRecord } from './params-value.ts';
import { ownBytes } from './plan-memory.ts';
import { cycles, topologicalOrder } from './plan-order.ts';
import { checkProject, checkWorkdir } from './plan-outputs.ts';
import { countParams, type GivenParams, stepParams } from './plan-params.ts';
import { type Placed, type PlacingWork, place } from './plan-paths.ts';
import { LEAST_OF_VALUE, measure } from './plan-size.ts';
import { planStep } from './plan-step.ts';
import type { Problem } from './problems/problem.ts';

export type PlanInput = World & {
  readonly files: ProjectFiles;
  /** Files and folders that the pipeline consists of: no step may write them. */
  readonly own: ReadonlySet<string>;
};

export function plan(expansion: Expansion, linked: readonly Linked[], input: PlanInput): Plan {
  const ordered = inOrder(linked, input);
  const params = givenParams(ordered, input);
  const work: PlacingWork & PlanInput = {
    ...input,
    typing: typeWires(ordered, ({ index }, param) => params[index]?.isSet(param), input),
    placed: [],
    inputs: new Map(),
    reads: new Map(),
    globs: new Map(),
    walks: new Set(),
  };
  const ids = expansion.instances.map(instance => instance.id);
  const steps = stepsOf(ordered, { ...work, params, ids });
  checkProject(outputsOf(ordered, work.placed), work, input.problems);
  return {
    format: PLAN_FORMAT,
    pipeline: headOf(expansion.root),
    params: paramsOf(expansion.root),
    steps,
    outputs: outputsOfPipeline(expansion.root, input),
  };
}

type StepWork = PlacingWork & {
  readonly ids: readonly PlanStep['id'][];
  readonly params: readonly GivenParams[];
};

/** As many as a plan can hold. */
function stepsOf(ordered: readonly Linked[], work: StepWork): readonly PlanStep[] {
  const { problems, params, placed } = work;
  const steps: PlanStep[] = [];
  const size = measure(LIMITS.planSize);
  for (const one of ordered) {
    const { instance } = one;
    const given = params[instance.index];
    if (given === undefined || work.enough()) break;
    const places = place(one, work);
    placed[instance.index] = places;
    checkWorkdir(instance, places, problems);
    const step = planStep(one, places, given, work);
    if (step === undefined) continue;
    steps.push(step);
    if (size.add(step)) continue;
    problems.push(tooLarge(instance));
    break;
  }
  return steps;
}

/** By index; none at all where a plan, or memory, could surely not hold what the instances have. */
function givenParams(ordered: readonly Linked[], input: PlanInput): readonly GivenParams[] {
  const params: GivenParams[] = [];
  const { problems, memory } = input;
  let size = 0;
  for (const { instance } of ordered) {
    size += countParams(instance.step) * LEAST_OF_VALUE;
    memory.left -= ownBytes(instance);
    if (size > LIMITS.planSize) problems.push(tooLarge(instance));
    else if (memory.left < 0) problems.push(tooMuchMemory(instance.step, memory));
    else continue;
    return [];
  }
  for (const { instance } of ordered) {
    if (input.enough()) break;
    params[instance.index] = stepParams(instance, input);
  }
  return params;
}

function tooLarge({ step: { syntax } }: Instance): Problem {
  const { value: step, span: at } = syntax.id;
  return { kind: 'plan-too-large', step, at, of: 'text', limit: LIMITS.planSize };
}

/** Topological; what stands in cycles comes last, after the cycles are reported. */
function inOrder(linked: readonly Linked[], { problems }: World): readonly Linked[] {
  const needs = linked.map(one => one.needs);
  const order = topologicalOrder(needs);
  if (order.length < linked.length) {
    for (const cycle of cycles(needs)) {
      const nodes = cycle.flatMap(index => linked[index] ?? []);
      const edges = nodes.flatMap((from, index) => {
        const to = nodes[(index + 1) % nodes.length];
        if (to === undefined) return [];
        const at = placeOfNeed(from, to.instance);
        return [{ from: from.instance.id, to: to.instance.id, at }];
      });
      problems.push({ kind: 'cycle', edges });
    }
  }
  const placed = new Set(order);
  const rest = linked.flatMap((_, index) => (placed.has(index) ? [] : [index]));
  return [...order, ...rest].flatMap(index => linked[index] ?? []);
}

function* outputsOf(ordered: readonly Linked[], placed: readonly Placed[]) {
  for (const { instance } of ordered) {
    const outputs = placed[instance.index]?.outputs;
    if (outputs !== undefined) yield [instance, outputs] as const;
  }
}

const headOf = ({ pipeline: { syntax } }: Frame): Plan['pipeline'] => ({
  name: syntax.name.value,
  path: syntax.file,
  description: syntax.description,
});

const paramsOf = ({ params }: Frame): Plan['params'] =>
  ownRecord(
    [...params].map(([name, { value, origin }]): readonly [string, PlannedParam] => [
      name,
      { value: value ?? null, origin },
    ]),
  );

function outputsOfPipeline(root: Frame, input: PlanInput): Plan['outputs'] {
  const named = [...root.pipeline.syntax.outputs.keys()].flatMap(name => {
    const [source] = frameOutput(root, name, input).sources;
    if (source?.kind !== 'output' || source.port === undefined) return [];
    return [[name, { step: source.from.id, port: source.port }] as const];
  });
  return ownRecord(named);
}

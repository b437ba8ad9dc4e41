/**
 * Turns a Plan for everything into one for a slice of its data: a `sample` step stands on each wire
 * on which a dataset leaves the part that brings data in. That part stays as it is, down to its
 * keys; effects behind a slice are left out, and nothing that is made of one is placed in the
 * project. Plan in, Plan out: unaware of text, and of how rows are chosen.
 */
import { byCodeUnit } from '../schema/canonical-json.ts';
import { type StepId, stepId } from '../schema/id.ts';
import type { InputSource, Plan, PlannedInput, PlannedOutput, PlanStep } from '../schema/plan.ts';
import { defaultOutputPath, inputPath } from '../schema/workdir.ts';
import { ownRecord } from './params-value.ts';
import { definedContainer, PLAIN_POLICY } from './plan-policy.ts';
import type { ValidManifest } from './syntax.ts';

/** The library step that takes the slice. */
export type Sampler = { readonly folder: string; readonly manifest: ValidManifest };

export type SampledPlan = {
  readonly plan: Plan;
  /** Each step that takes a slice, with the name of the first step that works on it. */
  readonly slices: ReadonlyMap<StepId, string>;
};

/** Why a plan has no slice: datasets that effects alone take, or those that no step takes at all. */
export function unsliced({ steps }: Plan): {
  readonly byEffects: boolean;
  readonly datasets: readonly string[];
} {
  const made = steps.flatMap(({ id, outputs }) =>
    Object.entries(outputs).flatMap(([port, { type }]) =>
      isDataset(type) ? [`${id}.${port}`] : [],
    ),
  );
  const datasets = new Set(made);
  const taken = steps.flatMap(({ inputs }) =>
    Object.values(inputs).flatMap(({ type, from }) =>
      from.flatMap(source =>
        source.kind === 'output'
          ? [`${source.step}.${source.port}`].filter(name => datasets.has(name))
          : isDataset(type)
            ? [`./${source.path}`]
            : [],
      ),
    ),
  );
  const byEffects = taken.length > 0;
  return { byEffects, datasets: byEffects ? [...new Set(taken)] : made };
}

type Work = {
  readonly fraction: number;
  readonly sampler: Sampler;
  readonly steps: Map<StepId, PlanStep>;
  readonly slices: Map<StepId, string>;
};

export function onSample(plan: Plan, fraction: number, sampler: Sampler): SampledPlan {
  const work: Work = { fraction, sampler, steps: new Map(), slices: new Map() };
  for (const step of plan.steps) {
    const sampled = sampledStep(step, work);
    work.steps.set(step.id, sampled);
  }
  const { format, pipeline, params, outputs } = plan;
  const steps = [...work.steps.values()];
  return {
    plan: { format, pipeline, sample: { fraction }, params, steps, outputs },
    slices: work.slices,
  };
}

/** An effect that is handed the whole takes the whole: a registry knows no slices. */
function sampledStep(step: PlanStep, work: Work): PlanStep {
  const isBehind = step.needs.some(need => work.steps.get(need)?.onSample !== undefined);
  if (step.kind === 'effect') return isBehind ? { ...step, onSample: 'left-out' } : step;
  const inputs = Object.entries(step.inputs).map(
    ([port, input]) => [port, slicedInput(input, step.name, work)] as const,
  );
  const isSliced = inputs.some(([port, input]) => input !== step.inputs[port]);
  if (!isBehind && !isSliced) return step;
  const outputs = Object.entries(step.outputs).map(
    ([port, output]) => [port, { ...output, to: null }] as const,
  );
  const sampled: PlanStep = {
    ...step,
    inputs: ownRecord(inputs),
    outputs: ownRecord(outputs),
    onSample: 'runs',
  };
  return { ...sampled, needs: needsOf(sampled, step, work) };
}

function slicedInput(input: PlannedInput, consumer: string, work: Work): PlannedInput {
  const from = input.from.map(source => slicedSource(source, input, consumer, work));
  return from.some((source, at) => source !== input.from[at]) ? { ...input, from } : input;
}

function slicedSource(
  source: InputSource,
  { type }: PlannedInput,
  consumer: string,
  work: Work,
): InputSource {
  const whole = wholeDataset(source, type, work);
  if (whole === undefined) return source;
  const id = stepId(`sample[${whole.name}]`);
  if (!work.steps.has(id)) {
    work.steps.set(id, sampleStep(id, source, whole, work));
    work.slices.set(id, consumer);
  }
  return { kind: 'output', step: id, port: PORT };
}

type Whole = { readonly name: string; readonly type: string; readonly path: string };

/** Undefined for what is no dataset, or is made of a slice already. */
function wholeDataset(source: InputSource, wanted: string, { steps }: Work): Whole | undefined {
  if (source.kind === 'project') {
    const { path } = source;
    return isDataset(wanted) ? { name: `./${path}`, type: wanted, path } : undefined;
  }
  const producer = steps.get(source.step);
  const output = producer?.outputs[source.port];
  if (output === undefined || producer?.onSample !== undefined) return undefined;
  const { type, path } = output;
  return isDataset(type) ? { name: `${source.step}.${source.port}`, type, path } : undefined;
}

const isDataset = (type: string): boolean => /^dataset\b/.test(type);

/** The one port of the library step, on either side. */
const PORT = 'data';

function sampleStep(id: StepId, source: InputSource, whole: Whole, work: Work): PlanStep {
  const { fraction, sampler } = work;
  const { manifest, run } = sampler.manifest;
  const { step, version, includes, packages, container } = manifest;
  const words = 'part' in run ? [run] : run;
  const description = `A slice of \`${whole.name}\``;
  const output: PlannedOutput = {
    type: whole.type,
    path: defaultOutputPath(PORT),
    to: null,
    description,
  };
  const input: PlannedInput = {
    type: manifest.in[PORT]?.type ?? whole.type,
    many: false,
    from: [source],
    paths: [inputPath(PORT, whole.path)],
  };
  return {
    id,
    name: id,
    kind: 'pure',
    description,
    definition: { kind: 'folder', step, version, folder: sampler.folder, includes, packages },
    command: { kind: 'argv', words: words.map(({ value }) => ({ kind: 'known', value })) },
    params: { fraction: { kind: 'known', value: fraction }, seed: { kind: 'known', value: 0 } },
    inputs: { [PORT]: input },
    outputs: { [PORT]: output },
    files: [],
    env: {},
    secrets: [],
    condition: { kind: 'known', value: true },
    needs: source.kind === 'output' ? [source.step] : [],
    cache: { enabled: true, salt: null },
    policy: PLAIN_POLICY,
    container: container === null ? null : definedContainer(container, {}),
    probe: null,
    check: null,
    state: null,
    onSample: 'runs',
  };
}

/** The slices it takes, and what it needed before but for wholes of which it reads nothing more. */
function needsOf(sampled: PlanStep, before: PlanStep, { steps, slices }: Work): readonly StepId[] {
  const taken = new Set(sourceSteps(sampled));
  const replaced = [...taken].flatMap(id => (slices.has(id) ? (steps.get(id)?.needs ?? []) : []));
  const read = resultsRead(sampled);
  const kept = before.needs.filter(
    need => !replaced.includes(need) || taken.has(need) || read.has(need),
  );
  return [...new Set([...kept, ...taken])].sort(byCodeUnit);
}

const sourceSteps = ({ inputs }: PlanStep): readonly StepId[] =>
  Object.values(inputs).flatMap(({ from }) =>
    from.flatMap(source => (source.kind === 'output' ? [source.step] : [])),
  );

/** Steps whose results its expressions read, wherever these stand. */
function resultsRead(step: PlanStep): ReadonlySet<string> {
  const read = new Set<string>();
  JSON.stringify(step, (_, value) => {
    if (value?.kind === 'result') read.add(value.step);
    return value;
  });
  return read;
}

/**
 * Puts one instance into the Plan: its command, parameters, environment and conditions as values
 * that are known or left for the run. Unaware of other instances but for their addresses.
 */
import type { Expression, Late } from '../schema/expression.ts';
import type { Check, Command, PlanStep, StepDefinition } from '../schema/plan.ts';
import { manyInputFolder } from '../schema/workdir.ts';
import type { ProjectFiles } from './files.ts';
import type { Instance, Place } from './instance.ts';
import type { Linked } from './link.ts';
import { manifestMeaning, resultMeaning, stepMeaning, type World } from './meaning.ts';
import { ownRecord } from './params-value.ts';
import { asText, environmentOf } from './plan-environment.ts';
import type { GivenParams } from './plan-params.ts';
import type { Placed } from './plan-paths.ts';
import { cacheOf, containerOf, policyOf } from './plan-policy.ts';
import { locate } from './plan-results.ts';
import type { Text } from './syntax.ts';
import { expressionValue, lateOf, type Meaning, textValue } from './value.ts';

export type PlanWork = World & {
  readonly files: ProjectFiles;
  readonly ids: readonly PlanStep['id'][];
};

/** Undefined for a step whose definition is broken, which has been reported. */
export function planStep(
  { instance, needs }: Linked,
  placed: Placed,
  params: GivenParams,
  work: PlanWork,
): PlanStep | undefined {
  const { step, id, name } = instance;
  const { syntax, settings, body } = step;
  const located = locate(instance.frame, work);
  const paths = pathsOf(placed);
  const env = environmentOf(instance, { ...paths, located }, work);
  const meaning = stepMeaning(instance, { ...paths, env, located }, work);
  const own = commandsOf(instance, paths, params, meaning, work);
  const condition = conditionOf(instance, work);
  const container = containerOf(instance, work.files, work);
  const policy = policyOf(instance, work);
  if (own === undefined || body.kind === 'pipeline') return undefined;
  return {
    id,
    name,
    kind: own.kind,
    description: syntax.description ?? own.description,
    definition: definitionOf(instance),
    command: own.command,
    params: params.values,
    inputs: ownRecord(placed.inputs),
    outputs: outputsOf(placed.outputs).planned,
    files: placed.files,
    env,
    secrets: [...new Set(settings.secrets?.map(secret => secret.value))].sort(),
    condition,
    needs: needs.flatMap(index => work.ids[index] ?? []).sort(),
    cache: cacheOf(instance, work),
    policy,
    container,
    probe: own.probe,
    check: own.check,
    state: own.state,
  };
}

type Paths = {
  readonly in: ReadonlyMap<string, string>;
  readonly out: ReadonlyMap<string, string>;
};

/** A port that takes many is a folder of numbered entries. */
const pathsOf = ({ inputs, outputs }: Placed): Paths => ({
  in: new Map(
    [...inputs].map(([port, { many, paths }]) => [
      port,
      many ? manyInputFolder(port) : (paths[0] ?? ''),
    ]),
  ),
  out: outputsOf(outputs).paths,
});

type Outputs = { readonly planned: PlanStep['outputs']; readonly paths: Paths['out'] };

const outputsBy = new WeakMap<Placed['outputs'], Outputs>();

/** Instances that have their outputs in common have these in common too. */
function outputsOf(outputs: Placed['outputs']): Outputs {
  const known = outputsBy.get(outputs);
  if (known !== undefined) return known;
  const made = {
    planned: ownRecord([...outputs].map(([port, { planned }]) => [port, planned])),
    paths: new Map([...outputs].map(([port, { planned }]) => [port, planned.path])),
  };
  outputsBy.set(outputs, made);
  return made;
}

type Own = {
  readonly kind: PlanStep['kind'];
  readonly description: string | null;
  readonly command: Command;
  readonly probe: Command | null;
  readonly check: Check | null;
  readonly state: string | null;
};

function commandsOf(
  { step }: Instance,
  paths: Paths,
  params: GivenParams,
  meaning: Meaning,
  work: PlanWork,
): Own | undefined {
  const { syntax, body } = step;
  if (body.kind === 'folder') {
    const { manifest } = body;
    const { kind, description, state, check } = manifest.manifest;
    const inner = manifestMeaning(manifest, params.values, paths, work);
    const command = commandOf(manifest.run, inner);
    if (command === undefined) return undefined;
    const checked = manifest.check === null ? undefined : commandOf(manifest.check, inner);
    return {
      kind,
      description,
      command,
      probe: kind === 'source' ? optional(manifest.probe, inner) : null,
      check:
        check === 'receipt'
          ? { kind: 'receipt' }
          : ((checked && { kind: 'command', command: checked }) ?? null),
      state: kind === 'effect' ? state : null,
    };
  }
  if (!('run' in syntax.body)) return undefined;
  const command = commandOf(syntax.body.run, meaning);
  const probe = optional(syntax.probe, meaning);
  const check = optional(syntax.check, meaning);
  if (command === undefined) return undefined;
  return {
    kind: syntax.kind?.value ?? 'pure',
    description: null,
    command,
    probe,
    check: check === null ? null : { kind: 'command', command: check },
    state: null,
  };
}

const optional = (written: Text | readonly Text[] | null, meaning: Meaning): Command | null =>
  (written === null ? undefined : commandOf(written, meaning)) ?? null;

function commandOf(written: Text | readonly Text[], meaning: Meaning): Command | undefined {
  if ('part' in written) {
    const late = textValue(written, 'command', meaning)?.late;
    return late && { kind: 'shell', text: asText(late) };
  }
  const words = written.map(word => textValue(word, 'text', meaning)?.late);
  const [program] = words;
  const [first] = written;
  if (first !== undefined && program?.kind === 'known' && String(program.value).trim() === '') {
    meaning.problems.push({ kind: 'no-program', at: first.span, text: first.value });
    return undefined;
  }
  const sound = words.filter(word => word !== undefined).map(asText);
  return sound.length === words.length ? { kind: 'argv', words: sound } : undefined;
}

const INLINE: StepDefinition = { kind: 'inline' };

function definitionOf({ step: { body } }: Instance): StepDefinition {
  if (body.kind !== 'folder') return INLINE;
  const { step, version, includes, packages } = body.manifest.manifest;
  return { kind: 'folder', step, version, folder: body.folder, includes, packages };
}

/** The step's own condition and those of the pipelines around it: all have to hold. */
function conditionOf(place: Place, work: PlanWork): Late<boolean> {
  const conditions: Expression[] = [];
  for (let at: Place | undefined = place; at !== undefined; at = at.frame.outer) {
    const late = ownCondition(at, work);
    if (late?.kind === 'known') {
      if (late.value === false) return { kind: 'known', value: false };
    } else if (late !== undefined) {
      const [part] = late.parts;
      if (part?.kind === 'expression') conditions.unshift(part.expression);
    }
  }
  const [first, ...others] = conditions;
  if (first === undefined) return { kind: 'known', value: true };
  const all = others.reduce<Expression>(
    (left, right) => ({ kind: 'binary', operator: '&&', left, right }),
    first,
  );
  const late = lateOf(all);
  return late.kind === 'known' ? { kind: 'known', value: late.value === true } : late;
}

function ownCondition(place: Place, work: PlanWork): Late | undefined {
  const written = place.step.syntax.if;
  if (written === null) return undefined;
  if (!('part' in written)) return { kind: 'known', value: written.value };
  const meaning = resultMeaning(place, locate(place.frame, work), work);
  return expressionValue(written, ['bool'], 'a condition', meaning);
}

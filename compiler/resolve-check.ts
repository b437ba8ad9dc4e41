/**
 * Checks what a step may say, given what it is: a definition fixes some keys, a pipeline as a step
 * has fewer, a pool must be declared. Unaware of instances and wires.
 */

import type { Span } from '../schema/diagnostic.ts';
import { namesOf } from './known-names.ts';
import type { Problem } from './problems/problem.ts';
import type { ResolvedStep } from './resolved.ts';
import type {
  Entries,
  ProjectSettings,
  Spanned,
  StepSettings,
  StepSyntax,
  ValidConfig,
  ValidPipeline,
  Written,
} from './syntax.ts';

/** Configs speak of steps that the pipeline has. */
export function checkConfigs(
  pipeline: ValidPipeline,
  configs: readonly ValidConfig[],
  problems: Problem[],
): void {
  for (const config of configs) {
    for (const [name, { key, value }] of config.steps) {
      const step = pipeline.steps.get(name)?.value;
      if (step !== undefined) {
        const given = value.written.get('with');
        if (!('run' in step.body) || given === undefined || value.with.size === 0) continue;
        problems.push({ kind: 'config-with-run', at: given.key.span, step: name });
      } else if (!pipeline.broken.has(`steps.${name}`) && !pipeline.broken.has('steps')) {
        problems.push({
          kind: 'unknown-config-step',
          name: key,
          known: namesOf(pipeline.steps),
        });
      }
    }
  }
}

/** What the configs say of a step, in order. */
export const overridesOf = (configs: readonly ValidConfig[], step: StepSyntax) =>
  configs.flatMap(config => config.steps.get(step.id.value)?.value ?? []);

type Context = {
  readonly project: ProjectSettings;
  readonly configs: readonly ValidConfig[];
  readonly problems: Problem[];
};

export function checkStep(step: ResolvedStep, pipeline: ValidPipeline, context: Context): void {
  const { syntax, settings, body } = step;
  const { problems } = context;
  const name = syntax.id.value;
  const { pool } = settings;
  const { pools, partial } = context.project;
  const known = Object.keys(pools);
  if (pool !== undefined && partial !== true && !known.includes(pool.value)) {
    problems.push({ kind: 'unknown-pool', pool, known });
  }
  checkSecrets(settings, pipeline.env, problems);
  switch (body.kind) {
    case 'pipeline':
      for (const layer of [syntax, ...overridesOf(context.configs, syntax)]) {
        for (const key of writtenKeys(layer)) {
          problems.push({ kind: 'key-needs-a-step', key, step: name, file: body.file });
        }
      }
      break;
    case 'inline':
      if (syntax.kind?.value === 'source' && syntax.probe === null)
        checkUnprobed(step, pipeline, { at: syntax.kind.span, problems });
      break;
    case 'folder': {
      const { manifest, broken } = body.manifest;
      if (manifest.kind === 'source' && manifest.probe === null && !broken.has('probe'))
        checkUnprobed(step, pipeline, { at: syntax.id.span, problems });
      break;
    }
    case 'broken':
      break;
  }
}

/** A source that nothing asks whether the world has changed may not be taken from the cache. */
function checkUnprobed(
  { syntax }: ResolvedStep,
  { broken }: ValidPipeline,
  { at, problems }: { readonly at: Span; readonly problems: Problem[] },
): void {
  const step = syntax.id.value;
  if (syntax.cache?.value.enabled === false) return;
  if (broken.has(`steps.${step}.probe`) || broken.has(`steps.${step}.cache`)) return;
  problems.push({ kind: 'source-without-probe', at, step });
}

/** A secret's value must not come to stand in a plan through `env`. */
function checkSecrets(
  { secrets, env }: StepSettings,
  shared: Entries<unknown>,
  problems: Problem[],
): void {
  const named = new Map(secrets?.toReversed().map(secret => [secret.value, secret]));
  for (const secret of named.values()) {
    const declared = env?.get(secret.value) ?? shared.get(secret.value);
    if (declared === undefined) continue;
    problems.push({ kind: 'secret-in-env', secret, env: declared.key.span });
  }
}

const NOT_FOR_PIPELINES = [
  'in',
  'cache',
  'container',
  'resources',
  'env',
  'secrets',
  'network',
  'timeout',
  'retries',
  'pool',
] as const;

type Layer = Partial<Pick<StepSyntax, (typeof NOT_FOR_PIPELINES)[number]>> & Written;

/** Those of the keys that are written and say something. */
const writtenKeys = (layer: Layer): readonly Spanned<string>[] =>
  NOT_FOR_PIPELINES.flatMap(name => {
    const key = layer.written.get(name)?.key;
    return key === undefined || isNothing(layer[name]) ? [] : [key];
  });

const isNothing = (value: Layer[keyof Layer]): boolean =>
  value === undefined ||
  value === null ||
  (value instanceof Map && value.size === 0) ||
  (Array.isArray(value) && value.length === 0);

/**
 * Gives every name of a document its meaning: steps get their definitions, and their settings by
 * precedence. What an author wrote once is still once; instances come later. Unaware of wires and
 * of parameters' values.
 */
import type { Span } from '../schema/diagnostic.ts';
import type { Library } from './library.ts';
import { LIMITS } from './limits.ts';
import type { Problem } from './problems/problem.ts';
import { checkConfigs, checkStep, overridesOf } from './resolve-check.ts';
import type { ResolvedPipeline, ResolvedStep, StepBody } from './resolved.ts';
import type {
  Entries,
  ProjectSettings,
  StepSettings,
  StepSyntax,
  ValidConfig,
  ValidPipeline,
} from './syntax.ts';

type Context = {
  readonly library: Library;
  readonly project: ProjectSettings;
  readonly problems: Problem[];
  readonly enough: () => boolean;
};

/** The way from the outermost pipeline down to the one at hand: what is used, and where it says so. */
type Chain = readonly { readonly file: string; readonly at: Span }[];

export function resolvePipeline(
  root: ValidPipeline,
  configs: readonly ValidConfig[],
  context: Context,
): ResolvedPipeline {
  const done = new Map<string, ResolvedPipeline>();
  /** File → how many pipelines lie inside one another below it. */
  const depths = new Map<string, number>();
  checkConfigs(root, configs, context.problems);
  return resolve(root, configs, []);

  function resolve(
    syntax: ValidPipeline,
    overrides: readonly ValidConfig[],
    chain: Chain,
  ): ResolvedPipeline {
    const steps = new Map<string, ResolvedStep>();
    let depth = 0;
    for (const [name, { value }] of syntax.steps) {
      if (context.enough()) break;
      const body = bodyOf(value, chain);
      if (body.kind === 'pipeline') depth = Math.max(depth, 1 + (depths.get(body.file) ?? 0));
      const step = resolveStep(syntax, value, overrides, body);
      checkStep(step, syntax, { ...context, configs: overrides });
      steps.set(name, step);
    }
    const resolved = { syntax, steps };
    done.set(syntax.file, resolved);
    depths.set(syntax.file, depth);
    return resolved;
  }

  function bodyOf({ body }: StepSyntax, chain: Chain): StepBody {
    if (body.kind === 'broken') return { kind: 'broken' };
    if (body.kind !== 'uses') return { kind: 'inline' };
    const definition = context.library.define(body.uses);
    if (definition.kind !== 'pipeline') return definition;
    const { file } = definition;
    const longer = [...chain, { file, at: body.uses.span }];
    const again = [root.file, ...chain.map(link => link.file)].indexOf(file);
    if (again !== -1) {
      context.problems.push({ kind: 'pipeline-uses-itself', chain: longer.slice(again) });
      return { kind: 'broken' };
    }
    if (longer.length + (depths.get(file) ?? 0) > LIMITS.pipelines) {
      context.problems.push({ kind: 'pipelines-too-deep', path: body.uses });
      return { kind: 'broken' };
    }
    const pipeline = done.get(file) ?? resolve(definition.pipeline, [], longer);
    return { kind: 'pipeline', file, pipeline };
  }
}

function resolveStep(
  pipeline: ValidPipeline,
  syntax: StepSyntax,
  configs: readonly ValidConfig[],
  body: StepBody,
): ResolvedStep {
  const overrides = overridesOf(configs, syntax);
  return {
    syntax,
    settings: mergeSettings([pipeline.defaults, syntax, ...overrides]),
    ownContainer: [syntax, ...overrides].some(layer => layer.container !== undefined),
    with: mergeEntries([syntax.with, ...overrides.map(override => override.with)]),
    body,
  };
}

/** Later ones win; `env` and `resources` key by key, everything else as a whole. */
function mergeSettings(layers: readonly StepSettings[]): StepSettings {
  const merged: { -readonly [K in keyof StepSettings]: StepSettings[K] } = {};
  for (const layer of layers) {
    const { container, secrets, network, timeout, retries, pool } = layer;
    // What is undefined would hide what the layers before say.
    if (container !== undefined) merged.container = container;
    if (secrets !== undefined) merged.secrets = secrets;
    if (network !== undefined) merged.network = network;
    if (timeout !== undefined) merged.timeout = timeout;
    if (retries !== undefined) merged.retries = retries;
    if (pool !== undefined) merged.pool = pool;
  }
  const env = layers.flatMap(layer => layer.env ?? []);
  const resources = layers.flatMap(layer => layer.resources ?? []);
  if (env.length > 0) merged.env = mergeEntries(env);
  if (resources.length > 0) merged.resources = mergeEntries(resources);
  return merged;
}

const mergeEntries = <T>(layers: readonly Entries<T>[]): Entries<T> =>
  layers.length === 1 && layers[0] !== undefined
    ? layers[0]
    : new Map(layers.flatMap(layer => [...layer]));

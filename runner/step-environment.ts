/**
 * What a step is given to know: its environment, built and not inherited, and the call that
 * SLUICE_STEP names (language.md §8). Unaware of how the step is executed.
 */
import { join } from 'node:path';
import type { Json } from '../schema/canonical-json.ts';
import type { Provenance } from '../schema/step-protocol.ts';
import { STEP_CALL_FORMAT, type StepCall } from '../schema/step-protocol.ts';
import { artifactKey } from '../schema/trace.ts';
import { environmentName, manyInputFolder } from '../schema/workdir.ts';
import { isContained, seenWorkdir } from './containment.ts';
import type { RunContext } from './context.ts';
import { stateFolder } from './effects.ts';
import { mapValues, searchPath } from './fingerprinting.ts';
import { PRIVATE } from './places.ts';
import type { ResolvedStep } from './resolved-step.ts';
import { unsetText } from './secrets.ts';
import { type Attempted, done, notStarted } from './stop.ts';

/** Everything that the process will see. Fails when a secret has no value. */
export function environmentOf(
  resolved: ResolvedStep,
  { workdir, hasBytecode }: { readonly workdir: string; readonly hasBytecode: boolean },
  context: RunContext,
): Attempted<Readonly<Record<string, string>>> {
  const { step } = resolved;
  const secrets: Record<string, string> = {};
  for (const name of step.secrets) {
    const value = context.secrets.get(name);
    if (value === undefined) {
      return notStarted(`its ${unsetText(name)}`);
    }
    secrets[name] = value;
  }
  const seen = seenWorkdir(step, workdir, context);
  return done({
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    // Python believes bytecode by size and whole seconds: it leaves none beside the sources of a
    // step, and where somebody else has, it does not look at it.
    ...(hasBytecode
      ? { PYTHONPYCACHEPREFIX: join(seen, PRIVATE.tmp) }
      : { PYTHONDONTWRITEBYTECODE: '1' }),
    ...resolved.env,
    // An image knows best where its programs lie.
    ...(!isContained(step, context) && { PATH: searchPath(resolved, context) }),
    HOME: resolved.env['HOME'] ?? join(seen, PRIVATE.home),
    TMPDIR: resolved.env['TMPDIR'] ?? join(seen, PRIVATE.tmp),
    ...secrets,
    ...callVariables(resolved),
    SLUICE_STEP: join(seen, PRIVATE.call),
    SLUICE_EVENTS: join(seen, PRIVATE.events),
  });
}

function callVariables({ step, params, inputs }: ResolvedStep): Readonly<Record<string, string>> {
  const entries = [
    ...Object.entries(params).map(([name, value]) => [
      environmentName('SLUICE_PARAM_', name),
      asText(value),
    ]),
    ...Object.entries(inputs.ports).map(([port, items]) => [
      environmentName('SLUICE_IN_', port),
      step.inputs[port]?.many === true ? manyInputFolder(port) : (items[0]?.path ?? ''),
    ]),
    ...Object.entries(step.outputs).map(([port, { path }]) => [
      environmentName('SLUICE_OUT_', port),
      path,
    ]),
  ];
  return Object.fromEntries(entries);
}

const asText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

export function callOf(
  { step, params, inputs }: ResolvedStep,
  attempt: number,
  context: RunContext,
): StepCall {
  const { cpus, memoryBytes } = step.policy.resources;
  const seed = params['seed'];
  return {
    format: STEP_CALL_FORMAT,
    step: step.id,
    params,
    in: Object.fromEntries(
      Object.entries(step.inputs).map(([port, { type, many }]) => {
        const items = (inputs.ports[port] ?? []).map(({ path, artifact }) => ({
          path,
          digest: artifactKey(artifact),
        }));
        return [port, { type, many, items }];
      }),
    ),
    out: mapValues(step.outputs, ({ path, type }) => ({ path, type })),
    seed: typeof seed === 'number' ? seed : 0,
    attempt,
    resources: { cpus, memoryBytes },
    scratch: PRIVATE.scratch,
    state: stateFolder(step, context),
    provenance: step.kind === 'effect' ? provenanceOf(context) : null,
  };
}

function provenanceOf(context: RunContext): Provenance {
  return {
    run: context.run,
    pipeline: context.plan.pipeline.name,
    commit: context.commit?.id ?? null,
    dirty: context.commit?.dirty ?? false,
    user: context.user,
    host: context.host,
    at: new Date(context.clock.now()).toISOString(),
  };
}

/**
 * Which executor a run uses, and what it needs from the project: the only place that names concrete
 * ones. `--executor` wins over SLUICE_EXECUTOR, that over the profile and `sluice.yaml`.
 */
import { join } from 'node:path';
import { Option } from '@commander-js/extra-typings';
import type { Engine } from '../runner/executors/docker/engine.ts';
import type { Pins } from '../runner/executors/docker/pins.ts';
import type { Executor } from '../runner/executors/executor.ts';
import { gpuLocks, leaseGpus } from '../runner/executors/gpu-leases.ts';
import { gpuMeter } from '../runner/executors/gpu-usage.ts';
import { lookForGpus } from '../runner/executors/gpus.ts';
import { meterUsage, SAMPLE_MS } from '../runner/executors/metering.ts';
import { processExecutor } from '../runner/executors/process.ts';
import type { Invocation } from './command.ts';
import type { PlannedProject } from './compilation.ts';
import { usageError, worldError } from './usage.ts';
import type { WarmKeeping } from './warm-containers.ts';

export const SUPPORTED = ['process', 'docker'] as const;

export const executorOption = () =>
  new Option('--executor <name>', `where steps run: ${SUPPORTED.join(' or ')}`).env(
    'SLUICE_EXECUTOR',
  );

/** Which images a tag stands for. */
export const LOCK_FILE = 'sluice.lock';

export type ExecutorUse = {
  /** `--executor`. */
  readonly named: string | undefined;
  /** `run` pins what it resolves and needs an engine; `plan` and `why` change nothing. */
  readonly for: 'run' | 'plan';
  /** Where containers are kept for the next attempt; left out, none is. */
  readonly warm?: WarmKeeping;
};

/** Throws CommandError for one that is not there. */
export async function openExecutor(
  invocation: Invocation,
  planned: PlannedProject,
  use: ExecutorUse,
): Promise<Executor> {
  const { env } = invocation;
  const executor = await openNamed(invocation, planned, use);
  // Leases stand outside, so that what is sampled knows its devices.
  return leaseGpus(meterUsage(executor, { gpus: gpuMeter(env, SAMPLE_MS) }), {
    gpus: () => lookForGpus(env).gpus,
    locks: gpuLocks(env),
  });
}

async function openNamed(
  invocation: Invocation,
  planned: PlannedProject,
  use: ExecutorUse,
): Promise<Executor> {
  const name = use.named ?? planned.compilation.settings.executor?.value ?? 'process';
  const local = processExecutor();
  if (name === 'process') {
    if (use.for === 'run') tellContainersLeftOut(invocation, planned);
    return local;
  }
  if (name !== 'docker') {
    throw usageError(
      `there is no executor \`${name}\` in this version`,
      `it has ${SUPPORTED.join(' and ')}`,
    );
  }
  return openDocker(invocation, planned, use, local);
}

/** Where steps run is the project's choice; but who wrote an image should know that it is not used. */
function tellContainersLeftOut({ terminal }: Invocation, { plan }: PlannedProject): void {
  const written = plan.steps.filter(({ container, definition }) => {
    const isShipped = definition.kind === 'folder' && definition.folder.startsWith('library:');
    return container !== null && !isShipped;
  });
  const [first] = written;
  if (first === undefined) return;
  const image = first.container?.image ?? first.container?.build ?? 'a container';
  const others = written.length === 1 ? '' : ` and ${written.length - 1} more`;
  terminal.err(
    `warning: \`${first.id}\` names the container ${image}${others}, and steps run as local processes here; \`--executor docker\` uses it`,
  );
}

async function openDocker(
  { env }: Invocation,
  planned: PlannedProject,
  use: ExecutorUse,
  local: Executor,
): Promise<Executor> {
  const { plan, project } = planned;
  // Loaded late, as all that it needs: who runs local processes does not pay for it.
  const { connectEngine } = await import('../runner/executors/docker/engine.ts');
  const { openImages } = await import('../runner/executors/docker/images.ts');
  const { dockerExecutor } = await import('../runner/executors/docker/docker.ts');
  const engine = connectEngine(env);
  const isNeeded = plan.steps.some(({ container }) => container !== null);
  if (use.for === 'run' && isNeeded) await refuseIfAbsent(engine);
  const pinsPath = join(project.root, LOCK_FILE);
  const images = openImages({
    engine,
    env,
    project: project.root,
    pins: await readLock(pinsPath),
    pinsPath: use.for === 'run' ? pinsPath : undefined,
  });
  const warm = await use.warm?.poolFor(engine, planned);
  return dockerExecutor({ engine, images, local, warm });
}

async function refuseIfAbsent(engine: Engine): Promise<void> {
  const { absentEngine, ping } = await import('../runner/executors/docker/engine.ts');
  const answer = await ping(engine);
  if (answer.ok) return;
  throw worldError(
    absentEngine(engine, answer.error.message),
    'or run the steps as local processes with `--executor process`',
  );
}

async function readLock(path: string): Promise<Pins> {
  const { readPins } = await import('../runner/executors/docker/pins.ts');
  const pins = readPins(path);
  if (pins !== undefined) return pins;
  throw usageError(
    `${LOCK_FILE} is not what \`sluice lock\` writes`,
    'take it back from version control, or remove it and run `sluice lock`',
  );
}

export type MovedTag = { readonly image: string; readonly pinned: string; readonly now: string };

/** How long `plan` waits for registries; a tag that nobody answers for has not moved. */
const REGISTRY_MS = 3_000;

/** Tags of the plan that stand for something else now than what is pinned. */
export async function movedTags(
  { env }: Invocation,
  { plan, project }: PlannedProject,
): Promise<readonly MovedTag[]> {
  const { connectEngine } = await import('../runner/executors/docker/engine.ts');
  const { currentMeaning } = await import('../runner/executors/docker/images.ts');
  const { pinOf, readPins } = await import('../runner/executors/docker/pins.ts');
  const pins = readPins(join(project.root, LOCK_FILE)) ?? {};
  const engine = connectEngine(env);
  const images = new Set(plan.steps.flatMap(({ container }) => container?.image ?? []));
  const asked = [...images].map(async (image): Promise<readonly MovedTag[]> => {
    const pinned = pinOf(pins, image);
    if (pinned === undefined) return [];
    const found = await currentMeaning(image, { engine, env });
    if (!found.ok || found.value.identity === pinned) return [];
    return [{ image, pinned, now: found.value.identity }];
  });
  const late = new Promise<readonly MovedTag[]>(resolve => {
    setTimeout(() => resolve([]), REGISTRY_MS).unref();
  });
  const answers = await Promise.all(asked.map(answer => Promise.race([answer, late])));
  engine.agent.destroy();
  return answers.flat();
}

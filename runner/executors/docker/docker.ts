/**
 * Runs an attempt in a container of its own. Steps without a container go to the executor it was
 * given for them. Unaware of what steps mean, of caches and of retries.
 */
import type { Container } from '../../../schema/plan.ts';
import type { Attempt, Executor, ImageAnswer, Termination } from '../executor.ts';
import { ContainerRun } from './container-run.ts';
import { absentEngine, ask, type Engine, type Refusal } from './engine.ts';
import type { Images } from './images.ts';
import { specificationOf } from './specification.ts';
import { removeOrphans } from './sweep.ts';
import { commandOf } from './warm/shape.ts';
import { callingUser, type WarmPool } from './warm/warm-pool.ts';
import { runInside } from './warm/warm-run.ts';

/** How long a cancelled step may tidy up before it is killed. */
const GRACE_MS = 5_000;

export type DockerOptions = {
  readonly engine: Engine;
  readonly images: Images;
  /** For steps that name no container. */
  readonly local: Executor;
  /** Where containers stay warm between attempts; left out, each attempt has one of its own. */
  readonly warm?: WarmPool | undefined;
  readonly graceMs?: number;
};

export function dockerExecutor(options: DockerOptions): Executor {
  const { engine, images, local, warm } = options;
  return {
    // What it offers to steps without a container stays on offer.
    ...local,
    name: 'docker',
    execute: (attempt, signal) =>
      attempt.container === null
        ? local.execute(attempt, signal)
        : execute(attempt, attempt.container, signal, options),
    imageOf: async (container): Promise<ImageAnswer> => {
      const found = await images.resolve(container);
      return found.ok ? { ok: true, image: found.value.identity } : found;
    },
    sweep: (home, isDead) => removeOrphans(engine, home, isDead),
    ...(warm !== undefined && {
      reserve: async coming => {
        if (coming.container === null) return;
        const image = await images.resolve(coming.container);
        if (image.ok) await warm.reserve(coming, image.value.name);
      },
      release: workdir => warm.release(workdir),
    }),
  };
}

async function execute(
  attempt: Attempt,
  container: Container,
  signal: AbortSignal,
  { engine, images, warm, graceMs = GRACE_MS }: DockerOptions,
): Promise<Termination> {
  const isAborted = () => signal.aborted || attempt.kill?.aborted === true;
  if (isAborted()) return { kind: 'cancelled' };
  const image = await images.provide(container, {
    signal,
    onProgress: attempt.onProgress ?? (() => undefined),
  });
  if (isAborted()) return { kind: 'cancelled' };
  if (!image.ok) return { kind: 'not-started', message: image.message };
  const specification = specificationOf(attempt, image.value, callingUser());
  const ready = await warm?.take(attempt, image.value);
  if (isAborted()) return { kind: 'cancelled' };
  if (ready !== undefined) {
    const command = commandOf(specification, attempt.devices);
    return runInside({ warm: ready, attempt, signal, graceMs, command });
  }
  const made = await ask(() => engine.client.createContainer(specification));
  if (!made.ok) return { kind: 'not-started', message: createRefusal(made.error, engine) };
  return new ContainerRun({ attempt, signal, graceMs, engine, container: made.value }).run();
}

function createRefusal(error: Refusal, engine: Engine): string {
  return error.kind === 'gone'
    ? absentEngine(engine, error.message)
    : `the engine did not make its container: ${error.message}`;
}

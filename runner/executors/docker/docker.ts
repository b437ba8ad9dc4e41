/**
 * Runs an attempt in a container of its own. Steps without a container go to the executor it was
 * given for them. Unaware of what steps mean, of caches and of retries.
 */
import { getgid, getuid } from 'node:process';
import type { Container } from '../../../schema/plan.ts';
import type { Attempt, Executor, ImageAnswer, Termination } from '../executor.ts';
import { ContainerRun } from './container-run.ts';
import { absentEngine, ask, type Engine, type Refusal } from './engine.ts';
import type { Images } from './images.ts';
import { specificationOf, type User } from './specification.ts';
import { removeOrphans } from './sweep.ts';

/** How long a cancelled step may tidy up before it is killed. */
const GRACE_MS = 5_000;

export type DockerOptions = {
  readonly engine: Engine;
  readonly images: Images;
  /** For steps that name no container. */
  readonly local: Executor;
  readonly graceMs?: number;
};

export function dockerExecutor(options: DockerOptions): Executor {
  const { engine, images, local } = options;
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
    ...(local.prepareShare !== undefined && { prepareShare: local.prepareShare }),
    sweep: (home, isDead) => removeOrphans(engine, home, isDead),
  };
}

async function execute(
  attempt: Attempt,
  container: Container,
  signal: AbortSignal,
  { engine, images, graceMs = GRACE_MS }: DockerOptions,
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
  const made = await ask(() => engine.client.createContainer(specification));
  if (!made.ok) return { kind: 'not-started', message: createRefusal(made.error, engine) };
  return new ContainerRun({ attempt, signal, graceMs, engine, container: made.value }).run();
}

/** Systems without users of this kind run containers in a machine of their own, as its root. */
const callingUser = (): User => ({ uid: getuid?.() ?? 0, gid: getgid?.() ?? 0 });

function createRefusal(error: Refusal, engine: Engine): string {
  return error.kind === 'gone'
    ? absentEngine(engine, error.message)
    : `the engine did not make its container: ${error.message}`;
}

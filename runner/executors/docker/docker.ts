/**
 * Runs an attempt in a container of its own. Steps without a container go to the executor it was
 * given for them. Unaware of what steps mean, of caches and of retries.
 */
import type Docker from 'dockerode';
import type { Container } from '../../../schema/plan.ts';
import type { Attempt, Executor, ImageAnswer, Termination } from '../executor.ts';
import { ContainerRun } from './container-run.ts';
import { absentEngine, ask, type Engine, type Refusal, removeContainer } from './engine.ts';
import type { Images } from './images.ts';
import { LOG_DRIVER, specificationOf } from './specification.ts';
import { findOrphans } from './sweep.ts';
import { commandOf, mayBeWarm } from './warm/shape.ts';
import { callingUser, type WarmPool } from './warm/warm-pool.ts';
import { runInside } from './warm/warm-run.ts';

/** How long a cancelled step may tidy up before it is killed. */
const GRACE_MS = 5_000;
/** How long an engine may take to end a container for who insists. */
const INSISTED_MS = 10_000;

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
  const shared = { ...options, removals: new Removals(), keepsOutput: askedOnce(engine) };
  return {
    // What it offers to steps without a container stays on offer.
    ...local,
    name: 'docker',
    execute: (attempt, signal) =>
      attempt.container === null
        ? local.execute(attempt, signal)
        : unlessInsisted(attempt, execute(attempt, attempt.container, signal, shared)),
    imageOf: async (container): Promise<ImageAnswer> => {
      const found = await images.resolve(container);
      return found.ok ? { ok: true, image: found.value.identity } : found;
    },
    orphans: (home, isDead) => findOrphans(engine, home, isDead),
    // The identity of what is shown would mean nothing in an engine's own machine.
    bindsInputs: coming =>
      process.platform === 'linux' && (warm === undefined || !mayBeWarm(coming)),
    reserve: async coming => {
      if (warm === undefined || coming.container === null) return;
      const image = await images.resolve(coming.container);
      if (image.ok) await warm.reserve(coming, image.value.name);
    },
    release: async workdir => {
      // Both at once: a warm container's folders leave before this returns.
      await Promise.all([warm?.release(workdir), shared.removals.of(workdir)]);
    },
  };
}

/** What all attempts have in common. */
type Shared = DockerOptions & {
  readonly removals: Removals;
  /** Whether the engine can keep what a container prints. */
  readonly keepsOutput: () => Promise<boolean>;
};

function askedOnce({ client }: Engine): () => Promise<boolean> {
  let asked: Promise<boolean> | undefined;
  const look = async () => {
    const found = await ask(() => client.info());
    const drivers: readonly string[] = found.ok ? (found.value.Plugins?.Log ?? []) : [];
    return drivers.includes(LOG_DRIVER);
  };
  return () => {
    asked ??= look();
    return asked;
  };
}

async function execute(
  attempt: Attempt,
  container: Container,
  signal: AbortSignal,
  options: Shared,
): Promise<Termination> {
  const { engine, images, warm, graceMs = GRACE_MS } = options;
  if (attempt.adopts !== undefined) {
    const adopted = engine.client.getContainer(attempt.adopts.id);
    return runToEnd(adopted, attempt, signal, options);
  }
  const isAborted = () => signal.aborted || attempt.kill?.aborted === true;
  if (isAborted()) return { kind: 'cancelled' };
  const image = await images.provide(container, {
    signal,
    onProgress: attempt.onProgress ?? (() => undefined),
  });
  if (isAborted()) return { kind: 'cancelled' };
  if (!image.ok) return { kind: 'not-started', message: image.message };
  // Only what has a key can be gone on with.
  const keepsOutput = attempt.labels?.['key'] !== undefined && (await options.keepsOutput());
  const specification = specificationOf({ ...attempt, keepsOutput }, image.value, callingUser());
  const ready = await warm?.take(attempt, image.value);
  if (isAborted()) return { kind: 'cancelled' };
  if (ready !== undefined) {
    const command = commandOf(specification, attempt.devices);
    return runInside({ warm: ready, attempt, signal, graceMs, command });
  }
  const made = await ask(() => engine.client.createContainer(specification));
  if (!made.ok) return { kind: 'not-started', message: createRefusal(made.error, engine) };
  return runToEnd(made.value, attempt, signal, options);
}

/** An engine that hangs keeps nobody who insists: the next run ends what it finds of this one. */
async function unlessInsisted(
  { kill }: Pick<Attempt, 'kill'>,
  work: Promise<Termination>,
): Promise<Termination> {
  const { promise: late, resolve } = Promise.withResolvers<Termination>();
  let timer: NodeJS.Timeout | undefined;
  const wait = () => {
    timer = setTimeout(() => resolve({ kind: 'cancelled' }), INSISTED_MS);
  };
  kill?.addEventListener('abort', wait, { once: true });
  if (kill?.aborted) wait();
  const end = await Promise.race([work, late]);
  kill?.removeEventListener('abort', wait);
  clearTimeout(timer);
  return end;
}

async function runToEnd(
  container: Docker.Container,
  attempt: Attempt,
  signal: AbortSignal,
  { engine, removals, graceMs = GRACE_MS }: Shared,
): Promise<Termination> {
  const end = await new ContainerRun({ attempt, signal, graceMs, engine, container }).run();
  const removal = removals.remove(container, attempt.workdir);
  // What got lost may still run; everything else has ended, and nobody waits for what is left of it.
  if (end.kind === 'lost') await removal;
  return end;
}

/** Containers on their way out, by the working directories that they have bound. */
class Removals {
  readonly #pending = new Map<string, Promise<void>>();

  /** What cannot be removed now is found by its labels when the next run starts. */
  remove(container: Docker.Container, workdir: string): Promise<void> {
    const removed = removeContainer(container).then(() => {
      if (this.#pending.get(workdir) === removed) this.#pending.delete(workdir);
    });
    this.#pending.set(workdir, removed);
    return removed;
  }

  of(workdir: string): Promise<void> | undefined {
    return this.#pending.get(workdir);
  }
}

function createRefusal(error: Refusal, engine: Engine): string {
  return error.kind === 'gone'
    ? absentEngine(engine, error.message)
    : `the engine did not make its container: ${error.message}`;
}

/** What tests on a real engine share: a connection, an executor, an attempt in a container. */
import { mkdtempSync } from 'node:fs';
import { basename, join } from 'node:path';
import { inject } from 'vitest';
import type { Alone } from '../../runner/executors/conformance-leaks.ts';
import { dockerExecutor } from '../../runner/executors/docker/docker.ts';
import { connectEngine, type Engine } from '../../runner/executors/docker/engine.ts';
import { openImages } from '../../runner/executors/docker/images.ts';
import { type WarmOptions, WarmPool } from '../../runner/executors/docker/warm/warm-pool.ts';
import type { Attempt, Executor, Termination } from '../../runner/executors/executor.ts';
import { processExecutor } from '../../runner/executors/process.ts';
import { stepId } from '../../schema/id.ts';
import type { Container } from '../../schema/plan.ts';
import { TEST_IMAGE } from './engine.ts';

export const address = inject('engine');

/** A folder of the test's own; all of them go with the engine. */
export const newFolder = (): string => mkdtempSync(join(inject('engineFolder'), 'test-'));

/** Nobody's logins, and the engine of the tests. */
export const engineEnv: Readonly<Record<string, string | undefined>> = {
  PATH: process.env['PATH'],
  HOME: '/nowhere',
  DOCKER_HOST: address ?? 'unix:///nowhere',
};

export const engine: Engine = connectEngine(engineEnv);

export const containerOf = (changes: Partial<Container> = {}): Container => ({
  image: TEST_IMAGE,
  build: null,
  user: null,
  entrypoint: null,
  network: 'none',
  ...changes,
});

export const openDocker = (
  project = '/nowhere',
  at: Engine = engine,
  warm: WarmPool | undefined = undefined,
): Executor =>
  dockerExecutor({
    engine: at,
    warm,
    images: openImages({ engine: at, env: engineEnv, project, pins: {}, pinsPath: undefined }),
    local: processExecutor(),
    graceMs: 300,
  });

/** For what an executor leaves behind. */
export const openAlone = (warm?: WarmPool): Alone => ({
  executor: openDocker('/nowhere', engine, warm),
  close: async () => warm?.close(),
  shared: [engine.agent],
});

/** Containers of it stay warm until it is closed. */
export function openPool({
  name,
  ...options
}: Partial<WarmOptions> & { readonly name?: string } = {}): WarmPool {
  const path = newFolder();
  const hold = async () => ({ path, name: name ?? basename(path), release: () => undefined });
  return new WarmPool({ engine, hold, ...options });
}

export const shellAttempt = (script: string, changes: Partial<Attempt> = {}): Attempt => ({
  step: stepId('tried'),
  command: ['/bin/sh', '-c', script],
  workdir: newFolder(),
  env: {},
  resources: {
    cpus: 1,
    memoryBytes: null,
    gpus: 0,
    gpuMemoryBytes: null,
    shmBytes: null,
    diskBytes: null,
  },
  timeoutMs: null,
  container: containerOf(),
  onOutput: () => undefined,
  ...changes,
});

export type Seen = {
  readonly termination: Termination;
  readonly stdout: string;
  readonly stderr: string;
};

export async function runIn(
  executor: Executor,
  script: string,
  changes: Partial<Attempt> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<Seen> {
  const printed = { stdout: '', stderr: '' };
  const attempt = shellAttempt(script, {
    ...changes,
    onOutput: (stream, chunk) => {
      printed[stream] += chunk.toString('utf8');
      changes.onOutput?.(stream, chunk);
    },
  });
  return { termination: await executor.execute(attempt, signal), ...printed };
}

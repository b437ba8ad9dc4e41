/** Executors whose containers stay warm, for tests on a real engine; and attempts as the runner makes them. */
import { mkdirSync, rmSync } from 'node:fs';
import type { WarmOptions } from '../../runner/executors/docker/warm/warm-pool.ts';
import type { Attempt, Executor } from '../../runner/executors/executor.ts';
import {
  containerOf,
  engine,
  newFolder,
  openDocker,
  openPool,
  runIn,
  type Seen,
} from './containers.ts';

/** One executor with containers of its own that stay warm. */
export function openWarm(options: Partial<WarmOptions> = {}) {
  const mark = `warm-${newFolder().split('-').at(-1)}`;
  const pool = openPool({ ...options, name: mark });
  const filters = { label: [`dev.sluice.run=${mark}`] };
  return {
    executor: openDocker('/nowhere', engine, pool),
    /** Ids of those that are there. */
    containers: async () =>
      (await engine.client.listContainers({ all: true, filters })).map(({ Id }) => Id),
    [Symbol.asyncDispose]: () => pool.close(),
  };
}

/** As the runner does it: told of, laid out, executed, given back. `look` sees what it left. */
export async function once(
  executor: Executor,
  script: string,
  changes: Partial<Attempt> = {},
  { layOut = () => undefined, look = () => undefined }: Surroundings = {},
): Promise<Seen> {
  const workdir = changes.workdir ?? newFolder();
  rmSync(workdir, { recursive: true });
  const { resources = unlimited, container = containerOf(), binds } = changes;
  const coming = { workdir, container, resources, ...(binds !== undefined && { binds }) };
  await executor.reserve?.(coming);
  mkdirSync(workdir, { recursive: true });
  layOut(workdir);
  const seen = await runIn(executor, script, { ...changes, workdir });
  look(workdir);
  await executor.release?.(workdir);
  return seen;
}

type Surroundings = {
  readonly layOut?: (workdir: string) => void;
  readonly look?: (workdir: string) => void;
};

export const unlimited = {
  cpus: 1,
  memoryBytes: null,
  gpus: 0,
  gpuMemoryBytes: null,
  shmBytes: null,
  diskBytes: null,
};

/**
 * Containers that a command keeps warm, over all its runs. Whether it does: `--warm` or `--no-warm`,
 * else `warm` in sluice.yaml, else what the command is for. Unaware of how they are kept.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { removeQuietly } from '../runner/clearing.ts';
import type { Engine } from '../runner/executors/docker/engine.ts';
import type { HeldFolder, WarmPool } from '../runner/executors/docker/warm/warm-pool.ts';
import { claimWork } from '../runner/orphans.ts';
import type { PlannedProject } from './compilation.ts';
import { newRunId } from './run-inputs.ts';

export type WarmFlag = { readonly warm?: boolean | undefined };

export type WarmKeeping = {
  /** Undefined where each attempt has a container of its own. */
  readonly poolFor: (engine: Engine, planned: PlannedProject) => Promise<WarmPool | undefined>;
  /** Ends every container. */
  readonly close: () => Promise<void>;
};

/** `otherwise`: where neither a flag nor a setting says it. */
export function keepWarm({ warm }: WarmFlag, otherwise: boolean): WarmKeeping {
  let pool: Promise<WarmPool> | undefined;
  return {
    poolFor: async (engine, { project, compilation: { settings } }) => {
      if (!(warm ?? settings.warm?.value ?? otherwise)) return undefined;
      pool ??= open(engine, project.home);
      return pool;
    },
    close: async () => (await pool)?.close(),
  };
}

async function open(engine: Engine, home: string): Promise<WarmPool> {
  const { WarmPool } = await import('../runner/executors/docker/warm/warm-pool.ts');
  return new WarmPool({ engine, hold: () => holdFolder(home) });
}

/** Beside the working directories of runs, and held like those: when we die, the next run sweeps it. */
async function holdFolder(home: string): Promise<HeldFolder | undefined> {
  const name = `warm-${newRunId(home)}`;
  const path = join(home, 'work', name);
  const claim = await claimWork(path);
  if (!claim.ok) return undefined;
  mkdirSync(path, { recursive: true });
  return {
    path,
    name,
    release: () => {
      removeQuietly(path);
      claim.value?.release({ remove: true });
    },
  };
}

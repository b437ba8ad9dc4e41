/**
 * The GPUs of this machine that steps may be given: what `nvidia-smi` lists, of that what a preset
 * CUDA_VISIBLE_DEVICES leaves. Unaware of who uses them.
 */
import { execFileSync } from 'node:child_process';

type Environment = Readonly<Record<string, string | undefined>>;

export type Gpu = {
  /** Stays the same when devices are renumbered. */
  readonly uuid: string;
  readonly index: number;
  readonly name: string;
  readonly memoryBytes: number;
};

const QUERY = ['--query-gpu=uuid,index,name,memory.total', '--format=csv,noheader,nounits'];
const QUERY_MS = 20_000;
const MIB = 1024 * 1024;

export type GpuSight = {
  readonly gpus: readonly Gpu[];
  /** There, and left out by a preset CUDA_VISIBLE_DEVICES. */
  readonly hidden: number;
};

export const NO_GPUS: GpuSight = { gpus: [], hidden: 0 };

/** None where there is no driver to ask. */
export function lookForGpus(env: Environment): GpuSight {
  try {
    const listed = execFileSync('nvidia-smi', QUERY, {
      encoding: 'utf8',
      env: { ...env },
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: QUERY_MS,
    });
    const all = parseGpus(listed);
    const gpus = visible(all, env['CUDA_VISIBLE_DEVICES']);
    return { gpus, hidden: all.length - gpus.length };
  } catch {
    return NO_GPUS; // Not installed, or no device answers: nothing to give either way.
  }
}

export const parseGpus = (listed: string): readonly Gpu[] =>
  listed
    .split('\n')
    .map(line => line.split(',').map(field => field.trim()))
    .filter(fields => fields.length === 4 && fields[0] !== '')
    .map(([uuid = '', index = '', name = '', memory = '']) => ({
      uuid,
      index: Number(index),
      name,
      memoryBytes: Number(memory) * MIB,
    }));

/** As CUDA reads it: numbers or beginnings of UUIDs; the first that fits nothing ends the list. */
export function visible(gpus: readonly Gpu[], preset: string | undefined): readonly Gpu[] {
  if (preset === undefined) return gpus;
  const chosen: Gpu[] = [];
  for (const word of preset.split(',').map(text => text.trim())) {
    const gpu = gpus.find(({ uuid, index }) =>
      /^\d+$/.test(word) ? index === Number(word) : word !== '' && uuid.startsWith(word),
    );
    if (gpu === undefined) break;
    if (!chosen.includes(gpu)) chosen.push(gpu);
  }
  return chosen;
}

/** `NVIDIA H200 (139 GiB)`, for messages. */
export const describeGpu = ({ name, memoryBytes }: Gpu): string =>
  `${name} (${Math.round(memoryBytes / 1024 ** 3)} GiB)`;

/**
 * What `sluice doctor` finds out about containers by trying: whether an engine answers, whether a
 * container sees this machine's files, and whether it sees a GPU. Unaware of pipelines.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dockerExecutor } from '../runner/executors/docker/docker.ts';
import {
  absentEngine,
  ask,
  connectEngine,
  type Engine,
  ping,
} from '../runner/executors/docker/engine.ts';
import { openImages } from '../runner/executors/docker/images.ts';
import { gpuLocks, heldGpus } from '../runner/executors/gpu-leases.ts';
import { describeGpu, type Gpu, type GpuSight, lookForGpus } from '../runner/executors/gpus.ts';
import { processExecutor } from '../runner/executors/process.ts';
import { stepId } from '../schema/id.ts';
import type { Finding } from './finding.ts';
import { STEP_IMAGE } from './step-image.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Several lines where there is an engine; one that says so where there is none. */
export async function containerFindings(env: Environment): Promise<readonly Finding[]> {
  const engine = connectEngine(env);
  const sight = lookForGpus(env);
  const gpus = await gpuFinding(sight, gpuLocks(env));
  const there = await ping(engine);
  if (!there.ok) {
    const detail = absentEngine(engine, there.error.message);
    const note = 'wanted for steps in containers alone';
    return [finding('containers', false, `${detail} (${note})`), gpus];
  }
  const step = await stepImage(engine);
  const probes = step.ok ? await probe(engine, env, sight.gpus) : [];
  return [await version(engine), await engineLimits(engine), step, gpus, ...probes];
}

const finding = (name: string, ok: boolean, detail: string, remedy?: string): Finding => ({
  name,
  ok,
  required: false,
  detail,
  ...(remedy !== undefined && { remedy }),
});

async function gpuFinding({ gpus, hidden }: GpuSight, locks: string): Promise<Finding> {
  const left = hidden === 0 ? '' : `CUDA_VISIBLE_DEVICES leaves out ${hidden}`;
  if (gpus.length === 0)
    return finding('GPU', false, left || 'none found (the library steps need none)');
  const held = await heldGpus(gpus, locks);
  const isHeld = (gpu: Gpu) => held?.includes(gpu) === true;
  const named = gpus.map(gpu => `${describeGpu(gpu)}${isHeld(gpu) ? ', leased now' : ''}`);
  const detail = [...named, left].filter(Boolean).join('; ');
  if (held !== undefined) return finding('GPU', true, detail);
  const remedy = 'name a folder for all users of this machine with SLUICE_GPU_LOCKS';
  return finding('GPU', false, `${detail}; they cannot be leased in ${locks}`, remedy);
}

/** A kernel without the groups it takes, or an engine without the right to them, limits nothing. */
async function engineLimits(engine: Engine): Promise<Finding> {
  const said = await ask(() => engine.client.info());
  const told: Readonly<Record<string, unknown>> = said.ok ? said.value : {};
  const missing = LIMITS.filter(([key]) => told[key] === false).map(([, what]) => what);
  if (missing.length === 0) {
    return finding('limits', true, 'containers are held to their memory, cpus and processes');
  }
  const detail = `the engine cannot limit ${missing.join(', ')}: containers may take more than their resources say`;
  return finding(
    'limits',
    false,
    detail,
    'give it the control groups of the kernel (a rootless one: version 2, delegated)',
  );
}

/** What `docker info` says of it. */
const LIMITS = [
  ['MemoryLimit', 'memory'],
  ['CpuCfsQuota', 'cpus'],
  ['PidsLimit', 'processes'],
] as const;

async function version(engine: Engine): Promise<Finding> {
  const said = await ask(() => engine.client.version());
  if (!said.ok) return finding('containers', false, said.error.message);
  const { Version, ApiVersion, Components = [] } = said.value;
  const name = Components[0]?.Name ?? 'engine';
  return finding('containers', true, `${name} ${Version}, API ${ApiVersion}, at ${engine.address}`);
}

async function stepImage({ client }: Engine): Promise<Finding> {
  const found = await ask(() => client.getImage(STEP_IMAGE).inspect());
  return found.ok
    ? finding('step image', true, STEP_IMAGE)
    : finding('step image', false, `${STEP_IMAGE} is not there`, 'run `sluice images`');
}

/** Engines exist that take a request for a GPU and give none: only a look from inside tells. */
const LOOK_FOR_GPU = `
  const found = require('node:fs').readdirSync('/dev').filter(name => /^(nvidia\\d+|dxg)$/.test(name));
  console.log(found.join(' '));
  process.exit(found.length > 0 ? 0 : 9);`;
const WRITE_FILE = "require('node:fs').writeFileSync('seen', '')";

async function probe(
  engine: Engine,
  env: Environment,
  [gpu]: readonly Gpu[],
): Promise<readonly Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-doctor-'));
  try {
    const { end } = await runProgram(engine, env, folder, WRITE_FILE, []);
    const sees = existsSync(join(folder, 'seen'));
    const files = finding(
      'probe',
      sees,
      sees
        ? 'a container started, and sees the files of this machine'
        : `a container did not do what it should: ${end}`,
    );
    if (gpu === undefined || !sees) return [files];
    return [files, gpuProbe(gpu, await runProgram(engine, env, folder, LOOK_FOR_GPU, [gpu.uuid]))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function gpuProbe({ name }: Gpu, { end, printed }: Probed): Finding {
  const ok = end === 'exited 0';
  if (ok) return finding('GPU probe', true, `a container sees ${name} as /dev/${printed.trim()}`);
  const why = end === 'exited 9' ? 'the engine took the request and gave it none' : end;
  const remedy = 'install the NVIDIA Container Toolkit, then `nvidia-ctk runtime configure`';
  return finding('GPU probe', false, `a container sees no GPU: ${why}`, remedy);
}

const PROBE_MS = 30_000;

/** How it ended, in words. */
type Probed = { readonly end: string; readonly printed: string };

async function runProgram(
  engine: Engine,
  env: Environment,
  workdir: string,
  program: string,
  devices: readonly string[],
): Promise<Probed> {
  let printed = '';
  const images = openImages({ engine, env, project: workdir, pins: {}, pinsPath: undefined });
  const executor = dockerExecutor({ engine, images, local: processExecutor() });
  const end = await executor.execute(
    {
      step: stepId('probe'),
      command: ['node', '-e', program],
      workdir,
      env: {},
      resources: {
        cpus: 1,
        memoryBytes: null,
        gpus: devices.length,
        gpuMemoryBytes: null,
        shmBytes: null,
        diskBytes: null,
      },
      timeoutMs: PROBE_MS,
      container: { image: STEP_IMAGE, build: null, user: null, entrypoint: null, network: 'none' },
      devices,
      onOutput: (_, chunk) => {
        printed += chunk.toString('utf8');
      },
    },
    new AbortController().signal,
  );
  await executor.release?.(workdir);
  if ('message' in end) return { end: end.message, printed };
  return { end: end.kind === 'exited' ? `exited ${end.code}` : end.kind, printed };
}

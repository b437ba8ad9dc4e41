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
import { describeGpu, type Gpu, listGpus } from '../runner/executors/gpus.ts';
import { processExecutor } from '../runner/executors/process.ts';
import { stepId } from '../schema/id.ts';
import type { Finding } from './finding.ts';
import { STEP_IMAGE } from './step-image.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Several lines where there is an engine; one that says so where there is none. */
export async function containerFindings(env: Environment): Promise<readonly Finding[]> {
  const engine = connectEngine(env);
  const gpus = listGpus(env);
  const there = await ping(engine);
  if (!there.ok) {
    const detail = absentEngine(engine, there.error.message);
    const note = 'wanted for steps in containers alone';
    return [finding('containers', false, `${detail} (${note})`), gpuFinding(gpus)];
  }
  const step = await stepImage(engine);
  const probes = step.ok ? await probe(engine, env, gpus) : [];
  return [await version(engine), step, gpuFinding(gpus), ...probes];
}

const finding = (name: string, ok: boolean, detail: string, remedy?: string): Finding => ({
  name,
  ok,
  required: false,
  detail,
  ...(remedy !== undefined && { remedy }),
});

const gpuFinding = (gpus: readonly Gpu[]): Finding =>
  finding(
    'GPU',
    gpus.length > 0,
    gpus.length > 0 ? gpus.map(describeGpu).join('; ') : 'none found (the library steps need none)',
  );

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
const LOOK_FOR_GPU = "process.exit(require('node:fs').existsSync('/dev/nvidiactl') ? 0 : 9)";
const WRITE_FILE = "require('node:fs').writeFileSync('seen', '')";

async function probe(
  engine: Engine,
  env: Environment,
  [gpu]: readonly Gpu[],
): Promise<readonly Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-doctor-'));
  try {
    const written = await runProgram(engine, env, folder, WRITE_FILE, []);
    const sees = existsSync(join(folder, 'seen'));
    const files = finding(
      'probe',
      sees,
      sees
        ? 'a container started, and sees the files of this machine'
        : `a container did not do what it should: ${written}`,
    );
    if (gpu === undefined || !sees) return [files];
    const seen = await runProgram(engine, env, folder, LOOK_FOR_GPU, [gpu.uuid]);
    const ok = seen === 'exited 0';
    const detail = ok ? `a container sees ${gpu.name}` : `a container sees no GPU: ${seen}`;
    const remedy = 'install the NVIDIA Container Toolkit, then `nvidia-ctk runtime configure`';
    return [files, finding('GPU probe', ok, detail, ...(ok ? [] : [remedy]))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const PROBE_MS = 30_000;

/** How it ended, in words. */
async function runProgram(
  engine: Engine,
  env: Environment,
  workdir: string,
  program: string,
  devices: readonly string[],
): Promise<string> {
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
      onOutput: () => undefined,
    },
    new AbortController().signal,
  );
  if ('message' in end) return end.message;
  return end.kind === 'exited' ? `exited ${end.code}` : end.kind;
}

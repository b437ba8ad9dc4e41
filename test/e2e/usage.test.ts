/** What steps use of the machine, and what holds them to their resources, on the real command line. */
import { chmodSync } from 'node:fs';
import { expect, test } from 'vitest';
import { TempProject } from '../harness/temp-project.ts';

/** A step that goes on until it has been looked at: the test says so with the file `go`. */
const held = (resources: string) => ({
  'pipelines/p.yaml': `sluice: 1
name: p
params: { go: { type: string, required: true } }
steps:
  train:
    run: >-
      x=$(head -c 50000000 /dev/zero | tr '\\0' x);
      until [ -e \${{ params.go }} ]; do sleep 0.05; done
    resources: { ${resources} }
`,
});

/** What there is is listed at once; what it does is told until somebody ends it. */
const NVIDIA_SMI = `#!/bin/sh
case "$*" in
  *loop*) echo '0, GPU-aa, 100, 10, 50, 40'; echo '1, GPU-bb, 100, 97, [N/A], 90'; exec sleep 300 ;;
  *) echo 'GPU-aa, 0, Stand-in, 100'; echo 'GPU-bb, 1, Stand-in, 100' ;;
esac
`;

function withGpus(project: TempProject): Readonly<Record<string, string>> {
  project.write('tools/nvidia-smi', NVIDIA_SMI);
  chmodSync(project.path('tools/nvidia-smi'), 0o755);
  return {
    PATH: `${project.path('tools')}:${process.env['PATH']}`,
    SLUICE_GPU_LOCKS: project.path('locks'),
  };
}

async function runUntilSampled(
  project: TempProject,
  sign: string,
  env: Readonly<Record<string, string>> = {},
) {
  const running = project.start(['run', '--json', '-p', `go=${project.path('go')}`], env);
  await running.printed(sign);
  project.write('go', '');
  const { code } = await running.finished;
  expect(code).toBe(0);
}

test('the most that a step used is shown, as JSON, and on its page', async () => {
  using project = TempProject.create(held('cpus: 0.5, memory: 1GiB'));
  await runUntilSampled(project, '"step-usage"');
  expect((await project.sluice(['show'])).stdout).toMatch(/^train +done .* MiB, \d+\.\d cores/m);
  const { steps } = JSON.parse((await project.sluice(['show', '--json'])).stdout);
  expect(steps[0].peak).toMatchObject({ memoryLimitBytes: 1024 ** 3, gpus: [] });
  expect(steps[0].peak.memoryBytes).toBeGreaterThan(50_000_000);
  const page = (await project.sluice(['show', '--html', '-'])).stdout;
  expect(page).toMatch(/<td>[\d.]+ MiB, [\d.]+ cores<\/td>/);
});

test('a step with a GPU tells what its own device does', async () => {
  using project = TempProject.create(held('cpus: 0.5, gpus: 1'));
  const env = { ...withGpus(project), CUDA_VISIBLE_DEVICES: '1' };
  await runUntilSampled(project, '"GPU-bb","utilization":null', env);
  expect((await project.sluice(['show'])).stdout).toMatch(/cores, GPU 1 97\.0 MiB 90 °C/);
});

test('a local process that exceeds its memory is ended, and tried again with more where that is said', async () => {
  using project = TempProject.create({
    'pipelines/p.yaml': `sluice: 1
name: p
steps:
  train:
    run: |
      x=$(head -c 50000000 /dev/zero | tr '\\0' x)
      [ "$(grep -c '"attempt": 2' "$SLUICE_STEP")" = 1 ] || until false; do sleep 1; done
    resources: { memory: 20MiB }
    retries: { max: 1, on: [oom], backoff: 1ms, memory: 8x }
`,
  });
  const { code, stdout } = await project.sluice(['run']);
  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(
      /! train +it used [\d.]+ MiB of memory, and its resources allow 20\.0 MiB; try 2/,
    ),
  ]);
});

test('a step that writes more than its disk is ended, with both figures', async () => {
  using project = TempProject.create({
    'pipelines/p.yaml': `sluice: 1
name: p
steps:
  fill:
    run: head -c 5000000 /dev/zero > out/x; sleep 300
    resources: { disk: 1MB }
`,
  });
  const { code, stdout } = await project.sluice(['run']);
  expect([code, stdout]).toEqual([
    1,
    expect.stringMatching(/it wrote 4\.8 MiB, and its resources allow 977 KiB of disk/),
  ]);
});

test('doctor tells which GPUs there are, which are leased, and which the environment leaves out', async () => {
  using project = TempProject.create(held('cpus: 0.5, gpus: 1'));
  const env = { ...withGpus(project), DOCKER_HOST: 'unix:///nowhere' };
  const gpus = async (changes: Readonly<Record<string, string>> = {}) => {
    const { stdout } = await project.sluice(['doctor', '--json'], { ...env, ...changes });
    const { findings } = JSON.parse(stdout);
    return findings.find(({ name }: { name: string }) => name === 'GPU').detail;
  };
  const running = project.start(['run', '--json', '-p', `go=${project.path('go')}`], env);
  await running.printed('"step-usage"');
  expect(await gpus()).toMatch(/^Stand-in \(\d GiB\), leased now; Stand-in \(\d GiB\)$/);
  project.write('go', '');
  await running.finished;
  expect(await gpus({ CUDA_VISIBLE_DEVICES: '0' })).toMatch(
    /^Stand-in \(\d GiB\); CUDA_VISIBLE_DEVICES leaves out 1$/,
  );
});

test('where there is no GPU for it, a step fails before it starts and says what there is', async () => {
  using project = TempProject.create(held('cpus: 0.5, gpus: 1'));
  const env = { ...withGpus(project), CUDA_VISIBLE_DEVICES: '' };
  const { code, stdout } = await project.sluice(['run', '-p', 'go=now'], env);
  expect([code, stdout]).toEqual([
    1,
    expect.stringContaining(
      'it asks for 1 GPU, and there is none here (CUDA_VISIBLE_DEVICES leaves out 2)',
    ),
  ]);
});

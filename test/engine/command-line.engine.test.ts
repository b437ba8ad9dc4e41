/** Steps in containers, through the real command line on a real engine. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { address, engine, newFolder } from '../harness/containers.ts';
import { TEST_IMAGE } from '../harness/engine.ts';
import { TempProject } from '../harness/temp-project.ts';

const OUT = '${{ out.result }}';

const env = { DOCKER_HOST: address ?? '', SLUICE_EXECUTOR: 'docker' };

const step = (name: string, run: string, more = '') =>
  `  ${name}:\n    run: ${run}\n    out: { result: file }\n    container: ${TEST_IMAGE}\n${more}`;

const projectOf = (steps: string) =>
  TempProject.create({ 'pipelines/p.yaml': `sluice: 1\nname: p\nsteps:\n${steps}` });

const containersOf = async (project: TempProject) =>
  engine.client.listContainers({
    all: true,
    filters: { label: [`dev.sluice.home=${project.path('.sluice')}`] },
  });

/** The file system of the test image. */
function testImageTar(): string {
  const path = join(newFolder(), 'image.tar');
  const docker = (...words: readonly string[]) =>
    execFileSync('docker', ['-H', address ?? '', ...words], { encoding: 'utf8', stdio: 'pipe' });
  const id = docker('create', TEST_IMAGE, 'true').trim();
  docker('export', '-o', path, id);
  docker('rm', id);
  return path;
}

/** Settles when the project has that many containers. */
async function containersCount(project: TempProject, count: number): Promise<void> {
  while ((await containersOf(project)).length !== count) {
    await new Promise(resolve => setImmediate(resolve));
  }
}

describe.skipIf(address === null)('sluice on a real engine', () => {
  describe('the step library', () => {
    beforeAll(async () => {
      using project = TempProject.create({});
      const made = await project.sluice(['images', '--offline'], env);
      expect(made).toMatchObject({ code: 0, stderr: '' });
    });

    test('digits give the same results in containers as in processes', async () => {
      const results = async (executor: string) => {
        using project = TempProject.create({});
        await project.sluice(['init', '--from', 'digits']);
        const args = ['digits', '-p', 'epochs=3', '-p', 'target-accuracy=0.1'];
        const { code, events } = await project.events(args, { ...env, SLUICE_EXECUTOR: executor });
        expect(code).toBe(0);
        expect(await project.outcomes(args, { ...env, SLUICE_EXECUTOR: executor })).toMatchObject({
          train: 'up-to-date',
        });
        expect(await containersOf(project)).toEqual([]);
        return events.flatMap(event =>
          event.type === 'step-finished' ? [[event.step, event.outputs]] : [],
        );
      };
      expect(await results('docker')).toEqual(await results('process'));
    });
  });

  test('a step without a container runs as a process, with the same key on either executor', async () => {
    using project = TempProject.create({
      'pipelines/p.yaml': `sluice: 1\nname: p\nsteps:\n  a:\n    run: echo x > ${OUT}\n    out: { result: file }\n`,
    });
    expect(await project.outcomes([], { ...env, SLUICE_EXECUTOR: 'process' })).toEqual({
      a: 'succeeded',
    });
    expect(await project.outcomes([], env)).toEqual({ a: 'up-to-date' });
  });

  test('inputs are read-only, and what flows between steps is what was made', async () => {
    using project = projectOf(
      step('a', `echo from a > ${OUT}`) +
        step(
          'b',
          `"(echo x > \${{ in.text }}) 2>/dev/null || cat \${{ in.text }} > ${OUT}"`,
          '    in: { text: a.result }\n',
        ),
    );
    expect(await project.outcomes([], env)).toEqual({ a: 'succeeded', b: 'succeeded' });
    const got = await project.sluice(['get', 'b.result', '-o', '-'], env);
    expect(got.stdout).toBe('from a\n');
  });

  test('what a failed attempt saved is there for the next', async () => {
    const scratch = `$(sed -n 's/.*"scratch": "\\(.*\\)".*/\\1/p' $SLUICE_STEP)`;
    using project = projectOf(
      step(
        'a',
        `|\n      S=${scratch}; if [ -e $S/saved ]; then cat $S/saved > ${OUT}; else echo kept > $S/saved; exit 1; fi`,
        '    retries: { max: 1, on: [exit], backoff: 1ms }\n',
      ),
    );
    expect(await project.outcomes([], env)).toEqual({ a: 'succeeded' });
    const got = await project.sluice(['get', 'a.result', '-o', '-'], env);
    expect(got.stdout).toBe('kept\n');
  });

  test('another image runs the step again, and why says so', async () => {
    using project = projectOf(step('a', `echo x > ${OUT}`));
    expect(await project.outcomes([], env)).toEqual({ a: 'succeeded' });
    project.write('pipelines/Dockerfile', `FROM ${TEST_IMAGE}\nENV A=b\n`);
    project.write(
      'pipelines/p.yaml',
      project
        .read('pipelines/p.yaml')
        .replace(`container: ${TEST_IMAGE}`, 'container: { build: ./pipelines/Dockerfile }'),
    );
    const why = await project.sluice(['why', 'a'], env);
    expect(why.stdout).toContain('image');
    expect(await project.outcomes([], env)).toEqual({ a: 'succeeded' });
    expect(await project.outcomes([], env)).toEqual({ a: 'up-to-date' });
  });

  test('plan shows what is given back of what containers are denied', async () => {
    using project = projectOf(step('a', `echo x > ${OUT}`, '    network: bridge\n'));
    const { stdout } = await project.sluice(['plan'], env);
    expect(stdout).toMatch(/less confined than containers are:\na +network bridge/);
  });

  test('a retry after running out of memory may have more', async () => {
    using project = projectOf(
      step(
        'a',
        `head -c 40m /dev/zero | tail -n 1 | wc -c > ${OUT}`,
        '    resources: { memory: 24MiB }\n    retries: { max: 3, on: [oom], memory: 2x, backoff: 1ms }\n',
      ),
    );
    const { code, events } = await project.events([], env);
    expect(code).toBe(0);
    const retried = events.filter(event => event.type === 'step-retried');
    expect(retried.map(({ failure }) => failure.class)).toContain('out-of-memory');
  });

  test('Ctrl-C leaves no container', async () => {
    using project = projectOf(step('a', `sleep 300; echo x > ${OUT}`));
    const running = project.start(['run'], env);
    await containersCount(project, 1);
    running.child.kill('SIGINT');
    expect((await running.finished).code).toBe(130);
    expect(await containersOf(project)).toEqual([]);
  });

  test('what a killed run has left is gone after the next', async () => {
    using project = projectOf(step('a', `sleep 300; echo x > ${OUT}`));
    const running = project.start(['run'], env);
    await containersCount(project, 1);
    running.child.kill('SIGKILL');
    await running.finished;
    expect(await containersOf(project)).toHaveLength(1);
    project.write('pipelines/p.yaml', project.read('pipelines/p.yaml').replace('sleep 300; ', ''));
    const { events } = await project.events([], env);
    expect(events.filter(({ type }) => type === 'warning')).toMatchObject([
      { code: 'orphans-ended' },
    ]);
    expect(await containersOf(project)).toEqual([]);
  });

  test('without an engine the run says so at once, and what to do', async () => {
    using project = projectOf(step('a', `echo x > ${OUT}`));
    const none = { ...env, DOCKER_HOST: 'unix:///nowhere/docker.sock' };
    const { code, stderr } = await project.sluice(['run'], none);
    expect(code).toBe(3);
    expect(stderr).toContain('no container engine answers at unix:///nowhere/docker.sock');
    expect(stderr).toContain('--executor process');
  });

  test('a damaged sluice.lock is refused, never guessed at', async () => {
    using project = projectOf(step('a', `echo x > ${OUT}`));
    project.write('sluice.lock', '{ "format": 99 }');
    const { code, stderr } = await project.sluice(['run'], env);
    expect(code).toBe(2);
    expect(stderr).toContain('sluice.lock');
  });

  test('lock tells of each image what it is', async () => {
    using project = projectOf(step('a', `echo x > ${OUT}`));
    const { code, stdout } = await project.sluice(['lock'], env);
    expect(code).toBe(0);
    expect(stdout).toMatch(/test:1 +this machine only/);
  });

  test('a tag that moves changes nothing until the lock is updated, and plan says so', async () => {
    const image = '127.0.0.1:5000/team/moves:1';
    const publish = (mark: string) => {
      const docker = (...words: readonly string[]) =>
        execFileSync('docker', ['-H', address ?? '', ...words], { stdio: 'pipe' });
      docker('import', '-c', `ENV MARK=${mark}`, testImageTar(), image);
      docker('push', image);
      docker('image', 'rm', '-f', image);
    };
    publish('one');
    using project = projectOf(step('a', `echo $MARK > ${OUT}`).replace(TEST_IMAGE, image));
    expect((await project.sluice(['lock'], env)).stdout).toContain('pinned');
    const pinned = project.read('sluice.lock');
    expect(await project.outcomes([], env)).toEqual({ a: 'succeeded' });
    publish('two');
    expect(await project.outcomes([], env)).toEqual({ a: 'up-to-date' });
    expect((await project.sluice(['plan'], env)).stderr).toContain(`${image} now stands for`);
    expect((await project.sluice(['lock'], env)).stdout).toContain('kept');
    expect(project.read('sluice.lock')).toBe(pinned);
    expect((await project.sluice(['lock', '--update'], env)).stdout).toContain('moved');
    expect(await project.outcomes([], env)).toEqual({ a: 'succeeded' });
    const got = await project.sluice(['get', 'a.result', '-o', '-'], env);
    expect(got.stdout).toBe('two\n');
  });

  test('doctor tells what the engine holds containers to', async () => {
    using project = projectOf(step('a', `echo x > ${OUT}`));
    const { findings } = JSON.parse((await project.sluice(['doctor', '--json'], env)).stdout);
    expect(findings).toContainEqual(expect.objectContaining({ name: 'limits', ok: true }));
  });

  describe('GPUs', () => {
    const withGpus = (project: TempProject) => {
      mkdirSync(project.path('tools'));
      const tool = project.path('tools/nvidia-smi');
      writeFileSync(
        tool,
        '#!/bin/sh\necho GPU-aa, 0, Stand-in, 16384\necho GPU-bb, 1, Stand-in, 16384\n',
      );
      chmodSync(tool, 0o755);
      return {
        ...env,
        PATH: `${project.path('tools')}:${process.env['PATH']}`,
        SLUICE_GPU_LOCKS: project.path('locks'),
      };
    };
    const resources = (gpus: number) => `    resources: { gpus: ${gpus}, cpus: 0.1 }\n`;

    test('a container is given devices of its own through the engine', async () => {
      using project = projectOf(
        step('a', `echo a $NVIDIA_VISIBLE_DEVICES > ${OUT}`, resources(1)) +
          step('b', `echo b $NVIDIA_VISIBLE_DEVICES > ${OUT}`, resources(2)),
      );
      const gpus = withGpus(project);
      expect(await project.outcomes([], gpus)).toEqual({ a: 'succeeded', b: 'succeeded' });
      const a = await project.sluice(['get', 'a.result', '-o', '-'], gpus);
      const b = await project.sluice(['get', 'b.result', '-o', '-'], gpus);
      expect(a.stdout).toMatch(/^a GPU-(aa|bb)\n$/);
      expect(b.stdout).toBe('b GPU-aa,GPU-bb\n');
    });

    test('a process is told which are its own', async () => {
      using project = projectOf(step('a', `echo $CUDA_VISIBLE_DEVICES > ${OUT}`, resources(1)));
      const gpus = { ...withGpus(project), SLUICE_EXECUTOR: 'process', CUDA_VISIBLE_DEVICES: '1' };
      expect(await project.outcomes([], gpus)).toEqual({ a: 'succeeded' });
      const got = await project.sluice(['get', 'a.result', '-o', '-'], gpus);
      expect(got.stdout).toBe('GPU-bb\n');
    });

    test('where there are too few, the step says what it asks for and what there is', async () => {
      using project = projectOf(step('a', `echo x > ${OUT}`, resources(3)));
      const { code, stdout } = await project.sluice(['run'], withGpus(project));
      expect(code).toBe(1);
      expect(stdout).toMatch(/asks for 3 GPUs, and there are Stand-in \(16 GiB\), Stand-in/);
    });
  });
});

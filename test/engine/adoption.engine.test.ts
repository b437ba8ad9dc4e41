/** A run that dies while a container works for it, through the real command line on a real engine. */
import { chmodSync, existsSync, globSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunEvent, Stamped } from '../../schema/event.ts';
import { address, engine } from '../harness/containers.ts';
import { TEST_IMAGE } from '../harness/engine.ts';
import { TempProject } from '../harness/temp-project.ts';
import { until } from '../harness/until.ts';

const env = { DOCKER_HOST: address ?? '', SLUICE_EXECUTOR: 'docker' };

/** Goes on when it finds a file that nobody but the test makes. */
const PIPELINE = `sluice: 1
name: p
steps:
  slow:
    run: |
      echo before; echo complaint >&2
      while [ ! -e out/go ]; do sleep 0.05; done
      echo after; cat \${{ in.data }} > \${{ out.result }}
    in: { data: ./data.txt }
    out: { result: file }
    container: ${TEST_IMAGE}
`;

const newProject = () =>
  TempProject.create({ 'pipelines/p.yaml': PIPELINE, 'data.txt': 'given\n' });

const containersOf = async (project: TempProject) =>
  engine.client.listContainers({
    all: true,
    filters: { label: [`dev.sluice.home=${project.path('.sluice')}`] },
  });

const filesAt = (project: TempProject, pattern: string): readonly string[] =>
  globSync(project.path(pattern));

/** Starts a run and kills it once its step works; returns the step's working directory. */
async function killedRun(project: TempProject): Promise<string> {
  const running = project.start(['run'], env);
  const logs = () => filesAt(project, '.sluice/runs/*/logs/slow.log');
  await until(() => logs().some(path => readFileSync(path, 'utf8').includes('before')));
  // The engine notes that a container runs after its program has begun, on a busy machine long after.
  await until(async () => (await containersOf(project)).some(({ State }) => State === 'running'));
  running.child.kill('SIGKILL');
  await running.finished;
  const [workdir = ''] = filesAt(project, '.sluice/work/*/1');
  return workdir;
}

const letGo = (workdir: string) => writeFileSync(join(workdir, 'out/go'), '');

/** The next run, which has taken the step over before that may end. */
async function runOn(project: TempProject, workdir: string) {
  const running = project.start(['run', '--json'], env);
  // Not before it is watched: who ends while nobody watches is not believed.
  await running.printed('"step-output"');
  letGo(workdir);
  const { code, stdout } = await running.finished;
  const events: Stamped<RunEvent>[] = stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line));
  return { code, events };
}

describe.skipIf(address === null)('after a run has been killed', () => {
  test('the next one goes on with what still runs, and its log is whole', async () => {
    using project = newProject();
    const workdir = await killedRun(project);
    const [container] = await containersOf(project);
    const { code, events } = await runOn(project, workdir);
    expect(code).toBe(0);
    const warnings = events.filter(({ type }) => type === 'warning');
    expect(warnings).toMatchObject([{ code: 'adopted', step: 'slow' }]);
    const [finished] = events.filter(event => event.type === 'step-finished');
    expect(finished).toMatchObject({ outcome: { kind: 'succeeded' } });
    const log = readFileSync(project.path(finished?.log ?? ''), 'utf8');
    expect(log.split('\n').sort()).toEqual(['', 'after', 'before', 'complaint']);
    expect(container?.State).toBe('running');
    expect(await containersOf(project)).toEqual([]);
    expect(readdirSync(project.path('.sluice/work'))).toEqual([]);
    expect(await project.outcomes([], env)).toEqual({ slow: 'up-to-date' });
  });

  test('one that dies as well leaves it to the one after', async () => {
    using project = newProject();
    const workdir = await killedRun(project);
    const second = project.start(['run'], env);
    const logs = () => filesAt(project, '.sluice/runs/*/logs/slow.log');
    await until(() => logs().length === 2);
    second.child.kill('SIGKILL');
    await second.finished;
    const { code, events } = await runOn(project, workdir);
    expect(code).toBe(0);
    expect(events.filter(({ type }) => type === 'warning')).toMatchObject([{ code: 'adopted' }]);
  });

  test('what works on inputs that are no longer wanted is ended', async () => {
    using project = newProject();
    const workdir = await killedRun(project);
    project.write('data.txt', 'other\n');
    project.write('pipelines/p.yaml', PIPELINE.replace('out/go', 'in/data.txt'));
    const { code, events } = await project.events([], env);
    expect(code).toBe(0);
    expect(events.filter(({ type }) => type === 'warning')).toMatchObject([
      { code: 'orphans-ended' },
    ]);
    expect(await containersOf(project)).toEqual([]);
    expect(existsSync(workdir)).toBe(false);
  });

  test('what has been touched while nobody watched is not published', async () => {
    using project = newProject();
    const workdir = await killedRun(project);
    const [copy = ''] = globSync(join(workdir, 'in/**/*data*')).filter(path => path !== workdir);
    writeFileSync(copy, 'forged');
    const { code, events } = await runOn(project, workdir);
    expect(code).toBe(1);
    const [finished] = events.filter(event => event.type === 'step-finished');
    expect(finished).toMatchObject({ outcome: { failure: { class: 'unstable-input' } } });
  });

  test('who forces the step has it begun anew', async () => {
    using project = newProject();
    const workdir = await killedRun(project);
    const second = project.start(['run', '--force'], env);
    const anew = () =>
      filesAt(project, '.sluice/work/*/1/out').find(path => !path.startsWith(workdir));
    await until(() => anew() !== undefined);
    writeFileSync(join(anew() ?? '', 'go'), '');
    expect((await second.finished).code).toBe(0);
    expect(await containersOf(project)).toEqual([]);
  });

  test('Ctrl-C ends what was gone on with', async () => {
    using project = newProject();
    await killedRun(project);
    const second = project.start(['run'], env);
    await until(() => filesAt(project, '.sluice/runs/*/logs/slow.log').length === 2);
    second.child.kill('SIGINT');
    expect((await second.finished).code).toBe(130);
    expect(await containersOf(project)).toEqual([]);
    expect(readdirSync(project.path('.sluice/work'))).toEqual([]);
  });

  test('what has not the GPUs that its step asks for now is ended before that begins anew', async () => {
    using project = newProject();
    const workdir = await killedRun(project);
    project.write('pipelines/p.yaml', `${PIPELINE}    resources: { gpus: 1 }\n`);
    project.write('tools/nvidia-smi', '#!/bin/sh\necho GPU-a, 0, Stand-in, 16384\n');
    chmodSync(project.path('tools/nvidia-smi'), 0o755);
    const second = project.start(['run', '--json'], {
      ...env,
      PATH: `${project.path('tools')}:${process.env['PATH']}`,
      SLUICE_GPU_LOCKS: project.path('locks'),
    });
    const anew = () =>
      filesAt(project, '.sluice/work/*/1/out').find(path => !path.startsWith(workdir));
    await until(() => anew() !== undefined);
    writeFileSync(join(anew() ?? '', 'go'), '');
    const { code, stdout } = await second.finished;
    expect(code).toBe(0);
    expect(stdout).toContain('it was given 0 GPUs, and asks for 1 GPU now: it begins anew');
    expect(await containersOf(project)).toEqual([]);
    expect(existsSync(workdir)).toBe(false);
  });
});

import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { until } from '../test/harness/until.ts';
import { processExecutor } from './executors/process.ts';
import { planOf, type StepSketch } from './testing/plan-of.ts';
import { type StartedRun, TempProject } from './testing/temp-project.ts';

const start = (project: TempProject, sketch: StepSketch, changes = {}): Promise<StartedRun> =>
  project.start(planOf({ s: sketch }), processExecutor({ graceMs: 200 }), changes);

const outcomeOf = async (run: StartedRun) => (await run.eventsOf('step-finished'))[0]?.outcome;

const logOf = (project: TempProject, run: StartedRun): string =>
  project.read(`.sluice/runs/${run.run}/logs/s.log`);

test('a step sees a built environment: no variable of ours, a private home, its ports', async () => {
  await using project = TempProject.create({ 'raw.csv': 'x' });
  const run = await start(
    project,
    {
      run: 'env; cat "$SLUICE_STEP"',
      in: { raw: './raw.csv' },
      params: { 'max-depth': 3, name: 'n' },
      env: { SEED: '7' },
    },
    { environment: { PATH: process.env['PATH'], LEAKED: 'yes' } },
  );
  await run.summary;
  const log = logOf(project, run);
  expect(log).not.toContain('LEAKED');
  for (const line of [
    'SEED=7',
    'TZ=UTC',
    'LANG=C.UTF-8',
    'SLUICE_PARAM_MAX_DEPTH=3',
    'SLUICE_PARAM_NAME=n',
    'SLUICE_IN_RAW=in/raw.csv',
  ]) {
    expect(log).toContain(`${line}\n`);
  }
  expect(log).toMatch(/HOME=.*\.sluice\/work\/.*home/);
  expect(log).toContain('"max-depth": 3');
});

test('a secret reaches the step and no log, event or report of it', async () => {
  await using project = TempProject.create({ '.env': 'TOKEN=tok-4711\n' });
  const run = await start(project, {
    run: 'echo "have $TOKEN"; printf tok-; sleep 0.1; echo 4711; echo "{\\"warning\\":\\"$TOKEN\\"}" >> "$SLUICE_EVENTS"; echo ${#TOKEN}',
    secrets: ['TOKEN'],
  });
  await run.summary;
  expect(logOf(project, run)).toBe('have ***\n***\n8\n');
  expect(JSON.stringify(run.events)).not.toContain('tok-4711');
  const recorded = project.read(`.sluice/runs/${run.run}/events.jsonl`);
  expect(recorded).not.toContain('tok-4711');
});

test('a secret that is set nowhere keeps its step from starting', async () => {
  await using project = TempProject.create();
  const run = await start(project, { run: 'true', secrets: ['TOKEN'] });
  expect(await outcomeOf(run)).toMatchObject({
    kind: 'failed',
    failure: { class: 'not-started', message: expect.stringContaining('TOKEN') },
  });
});

test('a command that misses a file of the project is told which, and where to list it', async () => {
  await using project = TempProject.create({ 'src/a.sh': '. ./src/util.sh', 'src/util.sh': '' });
  const run = await start(project, { run: 'sh src/a.sh', files: ['src/a.sh'] });
  expect(await outcomeOf(run)).toMatchObject({
    failure: { class: 'exit', hint: 'src/util.sh exists in the project but is not in `files`' },
  });
});

test('a library step runs on our own Node, whatever is on PATH and comes there meanwhile', async () => {
  await using project = TempProject.create({
    'bin/node': '#!/bin/sh\necho old; exit 1\n',
  });
  const bin = join(project.root, 'bin');
  project.write(
    'library/hello/main.js',
    `const fs = require('fs');
fs.writeFileSync(${JSON.stringify(join(bin, 'new'))}, '');
fs.writeFileSync('out/version', JSON.stringify(process.version));`,
  );
  const sketch: StepSketch = {
    run: ['node', 'main.js'],
    out: { version: 'value' },
    definition: {
      kind: 'folder',
      step: 'hello',
      version: '1.0.0',
      folder: 'library:hello',
      includes: [],
      packages: ['nowhere'],
    },
  };
  const run = await start(project, sketch, {
    environment: { PATH: `${bin}:${process.env['PATH']}` },
  });
  expect(await outcomeOf(run)).toEqual({ kind: 'succeeded' });
  project.write('library/hello/main.js', "require('fs').writeFileSync('out/version', '1')");
  const edited = await start(project, sketch);
  const [judged] = await edited.eventsOf('step-judged');
  expect(judged?.because).toMatchObject({
    kind: 'changed',
    changes: [{ part: 'step file main.js' }],
  });
});

test.each([
  ['exit 3', { class: 'exit', code: 3 }],
  ['kill -9 $$', { class: 'killed', signal: 'SIGKILL' }],
])('%s ends the step as it should', async (script, failure) => {
  await using project = TempProject.create();
  expect(await outcomeOf(await start(project, { run: script }))).toMatchObject({ failure });
});

test('a step that hangs is ended at its timeout', async () => {
  await using project = TempProject.create();
  const run = await start(project, { run: 'sleep 300', timeoutMs: 100 });
  expect(await outcomeOf(run)).toMatchObject({ failure: { class: 'timed-out', timeoutMs: 100 } });
});

test('a hundred megabytes are in the log, and little of it in the events', async () => {
  await using project = TempProject.create();
  const run = await start(project, { run: 'yes 0123456789 | head -c 100000000' });
  await run.summary;
  const log = join(project.root, `.sluice/runs/${run.run}/logs/s.log`);
  expect(statSync(log).size).toBe(100_000_000);
  expect(JSON.stringify(run.events).length).toBeLessThan(1_000_000);
});

test('what a step reports becomes events while it runs', async () => {
  await using project = TempProject.create();
  const run = await start(project, {
    run: 'echo \'{"progress":0.5,"message":"half"}\' >> "$SLUICE_EVENTS"; echo junk >> "$SLUICE_EVENTS"',
  });
  expect(await run.eventsOf('step-progress')).toMatchObject([{ progress: 0.5, message: 'half' }]);
  expect(await run.eventsOf('warning')).toMatchObject([{ code: 'ignored-report' }]);
});

/** A runner of its own that dies without a word while its step runs. */
const DYING = `
import { processExecutor } from '${import.meta.dirname}/executors/process.ts';
import { run } from '${import.meta.dirname}/run.ts';
import { systemClock } from '${import.meta.dirname}/clock.ts';
import { planOf } from '${import.meta.dirname}/testing/plan-of.ts';
import { openLocalStore } from '${import.meta.dirname}/../store/local.ts';
const project = process.argv[2];
const store = await openLocalStore({ root: project + '/.sluice' });
const never = new AbortController().signal;
await run({
  plan: planOf({ s: { run: 'echo half > .step/scratch/point; echo $$ > ' + project + '/pid; sleep 300' } }),
  project, home: project + '/.sluice', libraryFolder: project, store: store.value,
  executor: processExecutor(), events: () => {}, signal: never, kill: never, parallel: undefined,
  machine: { cpus: 1, memoryBytes: 2 ** 30, gpus: 0 }, pools: {}, keepGoing: false, force: undefined,
  only: undefined, environment: process.env, commit: undefined, run: '20260101-000000-dead', clock: systemClock,
});
`;

test('a killed runner leaves nothing that the next run does not end and clean', async () => {
  await using project = TempProject.create();
  const script = join(project.root, 'dying.ts');
  writeFileSync(script, DYING);
  const runner = spawn(process.execPath, [script, project.root], { stdio: 'ignore' });
  const gone = new Promise(resolve => runner.once('exit', resolve));
  const pidFile = join(project.root, 'pid');
  await until(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '');
  runner.kill('SIGKILL');
  await gone;
  const orphan = Number(project.read('pid'));
  expect(existsSync(`/proc/${orphan}/environ`)).toBe(true);
  expect(readdirSync(join(project.home, 'work'))).toContain('20260101-000000-dead');

  const run = await start(project, { run: 'cat .step/scratch/point 2>/dev/null; true' });
  expect(await run.outcomes()).toEqual({ s: 'succeeded' });
  expect(await run.eventsOf('warning')).toMatchObject([{ code: 'orphans-ended' }]);
  expect(() => readFileSync(`/proc/${orphan}/environ`, 'utf8')).toThrow();
  expect(readdirSync(join(project.home, 'work'))).toEqual([]);
});

test('the first interrupt lets a step tidy up, the second does not', async () => {
  await using project = TempProject.create();
  const script = (file: string) =>
    `trap 'sleep 0.1; : > ${join(project.root, file)}; exit 0' TERM; echo ready; while :; do sleep 0.02; done`;
  const executor = processExecutor({ graceMs: 5_000 });
  const gentle = await project.start(planOf({ s: { run: script('gentle') } }), executor);
  await printed(gentle);
  gentle.interrupt();
  expect(await gentle.outcomes()).toEqual({ s: 'cancelled' });
  expect(existsSync(join(project.root, 'gentle'))).toBe(true);

  const hasty = await project.start(planOf({ s: { run: script('hasty') } }), executor);
  await printed(hasty);
  hasty.interrupt();
  hasty.insist();
  expect(await hasty.outcomes()).toEqual({ s: 'cancelled' });
  expect(existsSync(join(project.root, 'hasty'))).toBe(false);
});

const printed = (run: StartedRun): Promise<void> =>
  until(() => run.events.some(({ type }) => type === 'step-output'));

import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Failure } from '../schema/event.ts';
import type { Store } from '../store/store.ts';
import { type HeldStep, heldExecutor } from './testing/held-executor.ts';
import { planOf } from './testing/plan-of.ts';
import { playing } from './testing/playing.ts';
import { type StartedRun, TempProject } from './testing/temp-project.ts';

const failureOf = async (run: StartedRun): Promise<Failure | undefined> => {
  const outcome = (await run.eventsOf('step-finished'))[0]?.outcome;
  return outcome?.kind === 'failed' ? outcome.failure : undefined;
};

const plan = planOf({ s: { in: { raw: './raw.csv' }, out: { data: 'file' } } });

test('an input that moves under a running step: its result is kept, named and not published', async () => {
  await using project = TempProject.create({ 'raw.csv': 'v1' });
  const run = await project.start(
    plan,
    playing({
      s: step => {
        project.write('raw.csv', 'v2');
        step.write('out/data', 'from v1');
        step.exit(0);
      },
    }),
  );
  expect(await failureOf(run)).toEqual({
    class: 'unstable-input',
    paths: ['raw.csv'],
    kept: expect.stringMatching(/^\.sluice\/unpublished\//),
  });
  expect(project.read(`.sluice/unpublished/${run.run}/s/data`)).toBe('from v1');
  expect(await run.eventsOf('warning')).toMatchObject([{ code: 'unstable-input' }]);

  project.write('raw.csv', 'v1');
  const executor = playing({ s: { 'out/data': 'again' } });
  expect(await (await project.start(plan, executor)).outcomes()).toEqual({ s: 'succeeded' });
});

test('an input that is edited and reverted while the step runs was never seen by it', async () => {
  await using project = TempProject.create({ 'raw.csv': 'v1' });
  const run = await project.start(
    plan,
    playing({
      s: step => {
        project.write('raw.csv', 'v2');
        step.write('out/data', readFileSync(join(step.attempt.workdir, 'in/raw.csv'), 'utf8'));
        project.write('raw.csv', 'v1');
        step.exit(0);
      },
    }),
  );
  expect(await run.outcomes()).toEqual({ s: 'succeeded' });
  const [finished] = await run.eventsOf('step-finished');
  const artifact = finished?.outputs['data'];
  if (artifact === undefined) throw new Error('no output');
  const read = await (await project.store()).read(artifact);
  expect(read.ok && read.value.toString()).toBe('v1');
});

test('an input that moves between the verdict and the start is judged again', async () => {
  await using project = TempProject.create({ 'raw.csv': 'v1' });
  const steps = planOf({
    first: { out: { x: 'file' } },
    s: { in: { raw: './raw.csv' }, out: { data: 'file' } },
  });
  const executor = heldExecutor();
  const machine = { cpus: 1, memoryBytes: 2 ** 30, gpus: 0 };
  const run = await project.start(steps, executor, { machine });
  const first = await executor.next();
  // Both are judged; only one may execute at a time.
  while (run.events.filter(({ type }) => type === 'step-judged').length < 2) {
    await new Promise(setImmediate);
  }
  project.write('raw.csv', 'v2');
  first.write('out/x', '1');
  first.exit(0);
  const s = await executor.next();
  s.write('out/data', readFileSync(join(s.attempt.workdir, 'in/raw.csv'), 'utf8'));
  s.exit(0);
  expect(await run.outcomes()).toEqual({ first: 'succeeded', s: 'succeeded' });
  const second = await project.start(steps, playing());
  expect(await second.outcomes()).toEqual({ first: 'up-to-date', s: 'up-to-date' });
});

test('a step that changes its own copy of an input has no result', async () => {
  await using project = TempProject.create({ 'raw.csv': 'v1' });
  const run = await project.start(
    plan,
    playing({
      s: step => {
        const input = join(step.attempt.workdir, 'in/raw.csv');
        chmodSync(input, 0o644);
        writeFileSync(input, 'v2');
        chmodSync(input, 0o444);
        step.write('out/data', 'x');
        step.exit(0);
      },
    }),
  );
  expect(await failureOf(run)).toEqual({
    class: 'unstable-input',
    paths: ['in/raw.csv'],
    kept: expect.stringMatching(/^\.sluice\/unpublished\//),
  });
});

test('inputs are laid out read-only, and nothing undeclared is there', async () => {
  await using project = TempProject.create({ 'raw.csv': 'v1', 'secret.txt': 's', 'src/a.py': '' });
  let seen: readonly string[] = [];
  let modes: readonly number[] = [];
  const run = await project.start(
    planOf({ s: { in: { raw: './raw.csv' }, files: ['src/a.py'] } }),
    playing({
      s: step => {
        const { workdir } = step.attempt;
        seen = readdirSync(workdir, { recursive: true, encoding: 'utf8' });
        modes = ['in/raw.csv', 'src/a.py'].map(path => statSync(join(workdir, path)).mode & 0o777);
        step.exit(0);
      },
    }),
  );
  await run.summary;
  expect(modes).toEqual([0o444, 0o444]);
  expect(seen.filter(path => !path.startsWith('.step')).sort()).toEqual(
    ['in', 'in/raw.csv', 'out', 'src', 'src/a.py'].sort(),
  );
});

test('undeclared writes do not survive, and no working directory does', async () => {
  await using project = TempProject.create({ 'raw.csv': 'v1' });
  const run = await project.start(
    plan,
    playing({ s: { 'out/data': '1', 'out/extra': '2', log: 'x' } }),
  );
  const [finished] = await run.eventsOf('step-finished');
  expect(Object.keys(finished?.outputs ?? {})).toEqual(['data']);
  expect(readdirSync(join(project.home, 'work'))).toEqual([]);
});

const bad: readonly [string, string, (step: HeldStep) => void, RegExp][] = [
  ['nothing', 'file', () => undefined, /was not written/],
  ['a folder for a file', 'file', step => step.write('out/data/x', '1'), /is a folder/],
  ['a file for a folder', 'dir', step => step.write('out/data', '1'), /is a file/],
  ['text for a value', 'value', step => step.write('out/data', 'not json'), /is not JSON/],
  [
    'a loss that has diverged',
    'metrics',
    step => step.write('out/data', '{ "acc": 0.1,\n"loss": NaN, "note": "NaN" }'),
    /has NaN for `loss` \(line 2\)/,
  ],
  ['a list for metrics', 'metrics', step => step.write('out/data', '[1]'), /not an object/],
  [
    'a link to a file outside',
    'file',
    step => symlinkSync('/etc/passwd', join(step.attempt.workdir, 'out/data')),
    /is a link/,
  ],
  [
    'a link out of a folder',
    'dir',
    step => {
      mkdirSync(join(step.attempt.workdir, 'out/data'));
      symlinkSync('/etc/passwd', join(step.attempt.workdir, 'out/data/p'));
    },
    /data/,
  ],
];

test.each(bad)('%s is a bad output, and nothing is published', async (_, type, act, words) => {
  await using project = TempProject.create();
  const steps = planOf({ s: { out: { data: type } } });
  const part = (step: HeldStep) => {
    act(step);
    step.exit(0);
  };
  const run = await project.start(steps, playing({ s: part }));
  expect(await failureOf(run)).toMatchObject({
    class: 'bad-output',
    message: expect.stringMatching(words),
  });
  const again = await project.start(steps, playing({ s: part }));
  expect((await again.eventsOf('step-judged'))[0]?.verdict).toBe('execute');
});

test.each<[what: string, out: Readonly<Record<string, string>>, hint: RegExp | undefined]>([
  ['text for a value', { value: 'not json' }, /^its content has to be JSON/],
  ['a number that JSON has not', { value: 'NaN' }, /^a loss that is not finite/],
  ['an empty file for metrics', { metrics: '' }, /^metrics are one JSON object/],
  ['a list for metrics', { metrics: '[1]' }, /^metrics are one JSON object/],
  ['text for a value, and another file not at all', { value: 'x', file: '' }, undefined],
])('%s: the help is about what has to be in it, not about where', async (_, out, hint) => {
  await using project = TempProject.create();
  const types = Object.fromEntries(Object.keys(out).map(type => [type, type]));
  const part = (step: HeldStep) => {
    for (const [port, content] of Object.entries(out)) {
      if (port !== 'file') step.write(`out/${port}`, content);
    }
    step.exit(0);
  };
  const run = await project.start(planOf({ s: { out: types } }), playing({ s: part }));
  expect(await failureOf(run)).toEqual({
    class: 'bad-output',
    message: expect.any(String),
    ...(hint !== undefined && { hint: expect.stringMatching(hint) }),
  });
});

test('what a step saves in its scratch folder is there at the next try, and gone after success', async () => {
  await using project = TempProject.create();
  const steps = planOf({ s: { out: { data: 'file' } } });
  const scratch = (step: HeldStep) => join(step.attempt.workdir, '.step/scratch/checkpoint');
  const first = await project.start(
    steps,
    playing({
      s: step => {
        writeFileSync(scratch(step), 'half');
        step.end({ kind: 'killed', signal: 'SIGKILL' });
      },
    }),
  );
  expect(await failureOf(first)).toEqual({ class: 'killed', signal: 'SIGKILL' });
  const second = await project.start(
    steps,
    playing({
      s: step => {
        step.write('out/data', `${readFileSync(scratch(step), 'utf8')} and whole`);
        step.exit(0);
      },
    }),
  );
  expect(await second.outcomes()).toEqual({ s: 'succeeded' });
  expect(readdirSync(join(project.home, 'scratch'))).toEqual([]);
});

test('a full disk is one clear failure, and the next run goes on', async () => {
  await using project = TempProject.create({ 'raw.csv': 'v1' });
  const store = await project.store();
  const full: Store = {
    ...store,
    put: async path => ({ ok: false, error: { kind: 'full', path } }),
  };
  const parts = { s: { 'out/data': '1' } };
  const run = await project.start(plan, playing(parts), { store: full });
  expect(await failureOf(run)).toMatchObject({
    class: 'environment',
    message: expect.stringContaining('disk is full'),
  });
  expect(await (await project.start(plan, playing(parts))).outcomes()).toEqual({ s: 'succeeded' });
});

test('a run that cannot be recorded says so once and goes on', async () => {
  await using project = TempProject.create({ 'raw.csv': 'v1' });
  await project.store();
  writeFileSync(join(project.home, 'runs'), 'in the way');
  const free = planOf({ s: {} });
  const run = await project.start(free, playing());
  const warnings = await run.eventsOf('warning');
  expect(warnings.filter(({ code }) => code === 'recorder-failed')).toHaveLength(1);
});

test('an input that is gone is a failure that names it', async () => {
  await using project = TempProject.create();
  const run = await project.start(plan, playing());
  expect(await failureOf(run)).toMatchObject({
    class: 'not-started',
    message: expect.stringContaining('./raw.csv'),
  });
});

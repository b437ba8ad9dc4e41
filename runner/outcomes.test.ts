import { expect, test } from 'vitest';
import { stepId } from '../schema/id.ts';
import { type HeldExecutor, heldExecutor } from './testing/held-executor.ts';
import { known, planOf } from './testing/plan-of.ts';
import { TempProject } from './testing/temp-project.ts';

/** Writes the step's name to each declared output, and ends well. */
const diligent = (except: Readonly<Record<string, number>> = {}): HeldExecutor =>
  heldExecutor(step => {
    for (const [name, path] of Object.entries(step.attempt.env)) {
      if (name.startsWith('SLUICE_OUT_')) step.write(path, `"${step.step}"`);
    }
    step.exit(except[step.step] ?? 0);
    return true;
  });

const chain = planOf({
  a: { out: { x: 'file' } },
  b: { in: { x: 'a.x' }, out: { y: 'file' } },
  c: { in: { y: 'b.y' } },
  aside: { needs: ['free'] },
  free: {},
});
// The plan's order has needs first.
const plan = { ...chain, steps: [...chain.steps].sort(({ id }) => (id === 'free' ? -1 : 0)) };

test('a failed step takes with it what needs it, and keep-going finishes the rest', async () => {
  await using project = TempProject.create();
  const run = await project.start(plan, diligent({ a: 3 }), { keepGoing: true });
  const { outcomes, result } = await run.summary;
  expect(result).toBe('failed');
  expect(Object.fromEntries(outcomes)).toMatchObject({
    a: { kind: 'failed', failure: { class: 'exit', code: 3 } },
    b: { kind: 'skipped', because: 'need-failed', need: 'a' },
    c: { kind: 'skipped', because: 'need-failed', need: 'a' },
    free: { kind: 'succeeded' },
    aside: { kind: 'succeeded' },
  });
});

test('by default what runs may finish and nothing new starts', async () => {
  await using project = TempProject.create();
  const executor = heldExecutor();
  const run = await project.start(
    planOf({ bad: {}, long: {}, after: { needs: ['long'] } }),
    executor,
  );
  const held = [await executor.next(), await executor.next()];
  held.find(({ step }) => step === 'bad')?.exit(1);
  await Promise.resolve();
  held.find(({ step }) => step === 'long')?.exit(0);
  const { outcomes } = await run.summary;
  expect(outcomes.get(stepId('after'))).toMatchObject({ kind: 'skipped', because: 'not-reached' });
  expect(await run.outcomes()).toMatchObject({ bad: 'failed', long: 'succeeded' });
});

test('a false condition skips the step and what consumes it, not what comes after it', async () => {
  await using project = TempProject.create();
  const run = await project.start(
    planOf({
      gate: { condition: known(false), out: { x: 'file' } },
      eats: { in: { x: 'gate.x' }, out: { y: 'file' } },
      further: { in: { y: 'eats.y' } },
      later: { needs: ['gate'] },
    }),
    diligent(),
  );
  const { outcomes, result } = await run.summary;
  expect(result).toBe('succeeded');
  expect(Object.fromEntries(outcomes)).toMatchObject({
    gate: { kind: 'skipped', because: 'condition' },
    eats: { kind: 'skipped', because: 'need-skipped', need: 'gate' },
    further: { kind: 'skipped', because: 'need-skipped', need: 'gate' },
    later: { kind: 'succeeded' },
  });
});

const readsMetric = (field: string) =>
  planOf({
    eval: { out: { metrics: 'metrics' } },
    ship: {
      condition: {
        kind: 'late',
        parts: [
          {
            kind: 'expression',
            quote: 'none',
            expression: {
              kind: 'binary',
              operator: '>=',
              left: { kind: 'result', step: 'eval', port: 'metrics', fields: [field] },
              right: { kind: 'literal', value: 0.9 },
            },
          },
        ],
      },
      needs: ['eval'],
    },
  });

const evaluating = (accuracy: number) =>
  heldExecutor(step => {
    if (step.step === 'eval') step.write('out/metrics', JSON.stringify({ accuracy }));
    step.exit(0);
    return true;
  });

test.each([
  [0.95, 'succeeded'],
  [0.5, 'skipped'],
])('a condition is decided by the metric it reads: %d', async (accuracy, expected) => {
  await using project = TempProject.create();
  const run = await project.start(readsMetric('accuracy'), evaluating(accuracy));
  expect(await run.outcomes()).toEqual({ eval: 'succeeded', ship: expected });
});

test('a condition that results made false says which part, and what it read', async () => {
  await using project = TempProject.create();
  const run = await project.start(readsMetric('accuracy'), evaluating(0.5));
  const { outcomes } = await run.summary;
  expect(outcomes.get(stepId('ship'))).toMatchObject({
    because: 'condition',
    condition: {
      expression: { kind: 'binary', operator: '>=' },
      values: { 'eval.metrics.accuracy': 0.5 },
    },
  });
});

test('a field that a result does not have is a failure that names it, never a silent false', async () => {
  await using project = TempProject.create();
  const run = await project.start(readsMetric('acuracy'), evaluating(0.95));
  const finished = (await run.eventsOf('step-finished')).find(({ step }) => step === 'ship');
  expect(finished?.outcome).toMatchObject({
    kind: 'failed',
    failure: { class: 'bad-expression', message: expect.stringContaining('acuracy') },
  });
});

test('a step is tried again for the causes that its policy names, ever later', async () => {
  await using project = TempProject.create();
  const retries = { max: 2, on: ['lost'], backoffMs: 100 } as const;
  const executor = heldExecutor();
  const run = await project.start(planOf({ flaky: { retries } }), executor);
  (await executor.next()).end({ kind: 'lost', message: 'node gone' });
  (await executor.next()).end({ kind: 'lost', message: 'node gone' });
  const third = await executor.next();
  expect(third.attempt.workdir).toContain('.sluice/work');
  third.exit(0);
  expect(await run.outcomes()).toEqual({ flaky: 'succeeded' });
  expect((await run.eventsOf('step-retried')).map(({ waitMs }) => waitMs)).toEqual([100, 200]);
  expect((await run.eventsOf('step-started')).map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
});

test('a cause that the policy does not name ends the step at once', async () => {
  await using project = TempProject.create();
  const retries = { max: 2, on: ['lost'], backoffMs: 100 } as const;
  const run = await project.start(planOf({ s: { retries } }), diligent({ s: 1 }));
  expect(await run.outcomes()).toEqual({ s: 'failed' });
  expect(await run.eventsOf('step-retried')).toEqual([]);
});

test('force executes again, all or the named', async () => {
  await using project = TempProject.create();
  const steps = planOf({ a: { out: { x: 'file' } }, b: { in: { x: 'a.x' } } });
  await (await project.start(steps, diligent())).summary;
  const some = await project.start(steps, diligent(), { force: new Set(['a']) });
  expect(await some.outcomes()).toEqual({ a: 'succeeded', b: 'up-to-date' });
  const all = await project.start(steps, diligent(), { force: 'all' });
  expect(await all.outcomes()).toEqual({ a: 'succeeded', b: 'succeeded' });
});

test('a step that is not cached executes each time, and its consumers only for new bytes', async () => {
  await using project = TempProject.create();
  const steps = planOf({
    now: { out: { x: 'file' }, cache: { enabled: false, salt: null } },
    use: { in: { x: 'now.x' } },
  });
  await (await project.start(steps, diligent())).summary;
  const second = await project.start(steps, diligent());
  expect(await second.outcomes()).toEqual({ now: 'succeeded', use: 'up-to-date' });
});

test('a selection runs with its needs and nothing else', async () => {
  await using project = TempProject.create();
  const run = await project.start(plan, diligent(), { only: new Set(['b']) });
  expect(await run.outcomes()).toEqual({ a: 'succeeded', b: 'succeeded' });
});

test('an interrupt ends what runs and starts nothing more', async () => {
  await using project = TempProject.create();
  const executor = heldExecutor();
  const run = await project.start(plan, executor);
  await executor.next();
  run.interrupt();
  const { result } = await run.summary;
  expect(result).toBe('cancelled');
  expect(await run.outcomes()).toMatchObject({ a: 'cancelled', b: 'skipped', c: 'skipped' });
});

test('a step that asks for more than there is does not start, and says so', async () => {
  await using project = TempProject.create();
  const run = await project.start(
    planOf({ big: { cpus: 64 }, pooled: { pool: 'x' } }),
    diligent(),
    {
      keepGoing: true,
    },
  );
  const finished = await run.eventsOf('step-finished');
  expect(finished.map(({ outcome }) => outcome)).toMatchObject([
    {
      kind: 'failed',
      failure: { class: 'not-started', message: expect.stringContaining('64 cpus') },
    },
    { kind: 'failed', failure: { class: 'not-started', message: expect.stringContaining('`x`') } },
  ]);
});

test('events have no gaps, begin with the run and end with it', async () => {
  await using project = TempProject.create();
  const run = await project.start(plan, diligent());
  await run.summary;
  expect(run.events.map(({ seq }) => seq)).toEqual(run.events.map((_, index) => index));
  expect(run.events[0]?.type).toBe('run-started');
  expect(run.events.at(-1)).toMatchObject({ type: 'run-finished', counts: { succeeded: 5 } });
  const recorded = project.read(`.sluice/runs/${run.run}/events.jsonl`).trimEnd().split('\n');
  expect(recorded.map(line => JSON.parse(line))).toEqual(run.events);
});

/** What a person asks of single steps while their run goes on: to end, or to execute once more. */
import { describe, expect, test } from 'vitest';
import type { Stamped } from '../schema/event.ts';
import { stepId } from '../schema/id.ts';
import type { Plan } from '../schema/plan.ts';
import { StepCommands } from './step-commands.ts';
import { type HeldStep, heldExecutor } from './testing/held-executor.ts';
import { planOf } from './testing/plan-of.ts';
import { TempProject } from './testing/temp-project.ts';

/** A run that is held in every step, and the moments at which it says something. */
async function held(project: TempProject, plan: Plan, keepGoing = false) {
  let hold: HeldStep | undefined;
  const executor = heldExecutor(step => {
    if (step.step !== 'hold') return false;
    hold = step;
    return true;
  });
  const commands = new StepCommands();
  const told: string[] = [];
  const waiting: (() => void)[] = [];
  const run = await project.start(plan, executor, {
    commands,
    keepGoing,
    events: event => {
      told.push(...lineOf(event));
      for (const look of waiting.splice(0)) look();
    },
  });
  const until = async (what: string): Promise<void> => {
    while (!told.includes(what)) await new Promise<void>(resolve => waiting.push(resolve));
  };
  /** The next attempt writes this and ends well. */
  const make = async (content: string): Promise<HeldStep> => {
    const step = await executor.next();
    for (const [name, path] of Object.entries(step.attempt.env)) {
      if (name.startsWith('SLUICE_OUT_')) step.write(path, content);
    }
    step.exit(0);
    return step;
  };
  const endHold = async (code = 0): Promise<void> => {
    await until('hold started');
    hold?.write('out/x', 'held');
    hold?.exit(code);
  };
  const send = (kind: 'cancel' | 'rerun', step: string) =>
    commands.send({ kind, step: stepId(step) });
  return { ...run, executor, told, until, make, endHold, send };
}

const lineOf = (event: Stamped): readonly string[] => {
  if (event.type === 'step-reopened') return [`${event.step} reopened: ${event.because}`];
  if (event.type === 'step-started') return [`${event.step} started`];
  return event.type === 'step-finished' ? [`${event.step} ${event.outcome.kind}`] : [];
};

/** `hold` keeps the run alive until the test has asked for all that it wants. */
const steps = {
  hold: { out: { x: 'file' } },
  make: { in: { raw: './raw.csv' }, out: { x: 'file' } },
  take: { in: { x: 'make.x' }, out: { y: 'file' } },
} as const;
const plan = planOf(steps);

const named = async (executor: ReturnType<typeof heldExecutor>, name: string) => {
  const step = await executor.next();
  expect(step.step).toBe(name);
  return step;
};

describe('a step that runs', () => {
  test('is ended and begins anew; it ends once', async () => {
    await using project = TempProject.create({ 'raw.csv': 'as it was' });
    const run = await held(project, planOf({ make: { out: { x: 'file' } } }));
    await named(run.executor, 'make');
    run.send('rerun', 'make');
    await run.make('made');
    expect(await run.outcomes()).toEqual({ make: 'succeeded' });
    expect(run.told).toEqual([
      'make started',
      'make reopened: asked',
      'make started',
      'make succeeded',
    ]);
    expect((await run.summary).result).toBe('succeeded');
  });

  test('that was cancelled can be had once more', async () => {
    await using project = TempProject.create({ 'raw.csv': 'as it was' });
    const run = await held(project, plan);
    await named(run.executor, 'make');
    run.send('cancel', 'make');
    await run.until('take skipped');
    run.send('rerun', 'make');
    for (const step of ['make', 'take']) expect((await run.make('made')).step).toBe(step);
    await run.until('take succeeded');
    await run.endHold();
    expect((await run.summary).counts).toMatchObject({ succeeded: 3, cancelled: 0, skipped: 0 });
    expect((await run.summary).result).toBe('succeeded');
  });

  test.each([false, true])(
    'and is cancelled ends only what needs it, keep going or not: %s',
    async keepGoing => {
      await using project = TempProject.create({ 'raw.csv': 'as it was' });
      const sketch = { ...steps, last: { needs: ['take'] }, late: { needs: ['hold'] } };
      const run = await held(project, planOf(sketch), keepGoing);
      await named(run.executor, 'make');
      run.send('cancel', 'make');
      await run.until('last skipped');
      await run.endHold();
      expect((await run.make('')).step).toBe('late');
      const { outcomes, result } = await run.summary;
      const lost = { kind: 'skipped', because: 'need-cancelled', need: 'make' };
      expect(Object.fromEntries(outcomes)).toEqual({
        hold: { kind: 'succeeded' },
        make: { kind: 'cancelled' },
        take: lost,
        last: lost,
        late: { kind: 'succeeded' },
      });
      expect(result).toBe('cancelled');
    },
  );

  test('and is cancelled does not hide that another has failed', async () => {
    await using project = TempProject.create();
    const run = await held(project, planOf({ hold: steps.hold, make: {} }));
    await named(run.executor, 'make');
    run.send('cancel', 'make');
    await run.until('make cancelled');
    await run.endHold(1);
    expect((await run.summary).result).toBe('failed');
  });
});

describe('a step that has ended', () => {
  test('executes whatever is known of it, and who took the same from it stays as it is', async () => {
    await using project = TempProject.create({ 'raw.csv': 'as it was' });
    const run = await held(project, plan);
    for (const step of ['make', 'take']) expect((await run.make('made')).step).toBe(step);
    await run.until('take succeeded');
    run.send('rerun', 'make');
    expect((await run.make('made')).step).toBe('make');
    await run.endHold();
    expect((await run.summary).counts).toMatchObject({ succeeded: 3 });
    expect(run.executor.started.filter(step => step === 'take')).toHaveLength(1);
  });

  test('reads what lies in the project now; who took something else from it is judged again', async () => {
    await using project = TempProject.create({ 'raw.csv': 'as it was' });
    const run = await held(project, plan);
    for (const step of ['make', 'take']) expect((await run.make('made')).step).toBe(step);
    await run.until('take succeeded');
    project.write('raw.csv', 'repaired');
    run.send('rerun', 'make');
    expect((await run.make('made otherwise')).step).toBe('make');
    expect((await run.make('taken')).step).toBe('take');
    await run.endHold();
    expect((await run.summary).counts).toMatchObject({ succeeded: 3 });
    expect(run.told.filter(line => line.includes('reopened'))).toEqual([
      'make reopened: asked',
      'take reopened: need-changed',
    ]);
  });

  test('badly takes the stop back that it caused, and what was not reached has its turn', async () => {
    await using project = TempProject.create({ 'raw.csv': 'as it was' });
    const run = await held(project, planOf({ ...steps, late: { needs: ['hold'] } }));
    (await named(run.executor, 'make')).exit(1);
    await run.until('late skipped');
    expect(run.told).toContain('take skipped');
    run.send('rerun', 'make');
    for (const step of ['make', 'take']) expect((await run.make('made')).step).toBe(step);
    await run.until('take succeeded');
    await run.endHold();
    expect((await run.make('')).step).toBe('late');
    expect(await run.outcomes()).toEqual({
      hold: 'succeeded',
      make: 'succeeded',
      take: 'succeeded',
      late: 'succeeded',
    });
    expect((await run.summary).result).toBe('succeeded');
  });

  test('a consumer that failed on what it took is tried with what there is now, and so is what needs it', async () => {
    await using project = TempProject.create({ 'raw.csv': 'as it was' });
    const run = await held(
      project,
      planOf({ ...steps, after: { needs: ['take'] }, last: { needs: ['after'] } }),
      true,
    );
    await run.make('bad');
    (await named(run.executor, 'take')).exit(1);
    await run.until('last skipped');
    project.write('raw.csv', 'repaired');
    run.send('rerun', 'make');
    for (const step of ['make', 'take', 'after', 'last']) {
      expect((await run.make('good')).step).toBe(step);
    }
    await run.until('last succeeded');
    await run.endHold();
    expect((await run.summary).result).toBe('succeeded');
  });
});

test('a step that has not begun is not asked twice, and a run that stops takes nothing up', async () => {
  await using project = TempProject.create({ 'raw.csv': 'as it was' });
  const run = await held(project, plan);
  const make = await named(run.executor, 'make');
  await run.until('hold started');
  run.send('rerun', 'take');
  make.exit(1);
  await run.until('take skipped');
  run.send('rerun', 'take');
  expect(run.told.filter(line => line.includes('reopened'))).toEqual([]);
  run.interrupt();
  run.send('rerun', 'make');
  run.send('rerun', 'hold');
  expect(await run.outcomes()).toEqual({ hold: 'cancelled', make: 'failed', take: 'skipped' });
});

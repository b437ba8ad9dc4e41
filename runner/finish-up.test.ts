/** A run that another one takes over from: it starts nothing more, and what it executes is not lost. */
import { expect, test } from 'vitest';
import { heldExecutor } from './testing/held-executor.ts';
import { planOf } from './testing/plan-of.ts';
import { TempProject } from './testing/temp-project.ts';

const twoInARow = planOf({
  first: { out: { x: 'file' } },
  second: { in: { x: 'first.x' }, out: { y: 'file' } },
});

test('it starts nothing new, lets what executes come to its end, and says that it was stopped', async () => {
  await using project = TempProject.create();
  const executor = heldExecutor();
  const finishUp = new AbortController();
  const started = await project.start(twoInARow, executor, { finishUp: finishUp.signal });
  const first = await executor.next();
  finishUp.abort();
  first.write('out/x', 'made');
  first.exit(0);
  const { result, outcomes } = await started.summary;
  expect(Object.fromEntries(outcomes)).toMatchObject({
    first: { kind: 'succeeded' },
    second: { kind: 'skipped', because: 'not-reached' },
  });
  expect(result).toBe('cancelled');
});

test('one whose steps have all begun has succeeded as any other', async () => {
  await using project = TempProject.create();
  const executor = heldExecutor();
  const finishUp = new AbortController();
  const plan = planOf({ only: { out: { x: 'file' } } });
  const started = await project.start(plan, executor, { finishUp: finishUp.signal });
  const only = await executor.next();
  finishUp.abort();
  only.write('out/x', 'made');
  only.exit(0);
  expect((await started.summary).result).toBe('succeeded');
});

test('the next run waits for a step that still executes, and takes what it makes', async () => {
  await using project = TempProject.create();
  const executor = heldExecutor();
  const finishUp = new AbortController();
  const before = await project.start(twoInARow, executor, { finishUp: finishUp.signal });
  const first = await executor.next();
  finishUp.abort();
  const judged = Promise.withResolvers<void>();
  const after = await project.start(twoInARow, executor, {
    events: ({ type }) => type === 'step-judged' && judged.resolve(),
  });
  await judged.promise;
  first.write('out/x', 'made');
  first.exit(0);
  const second = await executor.next();
  expect(second.step).toBe('second');
  second.write('out/y', 'made');
  second.exit(0);
  const { outcomes } = await after.summary;
  expect(Object.fromEntries(outcomes)).toMatchObject({
    first: { kind: 'restored', madeBy: before.run },
    second: { kind: 'succeeded' },
  });
  expect(executor.started).toEqual(['first', 'second']);
});

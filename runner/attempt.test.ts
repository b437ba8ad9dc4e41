import { expect, test } from 'vitest';
import type { Clock } from './clock.ts';
import type { Executor } from './executors/executor.ts';
import { planOf } from './testing/plan-of.ts';
import { TempProject } from './testing/temp-project.ts';

test('how long a step waited before it ran is no part of what it is expected to take', async () => {
  await using project = TempProject.create();
  let now = 0;
  const clock: Clock = { now: () => now, elapsed: () => now, sleep: () => Promise.resolve() };
  const executor: Executor = {
    name: 'process',
    execute: async attempt => {
      now += 60_000;
      attempt.onRunning?.({ holdsMemory: true, read: async () => undefined });
      now += 1_000;
      return { kind: 'exited', code: 0 };
    },
  };
  const plan = planOf({ train: {} });
  await (await project.start(plan, executor, { clock })).summary;
  const again = await project.start(plan, executor, { clock, force: 'all' });
  expect(await again.eventsOf('step-started')).toMatchObject([{ estimateMs: 1_000 }]);
});

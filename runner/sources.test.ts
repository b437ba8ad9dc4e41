import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { planOf } from './testing/plan-of.ts';
import { playing } from './testing/playing.ts';
import { TempProject } from './testing/temp-project.ts';

test('a source that moves while it is taken in is not published under the old token', async () => {
  await using project = TempProject.create();
  let token = 'v1';
  const steps = planOf({ s: { kind: 'source', probe: 'probe', out: { data: 'file' } } });
  const executor = playing({
    s: step => {
      if (step.attempt.command.includes('probe')) step.print(`${token}\n`);
      else {
        token = 'v2';
        step.write('out/data', 'torn');
      }
      step.exit(0);
    },
  });
  const run = await project.start(steps, executor);
  const [finished] = await run.eventsOf('step-finished');
  expect(finished?.outcome).toMatchObject({ failure: { class: 'unstable-input' } });
});

test('the same token is the same trace; another one is a reason to run', async () => {
  await using project = TempProject.create();
  let token = 'v1';
  const steps = planOf({ s: { kind: 'source', probe: 'probe', out: { data: 'file' } } });
  const start = () =>
    project.start(
      steps,
      playing({
        s: step => {
          if (step.attempt.command.includes('probe')) step.print(`${token}\n`);
          else step.write('out/data', token);
          step.exit(0);
        },
      }),
    );
  expect(await (await start()).outcomes()).toEqual({ s: 'succeeded' });
  expect(await (await start()).outcomes()).toEqual({ s: 'up-to-date' });
  token = 'v2';
  const third = await start();
  expect(await third.outcomes()).toEqual({ s: 'succeeded' });
  expect((await third.eventsOf('step-judged'))[0]?.because).toMatchObject({
    kind: 'changed',
    changes: [{ part: 'probe', before: 'v1', after: 'v2' }],
  });
  expect(existsSync(join(project.home, 'work'))).toBe(true);
});

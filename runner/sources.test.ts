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

test('a source that finds something else under the same token keeps what it found first, in that run as in the next', async () => {
  await using project = TempProject.create();
  const steps = planOf({
    s: { kind: 'source', probe: 'probe', out: { data: 'file' } },
    use: { in: { x: 's.data' } },
  });
  const finding = (data: string) =>
    playing({
      s: step => {
        if (step.attempt.command.includes('probe')) step.print('same\n');
        else step.write('out/data', data);
        step.exit(0);
      },
    });
  await (await project.start(steps, finding('first'))).summary;
  const forced = await project.start(steps, finding('second'), { force: new Set(['s']) });
  expect(await forced.outcomes()).toEqual({ s: 'succeeded', use: 'up-to-date' });
  expect(await forced.eventsOf('warning')).toMatchObject([
    { code: 'nondeterministic', message: expect.stringContaining('its probe said the same') },
  ]);
  const next = await project.start(steps, finding('third'));
  expect(await next.outcomes()).toEqual({ s: 'up-to-date', use: 'up-to-date' });
});

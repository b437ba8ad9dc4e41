import { readlinkSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sha256 } from '../schema/id.ts';
import { systemClock } from './clock.ts';
import { receiptFiles } from './effects.ts';
import type { HeldStep } from './testing/held-executor.ts';
import { planOf } from './testing/plan-of.ts';
import { playing } from './testing/playing.ts';
import { TempProject } from './testing/temp-project.ts';

const plan = planOf({
  pack: { in: { raw: './raw.txt' }, out: { package: 'file' } },
  deploy: {
    kind: 'effect',
    check: 'receipt',
    state: 'deployments',
    in: { package: 'pack.package' },
    out: { deployment: 'file' },
  },
});

/** Each deployment is a new version; `current` leads to the newest. */
function deployer(project: TempProject) {
  let version = 0;
  return (content: string) =>
    playing({
      pack: { 'out/package': content },
      deploy: (step: HeldStep) => {
        version += 1;
        project.write(`.sluice/deployments/v${version}`, content);
        const current = join(project.home, 'deployments/current');
        if (version > 1) unlinkSync(current);
        symlinkSync(`v${version}`, current);
        const files = { [`v${version}`]: sha256(content), current: `link:v${version}` };
        step.write('out/.receipt.json', JSON.stringify({ files }));
        step.write('out/deployment', `v${version}`);
        step.exit(0);
      },
    });
}

test('an effect is repeated when a file has taken the place of a folder of its state', async () => {
  await using project = TempProject.create({ 'raw.txt': 'a' });
  const deploy = () =>
    playing({
      pack: { 'out/package': 'A' },
      deploy: (step: HeldStep) => {
        rmSync(join(project.home, 'deployments/a'), { recursive: true, force: true });
        project.write('.sluice/deployments/a/b', 'A');
        step.write('out/.receipt.json', JSON.stringify({ files: { 'a/b': sha256('A') } }));
        step.write('out/deployment', 'v1');
        step.exit(0);
      },
    });
  await (await project.start(plan, deploy())).summary;
  rmSync(join(project.home, 'deployments/a'), { recursive: true });
  project.write('.sluice/deployments/a', '');
  const second = await project.start(plan, deploy());
  expect(await second.outcomes()).toEqual({ pack: 'up-to-date', deploy: 'succeeded' });
});

test('an effect that is in place does not execute again', async () => {
  await using project = TempProject.create({ 'raw.txt': 'a' });
  const deploy = deployer(project);
  await (await project.start(plan, deploy('A'))).summary;
  const second = await project.start(plan, deploy('A'));
  expect(await second.outcomes()).toEqual({ pack: 'up-to-date', deploy: 'up-to-date' });
});

test.each<[string, (project: TempProject) => void, RegExp]>([
  ['edited', project => project.write('.sluice/deployments/v1', 'B'), /v1.*not what/],
  ['removed', project => unlinkSync(join(project.home, 'deployments/v1')), /v1.*gone/],
  [
    'led elsewhere',
    project => {
      unlinkSync(join(project.home, 'deployments/current'));
      symlinkSync('elsewhere', join(project.home, 'deployments/current'));
    },
    /current/,
  ],
])('an effect that was %s has drifted, and executes', async (_, drift, words) => {
  await using project = TempProject.create({ 'raw.txt': 'a' });
  const deploy = deployer(project);
  await (await project.start(plan, deploy('A'))).summary;
  drift(project);
  const second = await project.start(plan, deploy('A'));
  expect(await second.outcomes()).toEqual({ pack: 'up-to-date', deploy: 'succeeded' });
  const judged = (await second.eventsOf('step-judged')).find(({ step }) => step === 'deploy');
  expect(judged?.because).toMatchObject({
    kind: 'drifted',
    detail: expect.stringMatching(words),
  });
});

test('going back to what was deployed before deploys it again, and then it is in place', async () => {
  await using project = TempProject.create({ 'raw.txt': 'a' });
  const deploy = deployer(project);
  await (await project.start(plan, deploy('A'))).summary;
  project.write('raw.txt', 'b');
  await (await project.start(plan, deploy('B'))).summary;
  project.write('raw.txt', 'a');
  const back = await project.start(plan, deploy('A'));
  expect(await back.outcomes()).toEqual({ pack: 'up-to-date', deploy: 'succeeded' });
  expect(readlinkSync(join(project.home, 'deployments/current'))).toBe('v3');
  const after = await project.start(plan, deploy('A'));
  expect(await after.outcomes()).toEqual({ pack: 'up-to-date', deploy: 'up-to-date' });
});

test.each([
  ['no receipt', undefined, /left no/],
  ['a receipt that is none', '[]', /not a receipt/],
  ['a receipt of what is not there', '{"files":{"nowhere":"link:x"}}', /does not hold/],
  ['a receipt that leaves the folder', '{"files":{"../../raw.txt":"link:x"}}', /not a receipt/],
])('%s is a bad output', async (_, receipt, words) => {
  await using project = TempProject.create();
  const steps = planOf({ s: { kind: 'effect', check: 'receipt', state: 'things' } });
  const run = await project.start(
    steps,
    playing({ s: receipt === undefined ? {} : { 'out/.receipt.json': receipt } }),
  );
  const [finished] = await run.eventsOf('step-finished');
  expect(finished?.outcome).toMatchObject({
    kind: 'failed',
    failure: { class: 'bad-output', message: expect.stringMatching(words) },
  });
});

test('a check command decides whether an effect is in place', async () => {
  await using project = TempProject.create();
  let inPlace = false;
  const steps = planOf({ s: { kind: 'effect', check: 'check' } });
  const start = () =>
    project.start(
      steps,
      playing({
        s: step => {
          if (!step.attempt.command.includes('check')) inPlace = true;
          else if (!inPlace) step.print('port 80 is closed\n', 'stderr');
          step.exit(inPlace ? 0 : 1);
        },
      }),
    );
  expect(await (await start()).outcomes()).toEqual({ s: 'succeeded' });
  expect(await (await start()).outcomes()).toEqual({ s: 'up-to-date' });
  inPlace = false;
  const third = await start();
  expect((await third.eventsOf('step-judged'))[0]?.because).toEqual({
    kind: 'drifted',
    detail: 'port 80 is closed',
  });
  expect(await third.outcomes()).toEqual({ s: 'succeeded' });
});

test('an effect without a check executes when something else was done since', async () => {
  await using project = TempProject.create();
  const notify = (text: string) => planOf({ s: { kind: 'effect', run: `notify ${text}` } });
  expect(await (await project.start(notify('a'), playing())).outcomes()).toEqual({
    s: 'succeeded',
  });
  expect(await (await project.start(notify('a'), playing())).outcomes()).toEqual({
    s: 'up-to-date',
  });
  expect(await (await project.start(notify('b'), playing())).outcomes()).toEqual({
    s: 'succeeded',
  });
  expect(await (await project.start(notify('a'), playing())).outcomes()).toEqual({
    s: 'succeeded',
  });
});

test('an effect without a check executes when something else was begun since, and never ended', async () => {
  await using project = TempProject.create();
  const notify = (text: string) => planOf({ s: { kind: 'effect', run: `notify ${text}` } });
  const start = (text: string, code = 0) =>
    project.start(notify(text), playing({ s: step => step.exit(code) }));
  expect(await (await start('a')).outcomes()).toEqual({ s: 'succeeded' });
  expect(await (await start('b', 1)).outcomes()).toEqual({ s: 'failed' });
  expect(await (await start('a')).outcomes()).toEqual({ s: 'succeeded' });
  expect(await (await start('a')).outcomes()).toEqual({ s: 'up-to-date' });
});

test('what an effect did is known as soon as it is done, while its run goes on', async () => {
  await using project = TempProject.create();
  const notify = (text: string) =>
    planOf({ s: { kind: 'effect', run: `notify ${text}` }, later: { needs: ['s'] } });
  await (await project.start(notify('a'), playing())).summary;
  const forced = { force: new Set(['later']) };
  const { promise: goesOn, resolve } = Promise.withResolvers<HeldStep>();
  const running = await project.start(notify('b'), playing({ later: resolve }), forced);
  const held = await goesOn;
  const meanwhile = await project.start(notify('a'), playing());
  expect(await meanwhile.outcomes()).toMatchObject({ s: 'succeeded' });
  held.exit(0);
  expect(await running.outcomes()).toMatchObject({ s: 'succeeded' });
  // The one that ended last had done its part first.
  expect(await (await project.start(notify('a'), playing())).outcomes()).toMatchObject({
    s: 'up-to-date',
  });
});

test('two runs that want the same effect do it once; one that insists does it again', async () => {
  await using project = TempProject.create();
  const steps = planOf({ s: { kind: 'effect', out: { id: 'file' } } });
  const { promise: begun, resolve } = Promise.withResolvers<HeldStep>();
  const first = await project.start(steps, playing({ s: resolve }));
  const held = await begun;
  const judged = Promise.withResolvers<void>();
  let waiting = 2;
  const events = ({ type }: { readonly type: string }) => {
    if (type === 'step-judged' && --waiting === 0) judged.resolve();
  };
  const again = playing({ s: { 'out/id': 'second' } });
  const second = await project.start(steps, playing({ s: { 'out/id': 'none' } }), { events });
  const insisting = await project.start(steps, again, { events, force: 'all' });
  await judged.promise;
  held.write('out/id', 'first');
  held.exit(0);
  expect(await first.outcomes()).toEqual({ s: 'succeeded' });
  expect(await second.outcomes()).toEqual({ s: 'restored' });
  expect(await insisting.outcomes()).toEqual({ s: 'succeeded' });
});

test('of an effect that was done again the last counts, also when the clock has gone back', async () => {
  await using project = TempProject.create();
  const steps = planOf({ s: { kind: 'effect', out: { id: 'file' } } });
  const made = async (id: string, changes: Parameters<typeof project.start>[2] = {}) => {
    const run = await project.start(steps, playing({ s: { 'out/id': id } }), changes);
    return (await run.eventsOf('step-finished'))[0]?.outputs['id']?.digest;
  };
  await made('first');
  await made('second', { force: 'all', clock: { ...systemClock, now: () => 0 } });
  expect(await made('none')).toBe(sha256('second'));
});

test('an effect is told where it comes from, and a pure step is not', async () => {
  await using project = TempProject.create();
  const calls: Record<string, unknown> = {};
  const read = (step: HeldStep) => {
    const path = step.attempt.env['SLUICE_STEP'] ?? '';
    calls[step.step] = JSON.parse(project.read(path.slice(project.root.length + 1))).provenance;
    step.exit(0);
  };
  const run = await project.start(
    planOf({ pure: {}, effect: { kind: 'effect' } }),
    playing({ pure: read, effect: read }),
    { commit: { id: 'abc', dirty: true } },
  );
  await run.summary;
  expect(calls['pure']).toBeNull();
  expect(calls['effect']).toMatchObject({
    run: run.run,
    pipeline: 'test',
    commit: 'abc',
    dirty: true,
  });
});

test.each([
  ['{"files":{"a/b":"link:c"}}', true],
  ['{"files":{}}', true],
  ['{"files":{"a":"sha"}}', false],
  ['{"files":{"/etc/passwd":"link:x"}}', false],
  ['{"files":[]}', false],
  ['nothing', false],
])('%s is a receipt: %s', (text, expected) => {
  expect(receiptFiles(text) !== undefined).toBe(expected);
});

test.each([
  ['a check', { check: 'check' }],
  ['no check', {}],
])('of an effect with %s that was done several times the last counts', async (_, check) => {
  await using project = TempProject.create();
  const steps = planOf({ s: { kind: 'effect', ...check, out: { x: 'file' } } });
  const doing = (content: string) =>
    playing({
      s: step => {
        if (!step.attempt.command.includes('check')) step.write('out/x', content);
        step.exit(0);
      },
    });
  for (const content of ['one', 'two', 'one']) {
    const forced = await project.start(steps, doing(content), { force: new Set(['s']) });
    expect(await forced.outcomes()).toEqual({ s: 'succeeded' });
    const next = await project.start(steps, doing('none'));
    const [finished] = await next.eventsOf('step-finished');
    expect(finished?.outcome.kind).toBe('up-to-date');
    expect(finished?.outputs['x']?.digest).toBe(sha256(content));
  }
});

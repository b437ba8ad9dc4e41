import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Json } from '../schema/canonical-json.ts';
import { planOf, type StepSketch } from './testing/plan-of.ts';
import { playing } from './testing/playing.ts';
import { TempProject } from './testing/temp-project.ts';

const pipeline = planOf({
  clean: { in: { raw: './raw.csv' }, out: { data: 'file' } },
  train: { in: { data: 'clean.data' }, out: { model: 'file', log: 'file' } },
  ship: { in: { model: 'train.model' }, out: { url: 'file' } },
});

const made = { clean: { 'out/data': 'same' }, train: { 'out/model': 'm', 'out/log': '1' } };

test('a rerun that reproduces the same bytes stops there', async () => {
  await using project = TempProject.create({ 'raw.csv': 'v1' });
  const parts = { ...made, ship: { 'out/url': 'u' } };
  await (await project.start(pipeline, playing(parts))).summary;
  project.write('raw.csv', 'v2');
  const run = await project.start(pipeline, playing(parts));
  expect(await run.outcomes()).toEqual({
    clean: 'succeeded',
    train: 'up-to-date',
    ship: 'up-to-date',
  });
});

test('a consumer of one port does not run because another port changed', async () => {
  await using project = TempProject.create({ 'raw.csv': 'v1' });
  await (await project.start(pipeline, playing({ ...made, ship: { 'out/url': 'u' } }))).summary;
  project.write('raw.csv', 'v2');
  const changed = {
    clean: { 'out/data': 'other' },
    train: { 'out/model': 'm', 'out/log': '2' },
    ship: { 'out/url': 'u' },
  };
  const run = await project.start(pipeline, playing(changed));
  expect(await run.outcomes()).toEqual({
    clean: 'succeeded',
    train: 'succeeded',
    ship: 'up-to-date',
  });
});

const sketch = (changes: StepSketch = {}): StepSketch => ({
  run: 'make',
  in: { raw: './raw.csv' },
  out: { data: 'file' },
  files: ['src/a.py'],
  params: { lr: 0.1 },
  env: { SEED: '1' },
  ...changes,
});

const files = { 'raw.csv': 'v1', 'src/a.py': 'print(1)' };

test.each<[string, StepSketch, string]>([
  ['command', { run: 'make all' }, 'command'],
  ['parameter', { params: { lr: 0.2 } }, 'param lr'],
  ['added parameter', { params: { lr: 0.1, epochs: 3 } }, 'param epochs'],
  ['environment', { env: { SEED: '2' } }, 'env SEED'],
  ['empty instead of unset environment', { env: { SEED: '1', EMPTY: '' } }, 'env EMPTY'],
  ['output type', { out: { data: 'value' } }, 'output data'],
  ['salt', { cache: { enabled: true, salt: '2' } }, 'salt'],
  ['secret', { secrets: ['TOKEN'] }, 'secrets'],
])('another %s is another key, and the reason names it', async (_, changes, part) => {
  await using project = TempProject.create({ ...files, '.env': 'TOKEN=t' });
  const parts = { s: { 'out/data': '1' } };
  await (await project.start(planOf({ s: sketch() }), playing(parts))).summary;
  const run = await project.start(planOf({ s: sketch(changes) }), playing(parts));
  const [judged] = await run.eventsOf('step-judged');
  expect(judged).toMatchObject({ verdict: 'execute', because: { kind: 'changed' } });
  const because = judged?.because;
  expect(because?.kind === 'changed' && because.changes.map(change => change.part)).toContain(part);
});

test.each<[string, string, string]>([
  ['an input', 'raw.csv', 'input raw'],
  ['a declared file', 'src/a.py', 'file src/a.py'],
])('%s that was edited is named', async (_, path, part) => {
  await using project = TempProject.create(files);
  const parts = { s: { 'out/data': '1' } };
  await (await project.start(planOf({ s: sketch() }), playing(parts))).summary;
  project.write(path, 'edited');
  const run = await project.start(planOf({ s: sketch() }), playing(parts));
  const [judged] = await run.eventsOf('step-judged');
  expect(judged?.because).toMatchObject({ kind: 'changed', changes: [{ part }] });
});

test('the executable bit of a file is part of the key', async () => {
  await using project = TempProject.create(files);
  const parts = { s: { 'out/data': '1' } };
  await (await project.start(planOf({ s: sketch() }), playing(parts))).summary;
  chmodSync(join(project.root, 'src/a.py'), 0o755);
  const run = await project.start(planOf({ s: sketch() }), playing(parts));
  expect(await run.outcomes()).toEqual({ s: 'succeeded' });
});

test.each<[string, StepSketch]>([
  ['resources', { cpus: 2 }],
  ['retries', { retries: { max: 3, on: ['exit'], backoffMs: 1 } }],
  ['a timeout', { timeoutMs: 1000 }],
  ['an undeclared file of the project', {}],
])('%s cannot matter', async (_, changes) => {
  await using project = TempProject.create(files);
  const parts = { s: { 'out/data': '1' } };
  await (await project.start(planOf({ s: sketch() }), playing(parts))).summary;
  project.write('src/other.py', 'x');
  const run = await project.start(planOf({ s: sketch(changes) }), playing(parts), {
    environment: { PATH: process.env['PATH'], UNDECLARED: 'x' },
  });
  expect(await run.outcomes()).toEqual({ s: 'up-to-date' });
});

test('a rotated secret is no reason to run', async () => {
  await using project = TempProject.create({ ...files, '.env': 'TOKEN=old' });
  const plan = planOf({ s: sketch({ secrets: ['TOKEN'] }) });
  const parts = { s: { 'out/data': '1' } };
  await (await project.start(plan, playing(parts))).summary;
  project.write('.env', 'TOKEN=new');
  expect(await (await project.start(plan, playing(parts))).outcomes()).toEqual({ s: 'up-to-date' });
});

/** Every blob of the store, changed by `damage`. */
function damageBlobs(project: TempProject, damage: (bytes: Buffer) => Buffer): void {
  const blobs = join(project.home, 'blobs');
  for (const entry of readdirSync(blobs, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    chmodSync(path, 0o644);
    writeFileSync(path, damage(readFileSync(path)));
  }
}

const flipped = (bytes: Buffer): Buffer => Buffer.from(bytes.map(byte => byte ^ 1));

test('a damaged blob that a step needs is made again, and the wrong bytes reach nobody', async () => {
  await using project = TempProject.create({ 'raw.csv': 'v1' });
  const parts = { ...made, ship: { 'out/url': 'u' } };
  await (await project.start(pipeline, playing(parts))).summary;
  damageBlobs(project, flipped);
  const seen: string[] = [];
  const again = planOf({
    clean: { in: { raw: './raw.csv' }, out: { data: 'file' } },
    train: { in: { data: 'clean.data' }, out: { model: 'file', log: 'file' }, params: { lr: 2 } },
  });
  const run = await project.start(
    again,
    playing({
      clean: { 'out/data': 'same' },
      train: step => {
        seen.push(readFileSync(join(step.attempt.workdir, 'in/data'), 'utf8'));
        step.write('out/model', 'm2');
        step.write('out/log', '2');
        step.exit(0);
      },
    }),
  );
  expect(await run.outcomes()).toEqual({ clean: 'succeeded', train: 'succeeded' });
  expect(seen).toEqual(['same']);
  expect((await run.eventsOf('warning')).map(({ code }) => code)).toContain('corrupt-blob');
});

test('of several results of one key the oldest counts, and the step is marked', async () => {
  await using project = TempProject.create(files);
  const steps: Readonly<Record<string, StepSketch>> = {
    s: sketch(),
    use: { in: { x: 's.data' } },
  };
  const parts = (value: string) => playing({ s: { 'out/data': value } });
  await (await project.start(planOf(steps), parts('first'))).summary;
  const forced = await project.start(planOf(steps), parts('second'), { force: new Set(['s']) });
  expect(await forced.outcomes()).toEqual({ s: 'succeeded', use: 'up-to-date' });
  expect((await forced.eventsOf('warning')).map(({ code }) => code)).toEqual(['nondeterministic']);
});

test('a second run waits for the step that a first is executing, and then hits', async () => {
  await using project = TempProject.create(files);
  const plan = planOf({ s: sketch() });
  let release: () => void = () => undefined;
  const started = new Promise<void>(resolve => {
    void project
      .start(
        plan,
        playing({
          s: step => {
            release = () => {
              step.write('out/data', '1');
              step.exit(0);
            };
            resolve();
          },
        }),
      )
      .then(run => run.summary);
  });
  await started;
  const executor = playing({ s: { 'out/data': 'other' } });
  const second = await project.start(plan, executor);
  await judged(second.events);
  release();
  expect(await second.outcomes()).toEqual({ s: 'restored' });
  expect(executor.started).toEqual([]);
});

async function judged(events: readonly { readonly type: string }[]): Promise<void> {
  while (!events.some(({ type }) => type === 'step-judged')) await new Promise(setImmediate);
}

const shown: Json = { accuracy: 0.5 };

test('a result is read from the store, whoever made it', async () => {
  await using project = TempProject.create();
  const plan = planOf({ eval: { out: { metrics: 'metrics' } } });
  await (await project.start(plan, playing({ eval: { 'out/metrics': JSON.stringify(shown) } })))
    .summary;
  const run = await project.start(plan, playing());
  const [finished] = await run.eventsOf('step-finished');
  const artifact = finished?.outputs['metrics'];
  const read = artifact === undefined ? undefined : await (await project.store()).read(artifact);
  expect(read?.ok === true && JSON.parse(read.value.toString())).toEqual(shown);
});

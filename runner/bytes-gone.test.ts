import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stepId } from '../schema/id.ts';
import type { Plan } from '../schema/plan.ts';
import { collect } from '../store/collect.ts';
import { badSector } from '../store/faulty-disk.ts';
import { blobPath, layoutAt } from '../store/layout.ts';
import { openLocalStore } from '../store/local.ts';
import { unsyncedDisk } from '../store/unsynced-disk.ts';
import { casesOf } from '../test/harness/cases.ts';
import type { RunRequest } from './run.ts';
import { foretell } from './testing/foretell.ts';
import type { HeldStep } from './testing/held-executor.ts';
import { planOf, type StepSketch } from './testing/plan-of.ts';
import { playing } from './testing/playing.ts';
import { TempProject } from './testing/temp-project.ts';

/** Drops every byte of the store; what is known stays known. */
async function collectAll(project: TempProject): Promise<void> {
  await project.letGo();
  const keep = () => ({ keys: [], artifacts: [] });
  const collected = await collect({ root: project.home, keep, dryRun: false, disk: unsyncedDisk });
  expect(collected).toMatchObject({ kind: 'collected', remaining: { blobs: 0 } });
}

const chain = (changes: Readonly<Record<string, StepSketch>> = {}): Plan =>
  planOf({
    clean: { in: { raw: './raw.csv' }, out: { data: 'file' }, ...changes['clean'] },
    train: { in: { data: 'clean.data' }, out: { model: 'file' }, ...changes['train'] },
    ship: { in: { model: 'train.model' }, out: { url: 'file' }, ...changes['ship'] },
    note: { in: { data: 'clean.data' }, out: { text: 'file' }, ...changes['note'] },
  });

/** Each output is a function of the command and of what was read. */
function honest(step: HeldStep): boolean {
  const { workdir, command } = step.attempt;
  const call = JSON.parse(readFileSync(join(workdir, '.step/call.json'), 'utf8'));
  const read = Object.keys(call.in).map(port =>
    call.in[port].items.map((item: { path: string }) =>
      readFileSync(join(workdir, item.path), 'utf8'),
    ),
  );
  for (const port of Object.keys(call.out)) {
    step.write(`out/${port}`, `${command.at(-1)}(${read.join(',')})`);
  }
  step.exit(0);
  return true;
}

async function runIt(project: TempProject, plan: Plan, changes: Partial<RunRequest> = {}) {
  const executor = playing(Object.fromEntries(plan.steps.map(({ id }) => [id, honest])));
  const run = await project.start(plan, executor, changes);
  return { outcomes: await run.outcomes(), executed: [...executor.started].sort(), run };
}

test('nobody asks for the bytes: a collected store answers as before', async () => {
  await using project = TempProject.create({ 'raw.csv': 'v1' });
  await runIt(project, chain());
  await collectAll(project);
  expect((await runIt(project, chain())).executed).toEqual([]);
});

test('a consumer that executes has what it reads made again, and nothing else is', async () => {
  await using project = TempProject.create({ 'raw.csv': 'v1' });
  await runIt(project, chain());
  await collectAll(project);
  const again = await runIt(project, chain({ ship: { run: 'ship elsewhere' } }));
  expect(again.executed).toEqual(['clean', 'ship', 'train']);
  expect(again.outcomes['note']).toBe('up-to-date');
  const judged = (await again.run.eventsOf('step-judged')).filter(({ step }) => step === 'train');
  expect(judged.map(({ because }) => because)).toEqual([
    null,
    { kind: 'outputs-damaged', paths: ['model'] },
  ]);
  expect((await again.run.summary).counts).toMatchObject({ succeeded: 3, 'up-to-date': 1 });
});

test('many lost needs of one step are all made again', async () => {
  await using project = TempProject.create();
  const names = Array.from({ length: 9 }, (_, index) => `s${index}`);
  const wide = (run: string) =>
    planOf({
      ...Object.fromEntries(names.map(name => [name, { out: { x: 'file' } }])),
      all: { run, in: Object.fromEntries(names.map(name => [name, `${name}.x`])) },
    });
  await runIt(project, wide('one'));
  await collectAll(project);
  expect((await runIt(project, wide('two'))).executed).toEqual(['all', ...names]);
});

test('an output that is still in its place is not made again; one that is not, is', async () => {
  await using project = TempProject.create({ 'raw.csv': 'v1' });
  const placed = chain({ ship: { to: { url: 'url.txt' } } });
  await runIt(project, placed);
  await collectAll(project);
  expect((await runIt(project, placed)).executed).toEqual([]);
  const content = project.read('url.txt');
  rmSync(join(project.root, 'url.txt'));
  expect((await runIt(project, placed)).executed).toEqual(['clean', 'ship', 'train']);
  expect(project.read('url.txt')).toBe(content);
});

test('what the pipeline gives, and a step that is asked for by name, have their bytes', async () => {
  await using project = TempProject.create({ 'raw.csv': 'v1' });
  await runIt(project, chain());
  await collectAll(project);
  const note = stepId('note');
  const giving = { ...chain(), outputs: { text: { step: note, port: 'text' } } };
  expect((await runIt(project, giving)).executed).toEqual(['clean', 'note']);
  await collectAll(project);
  expect((await runIt(project, chain(), { only: new Set(['clean']) })).executed).toEqual(['clean']);
});

test('a result that the disk cannot read any more is made again, without being asked for it', async () => {
  await using project = TempProject.create({ 'raw.csv': 'v1' });
  const { run } = await runIt(project, chain());
  const model = (await outputsOf(run))['train']?.['model']?.digest;
  if (model === undefined) throw new Error('nothing was made');
  const path = blobPath(layoutAt(project.home), model);
  const disk = badSector(unsyncedDisk, path);
  const opened = await openLocalStore({ root: project.home, disk });
  if (!opened.ok) throw new Error(opened.error.kind);
  const changed = chain({ ship: { run: 'ship elsewhere' } });
  const again = await runIt(project, changed, { store: opened.value });
  await opened.value.close();
  expect(again.executed).toEqual(['ship', 'train']);
  expect(again.outcomes).toMatchObject({ train: 'succeeded', ship: 'succeeded' });
});

test('a step that makes something else the second time has all that took the first judged again', async () => {
  await using project = TempProject.create();
  const plan = (ship: string) =>
    planOf({
      train: { out: { model: 'file' } },
      eval: { in: { model: 'train.model' }, out: { score: 'file' } },
      report: { in: { score: 'eval.score' }, out: { page: 'file' } },
      ship: { run: ship, in: { model: 'train.model' }, out: { url: 'file' } },
    });
  let times = 0;
  const train = (step: HeldStep) => {
    times += 1;
    step.write('out/model', `weights ${times}`);
    step.exit(0);
  };
  const parts = { train, eval: honest, report: honest, ship: honest };
  await (await project.start(plan('ship'), playing(parts))).summary;
  await collectAll(project);
  const run = await project.start(plan('ship elsewhere'), playing(parts));
  expect(await run.outcomes()).toEqual({
    train: 'succeeded',
    eval: 'succeeded',
    report: 'succeeded',
    ship: 'succeeded',
  });
  const finished = await run.eventsOf('step-finished');
  const page = finished.findLast(({ step }) => step === 'report')?.outputs['page'];
  const bytes = page === undefined ? undefined : await (await project.store()).read(page);
  expect(bytes?.ok === true && bytes.value.toString()).toContain('weights 2');
  expect(finished.filter(({ step }) => step === 'eval')).toHaveLength(2);
});

test('an effect stays in place when its bytes are gone', async () => {
  await using project = TempProject.create();
  const plan = planOf({
    checked: { kind: 'effect', check: 'look', out: { url: 'file' } },
    blind: { kind: 'effect', out: { url: 'file' } },
  });
  await runIt(project, plan);
  await collectAll(project);
  const { outcomes } = await runIt(project, plan);
  expect(outcomes).toEqual({ checked: 'up-to-date', blind: 'up-to-date' });
});

test('a forecast says what is known without bytes, and what a consumer will have made again', async () => {
  await using project = TempProject.create({ 'raw.csv': 'v1' });
  await runIt(project, chain());
  await collectAll(project);
  expect(await foretell(project, chain())).toMatchObject({
    clean: { kind: 'up-to-date', gone: ['data'] },
    ship: { kind: 'up-to-date', gone: ['url'] },
  });
  expect(await foretell(project, chain({ ship: { run: 'ship elsewhere' } }))).toMatchObject({
    clean: { kind: 'execute', because: { kind: 'outputs-damaged' } },
    train: { kind: 'known-later', waitsFor: ['clean'] },
    ship: { kind: 'known-later', waitsFor: ['clean'] },
  });
});

/** Per step: which earlier ones it reads. */
const shapes = fc.array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 7 });

test('whatever is collected and edited: outputs as from a clean build, and only what has to execute does', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, fc.uniqueArray(fc.nat(6), { maxLength: 3 }), async (shape, edited) => {
      await using project = TempProject.create();
      await using clean = TempProject.create();
      const needs = shape.map((reads, at) =>
        at === 0 ? [] : [...new Set(reads.map(n => n % at))],
      );
      const plan = (isEdited: (at: number) => boolean) =>
        planOf(
          Object.fromEntries(
            needs.map((reads, at) => [
              `s${at}`,
              {
                run: isEdited(at) ? `edited ${at}` : `make ${at}`,
                in: Object.fromEntries(reads.map(n => [`p${n}`, `s${n}.x`])),
                out: { x: 'file' },
              },
            ]),
          ),
        );
      await runIt(
        project,
        plan(() => false),
      );
      await collectAll(project);
      const now = plan(at => edited.includes(at));
      const { executed, run } = await runIt(project, now);
      const reference = await runIt(clean, now);
      expect(await outputsOf(run)).toEqual(await outputsOf(reference.run));
      expect(executed).toEqual(hasToExecute(needs, edited));
      expect((await runIt(project, now)).executed).toEqual([]);
    }),
    { numRuns: casesOf(4) },
  );
});

/** Edited ones and all that follow from them; then, without any bytes, all that those read. */
function hasToExecute(needs: readonly (readonly number[])[], edited: readonly number[]) {
  const all = new Set(edited.filter(at => at < needs.length));
  for (const [at, reads] of needs.entries()) if (reads.some(n => all.has(n))) all.add(at);
  for (const at of needs.keys().toArray().toReversed()) {
    if (all.has(at)) for (const read of needs[at] ?? []) all.add(read);
  }
  return [...all].map(at => `s${at}`).sort();
}

async function outputsOf(run: Awaited<ReturnType<TempProject['start']>>) {
  const finished = await run.eventsOf('step-finished');
  return Object.fromEntries(finished.map(({ step, outputs }) => [step, outputs]));
}

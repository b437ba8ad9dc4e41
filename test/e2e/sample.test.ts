/** `--sample` on the shipped pipeline: a slice for trying things, which the world hears nothing of. */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { TempProject } from '../harness/temp-project.ts';
import { Watching } from '../harness/watching.ts';

const SLICE = 'sample[version.data]';
/** Few epochs, any accuracy: what the model is worth is not the question here. */
const QUICK = ['-p', 'epochs=3', '-p', 'target-accuracy=0'];

const PLACED = `
  note:
    run: cp \${{ in.report }} \${{ out.note }}
    in: { report: eval.report }
    out: { note: { type: file, to: note.md } }
`;

async function digits(): Promise<TempProject> {
  const project = TempProject.create({});
  await project.sluice(['init', '--from', 'digits']);
  const path = 'pipelines/digits.yaml';
  project.write(path, `${project.read(path)}${PLACED}`);
  return project;
}

/** What effects and placed outputs have done. */
const world = (project: TempProject) => ({
  deployments: readdirSync(project.path('.sluice/deployments'), { recursive: true }),
  datasets: readdirSync(project.path('.sluice/datasets'), { recursive: true }),
  note: project.read('note.md'),
});

const values = (outcomes: object) => new Set(Object.values(outcomes));

test('a slice has keys of its own, and neither registers nor deploys; the whole is as it was', async () => {
  using project = await digits();
  await project.outcomes(['digits', ...QUICK]);
  const before = world(project);
  const whole = await project.sluice(['get', 'eval.metrics', '-o', '-']);

  const sampled = ['digits', ...QUICK, '--sample', '20%'];
  const done = 'succeeded';
  expect(await project.outcomes(sampled)).toEqual({
    ingest: 'up-to-date',
    version: 'up-to-date',
    [SLICE]: done,
    split: done,
    train: done,
    eval: done,
    package: done,
    deploy: 'skipped',
    monitor: 'skipped',
    note: done,
  });
  const { events: again } = await project.events(sampled);
  expect(again.filter(({ type }) => type === 'step-started')).toEqual([]);
  expect(again[0]).toMatchObject({ type: 'run-started', sample: 0.2 });
  const deploy = again.find(event => event.type === 'step-finished' && event.step === 'deploy');
  expect(deploy).toMatchObject({ outcome: { kind: 'skipped', because: 'sample' } });
  expect(world(project)).toEqual(before);

  // Whoever asks for a result means the whole, unless the slice is named.
  expect((await project.sluice(['get', 'eval.metrics', '-o', '-'])).stdout).toBe(whole.stdout);
  const slice = await project.sluice(['get', 'eval.metrics', '-o', '-', '--sample', '20%']);
  expect(slice.code).toBe(0);
  expect(slice.stdout).not.toBe(whole.stdout);
  const other = await project.sluice(['get', 'eval.metrics', '--sample', '30%']);
  expect(other).toMatchObject({ code: 2 });
  expect(other.stderr).toContain('no run on a sample of 30% yet');

  // Nor do slices push the whole out of the store.
  expect((await project.sluice(['store', 'gc', '--keep-runs', '1'])).code).toBe(0);
  expect((await project.sluice(['get', 'eval.metrics', '-o', '-'])).stdout).toBe(whole.stdout);
  expect(values(await project.outcomes(['digits', ...QUICK, '--sample', '100%']))).toEqual(
    new Set(['up-to-date']),
  );
});

test('a saved plan keeps its slice, and takes no other', async () => {
  using project = await digits();
  await project.sluice(['plan', 'digits', ...QUICK, '--sample', '1/5', '-o', 'plan.json']);
  const { events } = await project.events(['plan.json', '--step', 'split']);
  expect(events[0]).toMatchObject({ sample: 0.2 });
  const refused = await project.sluice(['run', 'plan.json', '--sample', '5%']);
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toContain('leave `-c`, `-p` and `--sample` out');
});

test('plan says what would not happen, and how much of the data it is about', async () => {
  using project = await digits();
  const { stdout } = await project.sluice(['plan', 'digits', '--sample', '5%']);
  expect(stdout).toMatch(/deploy +skip +effects behind a slice do not happen/);
  expect(stdout).toMatch(/on a sample of 5%.*; on all of the data: ingest, version$/m);
});

test('watching goes on on its slice, round after round', async () => {
  using project = await digits();
  await using watch = new Watching(project, ['digits', ...QUICK, '--sample', '20%']);
  await watch.rested();
  const path = 'pipelines/digits.yaml';
  const edited = project.read(path).replace('stratify: digit', 'stratify: ""');
  const { rounds, events } = await watch.after(() => project.write(path, edited));
  expect(rounds).toHaveLength(2);
  expect(rounds[1]).toMatchObject({ [SLICE]: 'up-to-date', split: 'succeeded', deploy: 'skipped' });
  const starts = events.filter(event => event.type === 'run-started');
  expect(starts.map(({ sample }) => sample)).toEqual([0.2, 0.2]);
});

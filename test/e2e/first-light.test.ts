/** The main job, on the real data, through the real command line. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { REPOSITORY, TempProject } from '../harness/temp-project.ts';

const STEPS = ['ingest', 'version', 'split', 'train', 'eval', 'package', 'deploy', 'monitor'];

async function digitsProject(): Promise<TempProject> {
  const project = TempProject.create({});
  const made = await project.sluice(['init', '--from', 'digits']);
  expect(made).toMatchObject({ code: 0, stderr: '' });
  return project;
}

test('digits go from a CSV file to a deployed and monitored model, once', async () => {
  using project = await digitsProject();

  const first = await project.sluice(['run', 'digits']);
  expect(first.stderr).toBe('');
  expect(first.code).toBe(0);
  expect(first.stdout).toMatch(/digits succeeded: 8 executed in /);

  const metrics = await project.sluice(['get', 'eval.metrics', '-o', '-']);
  expect(JSON.parse(metrics.stdout).accuracy).toBeGreaterThanOrEqual(0.96);
  const verdict = await project.sluice(['get', 'monitor.verdict', '-o', '-']);
  expect(JSON.parse(verdict.stdout)).toMatchObject({ verdict: 'ok', retrain: false });

  const second = await project.sluice(['run', 'digits']);
  expect(second.stdout).toMatch(/nothing to do, all 8 steps are up to date/);

  // Another number of epochs concerns train, and what follows from another model.
  const outcomes = await project.outcomes(['digits', '-p', 'epochs=60']);
  expect(outcomes).toEqual({
    ingest: 'up-to-date',
    version: 'up-to-date',
    split: 'up-to-date',
    train: 'succeeded',
    eval: 'succeeded',
    package: 'succeeded',
    deploy: 'succeeded',
    monitor: 'succeeded',
  });

  // And back: everything is known, but another package is deployed now.
  const back = await project.outcomes(['digits']);
  expect(back).toMatchObject({ train: 'up-to-date', package: 'up-to-date', deploy: 'succeeded' });
});

test('the convolutional network of `-c cnn` reaches 97.5 %', async () => {
  using project = await digitsProject();
  const { code, stdout } = await project.sluice(['run', 'digits', '-c', 'cnn', '--step', 'eval']);
  expect(stdout).toContain('eval');
  expect(code).toBe(0);
  const metrics = await project.sluice(['get', 'eval.metrics', '-o', '-']);
  expect(JSON.parse(metrics.stdout).accuracy).toBeGreaterThanOrEqual(0.975);
});

test('the shipped pipeline is the one the example project gets, but for where its schema lies', async () => {
  using project = await digitsProject();
  const shipped = readFileSync(join(REPOSITORY, 'pipelines/digits.yaml'), 'utf8');
  const expected = shipped.replace('=../schema/', '=../.sluice/schema/');
  expect(project.read('pipelines/digits.yaml')).toBe(expected);
});

test('every step of the library is listed and documented', async () => {
  using project = TempProject.create({});
  const { stdout } = await project.sluice(['steps']);
  for (const step of STEPS) expect(stdout).toContain(step);
  for (const step of STEPS) {
    const { code, stdout: page } = await project.sluice(['steps', step]);
    expect(code).toBe(0);
    expect(page).toMatch(/Inputs/);
    expect(page).toMatch(/Outputs/);
  }
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { randomFrom } from '../sdk/random.ts';
import { loadCheckpoint, saveCheckpoint } from './checkpoint.ts';
import type { Classifier } from './network/classifier.ts';
import { scalingOf } from './scaling.ts';
import {
  type Examples,
  type Trained,
  type TrainingRequest,
  type TrainingState,
  train,
} from './training.ts';

const root = mkdtempSync(join(tmpdir(), 'sluice-training-'));
afterAll(() => rmSync(root, { recursive: true }));

/** Three overlapping clouds on a grid of 4×4 pixels. */
function clouds(count: number, seed: number): Examples {
  const random = randomFrom(seed);
  const classes = Int32Array.from({ length: count }, () => random.below(3));
  const rows = Float32Array.from({ length: count * 16 }, (_, i) => {
    const label = classes[Math.floor(i / 16)] ?? 0;
    return ((i % 16) % 3 === label ? 3 : 1) + 4 * random.float();
  });
  return { rows, count, classes };
}

const TRAIN = clouds(70, 1);
const VALIDATION = clouds(30, 2);

const classifier: Classifier = {
  features: 16,
  classes: 3,
  architecture: { kind: 'cnn', image: [4, 4, 1], channels: [2, 3], hidden: 4 },
  scaling: scalingOf(TRAIN.rows, 16, 'standard', 1),
};

function request(over: Partial<TrainingRequest> = {}, patience = 0): TrainingRequest {
  return {
    classifier,
    settings: {
      // 70 rows in batches of 16: the last batch of an epoch is padded.
      schedule: { epochs: 6, batchSize: 16, learningRate: 0.02, patience },
      weightDecay: 0.1,
      clip: 1,
      seed: 3,
      threads: 1,
    },
    train: TRAIN,
    validation: VALIDATION,
    from: undefined,
    onStep: () => undefined,
    onEpoch: () => undefined,
    ...over,
  };
}

class Killed extends Error {}

/** Trains until `steps` steps are done, saves a checkpoint there and ends without a result. */
async function trainAndDie(folder: string, steps: number): Promise<void> {
  const onStep = (state: TrainingState) => {
    if (state.step < steps) return;
    saveCheckpoint(folder, 'digits', state);
    throw new Killed();
  };
  const from = loadCheckpoint(folder, 'digits');
  await expect(train(request({ from, onStep }))).rejects.toThrow(Killed);
}

const bytesOf = ({ theta }: Trained): Buffer =>
  Buffer.from(theta.buffer, theta.byteOffset, theta.byteLength);

test('the same request gives the same bits', async () => {
  const [once, again] = [await train(request()), await train(request())];
  expect(bytesOf(again).equals(bytesOf(once))).toBe(true);
  expect(again.log).toEqual(once.log);
});

test('two threads give the same bits as two threads', async () => {
  const settings = { ...request().settings, threads: 2 };
  const [once, again] = [await train(request({ settings })), await train(request({ settings }))];
  expect(bytesOf(again).equals(bytesOf(once))).toBe(true);
});

test('a padded batch weighs as much as its rows', async () => {
  const { settings } = request();
  const still = { ...settings, schedule: { ...settings.schedule, epochs: 1, learningRate: 0 } };
  const { log } = await train(request({ settings: still, validation: TRAIN }));
  expect(log[0]?.trainLoss).toBeCloseTo(log[0]?.validation?.loss ?? Number.NaN, 5);
});

test('every epoch takes every row once, in an order of its own', async () => {
  const orders = new Map<number, Int32Array>();
  await train(request({ onStep: ({ epoch, order }) => orders.set(epoch, order) }));
  expect(new Set([...orders.values()].map(String)).size).toBe(6);
  for (const order of orders.values()) expect([...order.toSorted()]).toEqual([...Array(70).keys()]);
});

test('another seed gives other weights', async () => {
  const other = { ...request().settings, seed: 4 };
  const weights = bytesOf(await train(request({ settings: other })));
  expect(weights.equals(bytesOf(await train(request())))).toBe(false);
});

test('dying and going on gives bit for bit what never stopping gives', async () => {
  const folder = mkdtempSync(join(root, 'resume-'));
  const whole = await train(request());
  // In the first epoch, at its last step, after an epoch, again at once, and just before the end.
  for (const steps of [2, 5, 6, 7, 13, 29]) await trainAndDie(folder, steps);
  const resumed = await train(request({ from: loadCheckpoint(folder, 'digits') }));
  expect(bytesOf(resumed).equals(bytesOf(whole))).toBe(true);
  expect(resumed).toEqual(whole);
});

test('a checkpoint that is damaged or of another training is none', async () => {
  const folder = mkdtempSync(join(root, 'damaged-'));
  await trainAndDie(folder, 3);
  const path = join(folder, 'checkpoint.bin');
  const bytes = readFileSync(path);
  expect(loadCheckpoint(folder, 'digits')).toBeDefined();
  expect(loadCheckpoint(folder, 'other')).toBeUndefined();
  for (const damaged of [
    bytes.subarray(0, bytes.length - 1),
    bytes.subarray(0, 10),
    Buffer.alloc(0),
    bytes.map((byte, i) => (i === bytes.length - 5 ? byte ^ 1 : byte)),
  ]) {
    writeFileSync(path, damaged);
    expect(loadCheckpoint(folder, 'digits')).toBeUndefined();
  }
});

test('the epoch with the lowest validation loss is the one that is kept', async () => {
  const { log, bestEpoch } = await train(request());
  const losses = log.map(({ validation }) => validation?.loss ?? Number.NaN);
  expect(losses.length).toBe(6);
  expect(losses.indexOf(Math.min(...losses)) + 1).toBe(bestEpoch);
});

test('training ends when patience does', async () => {
  // Labels without meaning: the validation loss soon only rises.
  const shuffled = { ...VALIDATION, classes: VALIDATION.classes.map(label => (label + 1) % 3) };
  const long = request({ validation: shuffled }, 2);
  const settings = { ...long.settings, schedule: { ...long.settings.schedule, epochs: 50 } };
  const { log, bestEpoch } = await train({ ...long, settings });
  expect(log.length).toBe(bestEpoch + 2);
});

test('without a validation part the last epoch is kept', async () => {
  const { log, bestEpoch } = await train(request({ validation: undefined }));
  expect(bestEpoch).toBe(6);
  expect(log.every(({ validation }) => validation === undefined)).toBe(true);
});

test('what is learned lowers the loss', async () => {
  const plain = { ...classifier, architecture: { kind: 'softmax' } as const };
  const { log } = await train(request({ classifier: plain }));
  expect(log.at(-1)?.trainLoss).toBeLessThan((log[0]?.trainLoss ?? 0) / 2);
});

test('a part smaller than a batch is one batch', async () => {
  const steps: number[] = [];
  await train(request({ train: clouds(5, 3), onStep: ({ step }) => steps.push(step) }));
  expect(steps).toEqual([1, 2, 3, 4, 5, 6]);
});

test('a loss that is no longer a number ends training with a sentence', async () => {
  const rows = TRAIN.rows.slice().fill(3e38, 0, 16);
  await expect(train(request({ train: { ...TRAIN, rows } }))).rejects.toThrow(
    'training diverged in epoch 1: its loss is no longer a number',
  );
});

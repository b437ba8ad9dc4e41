/**
 * Whole networks against gradients and AdamW steps that were computed in float64 by another
 * program (fixtures/gradients.py), and the laws that the emitted graphs keep.
 */
import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { encodeModel, type OnnxModel } from '../../sdk/onnx.ts';
import { randomFrom } from '../../sdk/random.ts';
import { openGraph, resultOf } from '../session.ts';
import { type Architecture, type Classifier, initialWeights, sizeOf } from './classifier.ts';
import { FEED, inferenceModel, judgement, RESULT, trainingStep } from './programs.ts';

type Case = {
  readonly name: string;
  readonly features: number;
  readonly classes: number;
  readonly architecture: Architecture;
  readonly how: { clip: number; decay: number; rate: number; step: number };
  readonly loss: number;
} & Readonly<Record<Vector, readonly number[]>>;

type Vector =
  | 'shift'
  | 'factor'
  | 'rows'
  | 'target'
  | 'theta'
  | 'momentum'
  | 'variance'
  | 'gradient'
  | 'nextTheta'
  | 'nextMomentum'
  | 'nextVariance';

const fixture = new URL('../fixtures/gradients.json', import.meta.url);
const CASES: readonly Case[] = JSON.parse(readFileSync(fixture, 'utf8'));

const vector = (values: readonly number[]) => ({
  shape: [values.length],
  values: Float32Array.from(values),
});
const scalar = (value: number) => ({ shape: [], values: Float32Array.of(value) });

function classifierOf({ features, classes, architecture, shift, factor }: Case): Classifier {
  const scaling = { shift: Float32Array.from(shift), factor: Float32Array.from(factor) };
  return { features, classes, architecture, scaling };
}

/** One step from the case's state, with a momentum and variance of its own if given. */
async function step(kind: Case, settings: { weightDecay: number; clip: number }) {
  const { features, classes, how } = kind;
  const rows = kind.rows.length / features;
  const run = await openGraph(trainingStep(classifierOf(kind), rows, settings), 1);
  return await run({
    [FEED.features]: { ...vector(kind.rows), shape: [rows, features] },
    [FEED.target]: { ...vector(kind.target), shape: [rows, classes] },
    [FEED.theta]: vector(kind.theta),
    [FEED.momentum]: vector(kind.momentum),
    [FEED.variance]: vector(kind.variance),
    [FEED.rate]: scalar(how.rate),
    [FEED.momentumScale]: scalar(1 / (1 - 0.9 ** how.step)),
    [FEED.varianceScale]: scalar(1 / (1 - 0.999 ** how.step)),
  });
}

/** The largest distance, in units of the largest expected value. */
function distance(values: Float32Array, expected: readonly number[]): number {
  expect(values.length).toBe(expected.length);
  const largest = expected.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const gaps = expected.map((each, i) => Math.abs(each - (values[i] ?? Number.NaN)));
  return gaps.reduce((a, b) => Math.max(a, b), 0) / largest;
}

test.each(CASES)('the gradient of a network ($name) is the one of float64', async kind => {
  const zero = kind.theta.map(() => 0);
  // From zero momentum, without clipping, a step's momentum is a tenth of the gradient.
  const results = await step({ ...kind, momentum: zero }, { weightDecay: 0, clip: 0 });
  const gradient = resultOf(results, RESULT.momentum).map(each => each * 10);
  expect(distance(gradient, kind.gradient)).toBeLessThan(2e-6);
  expect(resultOf(results, RESULT.loss)[0]).toBeCloseTo(kind.loss, 5);
});

test.each(CASES)('a step of AdamW ($name) is the one of float64', async kind => {
  const results = await step(kind, { weightDecay: kind.how.decay, clip: kind.how.clip });
  expect(distance(resultOf(results, RESULT.theta), kind.nextTheta)).toBeLessThan(2e-6);
  expect(distance(resultOf(results, RESULT.momentum), kind.nextMomentum)).toBeLessThan(2e-6);
  expect(distance(resultOf(results, RESULT.variance), kind.nextVariance)).toBeLessThan(2e-6);
});

test.each(CASES)('rows of weight 0 change nothing ($name)', async kind => {
  const filled = kind.rows.map((value, i) =>
    i < kind.rows.length - kind.features ? value : value + 1,
  );
  const settings = { weightDecay: 0.1, clip: 1 };
  const results = await step(kind, settings);
  expect(await step({ ...kind, rows: filled }, settings)).toEqual(results);
});

const IMAGES: Classifier = {
  features: 64,
  classes: 10,
  architecture: { kind: 'cnn', image: [8, 8, 1], channels: [16, 32], hidden: 64 },
  scaling: { shift: new Float32Array(64).fill(-5), factor: new Float32Array(64).fill(0.2) },
};

test('no graph multiplies by a vector and none transposes what it need not', () => {
  const theta = initialWeights(IMAGES, randomFrom(1));
  const graphs = [
    trainingStep(IMAGES, 4, { weightDecay: 0.1, clip: 1 }),
    judgement(IMAGES),
    inferenceModel(IMAGES, theta, {}),
  ];
  for (const { graph } of graphs) {
    expect(graph.nodes.filter(({ op }) => op === 'MatMul')).toEqual([]);
    for (const { attributes } of graph.nodes.filter(({ op }) => op === 'Transpose')) {
      const order = attributes['perm']?.kind === 'ints' ? attributes['perm'].values : [];
      expect(order).not.toEqual(order.toSorted());
    }
  }
});

async function probabilities(model: OnnxModel, rows: number, level: 'all' | 'disabled') {
  const random = randomFrom(7);
  const session = await InferenceSession.create(encodeModel(model), {
    graphOptimizationLevel: level,
  });
  const values = Float32Array.from({ length: rows * 64 }, () => random.below(17));
  const feeds = { features: new Tensor('float32', values, [rows, 64]) };
  return (await session.run(feeds))['probabilities']?.data as Float32Array;
}

test('the shipped model takes any number of rows and answers with probabilities', async () => {
  const model = inferenceModel(IMAGES, initialWeights(IMAGES, randomFrom(1)), {});
  for (const rows of [1, 3]) {
    const answers = await probabilities(model, rows, 'all');
    expect(answers.length).toBe(rows * 10);
    for (let row = 0; row < rows; row += 1) {
      const sum = answers.subarray(row * 10, row * 10 + 10).reduce((a, b) => a + b, 0);
      expect(sum).toBeCloseTo(1, 5);
    }
  }
});

test('the runtime’s optimiser does not change what the shipped model says', async () => {
  const model = inferenceModel(IMAGES, initialWeights(IMAGES, randomFrom(1)), {});
  const plain = await probabilities(model, 5, 'disabled');
  expect(distance(await probabilities(model, 5, 'all'), [...plain])).toBeLessThan(1e-5);
});

test('the numbers of learned weights are those of the textbook', () => {
  const table = { ...IMAGES, architecture: { kind: 'softmax' } as const };
  expect(sizeOf(table)).toBe(650);
  expect(sizeOf({ ...table, architecture: { kind: 'mlp', hidden: 64, layers: 1 } })).toBe(4810);
  expect(sizeOf(IMAGES)).toBe(38_282);
});

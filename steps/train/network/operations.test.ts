/**
 * Every operation's gradient against central differences, at points where it is smooth. A loss is
 * made of the result by fixed random weights, so that no entry of the gradient can hide.
 */
import { expect, test } from 'vitest';
import { randomFrom } from '../../sdk/random.ts';
import { openGraph, resultOf } from '../session.ts';
import { convolve } from './convolution.ts';
import { GraphBuilder, int, type Value } from './graph-builder.ts';
import { add, crossEntropy, dense, multiply, relu, reshape, transpose } from './operations.ts';

type Case = {
  readonly name: string;
  readonly shapes: readonly (readonly number[])[];
  readonly build: (g: GraphBuilder, values: readonly Value[]) => Value;
};

const at = (values: readonly Value[], index: number): Value => {
  const value = values[index];
  if (value === undefined) throw new Error(`no operand ${index}`);
  return value;
};

const pick =
  (build: (g: GraphBuilder, a: Value, b: Value, c: Value) => Value): Case['build'] =>
  (g, values) =>
    build(g, at(values, 0), values[1] ?? at(values, 0), values[2] ?? at(values, 0));

const conv = (stride: number, padding: number, dilation: number) =>
  pick((g, x, w, b) => convolve(g, x, w, b, { stride, padding, dilation }));

const CASES: readonly Case[] = [
  {
    name: 'add',
    shapes: [
      [3, 4],
      [3, 4],
    ],
    build: pick(add),
  },
  { name: 'add, a row broadcast', shapes: [[3, 4], [4]], build: pick(add) },
  {
    name: 'add, a column broadcast',
    shapes: [
      [3, 1],
      [3, 4],
    ],
    build: pick(add),
  },
  { name: 'add, a scalar broadcast', shapes: [[], [2, 3]], build: pick(add) },
  { name: 'add, a value to itself', shapes: [[3]], build: (g, v) => add(g, at(v, 0), at(v, 0)) },
  {
    name: 'multiply',
    shapes: [
      [3, 4],
      [3, 4],
    ],
    build: pick(multiply),
  },
  {
    name: 'multiply, both broadcast',
    shapes: [
      [3, 1],
      [1, 4],
    ],
    build: pick(multiply),
  },
  {
    name: 'multiply, more axes',
    shapes: [
      [2, 3, 4],
      [3, 1],
    ],
    build: pick(multiply),
  },
  { name: 'square', shapes: [[5]], build: (g, v) => multiply(g, at(v, 0), at(v, 0)) },
  { name: 'dense', shapes: [[3, 4], [4, 2], [2]], build: pick(dense) },
  { name: 'relu', shapes: [[4, 5]], build: pick(relu) },
  { name: 'reshape', shapes: [[4, 6]], build: pick((g, x) => reshape(g, x, [3, 8])) },
  { name: 'transpose', shapes: [[2, 3, 4]], build: pick((g, x) => transpose(g, x, [2, 0, 1])) },
  {
    name: 'transpose of size 1',
    shapes: [[2, 3, 1]],
    build: pick((g, x) => transpose(g, x, [0, 2, 1])),
  },
  {
    name: 'cross entropy',
    shapes: [[4, 3]],
    build: (g, v) =>
      crossEntropy(
        g,
        at(v, 0),
        // The third row has weight 0: padding. The others differ in weight.
        g.initializer('target', [4, 3], Float32Array.of(0, 0.5, 0, 0.2, 0, 0, 0, 0, 0, 0, 0, 0.3)),
      ),
  },
  { name: 'convolution', shapes: [[2, 3, 5, 4], [4, 3, 3, 3], [4]], build: conv(1, 1, 1) },
  {
    name: 'convolution, no padding',
    shapes: [[2, 2, 5, 6], [3, 2, 2, 3], [3]],
    build: conv(1, 0, 1),
  },
  {
    name: 'convolution, stride 2, even',
    shapes: [[2, 2, 6, 6], [3, 2, 3, 3], [3]],
    build: conv(2, 1, 1),
  },
  {
    name: 'convolution, stride 2, odd',
    shapes: [[2, 2, 7, 5], [3, 2, 3, 3], [3]],
    build: conv(2, 1, 1),
  },
  {
    name: 'convolution, stride 3',
    shapes: [[1, 2, 9, 8], [2, 2, 3, 3], [2]],
    build: conv(3, 1, 1),
  },
  {
    name: 'convolution, dilation 2',
    shapes: [[2, 1, 7, 7], [2, 1, 3, 3], [2]],
    build: conv(1, 2, 2),
  },
  {
    name: 'convolution, stride and dilation',
    shapes: [[2, 2, 9, 8], [2, 2, 3, 3], [2]],
    build: conv(2, 1, 2),
  },
];

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Away from 0, where relu has its corner. */
function smoothPoint(shape: readonly number[], seed: number): Float32Array {
  const random = randomFrom(seed);
  return Float32Array.from({ length: size(shape) }, () => {
    const distance = 0.2 + random.float();
    return random.float() < 0.5 ? -distance : distance;
  });
}

test.each(CASES)('the gradient of $name agrees with differences', async kind => {
  const { shapes, build } = kind;
  const g = new GraphBuilder();
  const operands = shapes.map((shape, i) => g.input(`x${i}`, shape, true));
  const result = build(g, operands);
  const weights = smoothPoint(result.shape, 99);
  const loss = total(g, multiply(g, result, g.initializer('weights', result.shape, weights)));
  for (const [i, gradient] of g.gradients(loss, operands).entries()) {
    expect(gradient.shape).toEqual(shapes[i]);
    g.output(`d${i}`, gradient);
  }
  g.output('loss', loss);
  const run = await openGraph(g.model('gradient'), 1);
  const point = shapes.map((shape, i) => smoothPoint(shape, i + 1));
  const evaluate = (values: readonly Float32Array[]) =>
    run(Object.fromEntries(values.map((v, i) => [`x${i}`, { shape: shapes[i] ?? [], values: v }])));
  const analytic = await evaluate(point);
  const lossAt = async (values: readonly Float32Array[]) =>
    resultOf(await evaluate(values), 'loss')[0] ?? Number.NaN;

  for (const [i, values] of point.entries()) {
    const gradient = resultOf(analytic, `d${i}`);
    for (const [j, value] of values.entries()) {
      const moved = (by: number) => point.map((v, k) => (k === i ? v.with(j, value + by) : v));
      const step = 1 / 64;
      const slope = ((await lossAt(moved(step))) - (await lossAt(moved(-step)))) / (2 * step);
      expect(Math.abs((gradient[j] ?? Number.NaN) - slope)).toBeLessThan(
        2e-3 * (1 + Math.abs(slope)),
      );
    }
  }
});

test('a transposition that moves no element emits no Transpose', () => {
  for (const [shape, order] of [
    [
      [2, 3],
      [0, 1],
    ],
    [
      [4, 5, 6, 1],
      [0, 3, 1, 2],
    ],
  ] as const) {
    const g = new GraphBuilder();
    transpose(g, g.input('x', shape), order);
    expect(g.model('moved').graph.nodes.map(({ op }) => op)).not.toContain('Transpose');
  }
});

test('a name of the builder’s own is refused, so that no input can collide with it', () => {
  expect(() => new GraphBuilder().input('_t1', [1])).toThrow('bug: `_t1`');
});

/** The sum of all elements, whose gradient is 1 everywhere. */
function total(g: GraphBuilder, x: Value): Value {
  const sum = g.emit('ReduceSum', [x], [], { keepdims: int(0) });
  const ones = new Float32Array(size(x.shape)).fill(1);
  return g.differentiable(sum, [x], d => [
    g.emit('Mul', [g.initializer('ones', x.shape, ones), d], x.shape),
  ]);
}

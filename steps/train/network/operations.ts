/**
 * The differentiable operations on vectors and matrices: each emits its forward node and records
 * the nodes of its gradient. Convolution has a file of its own. Unaware of networks.
 *
 * Matrix products are `Gemm`, which is 2-D by definition: onnxruntime 1.30 fuses a Transpose before
 * a MatMul with a 1-D operand into a product that drops the transpose.
 */
import { ANY_ROWS, type GraphBuilder, int, ints, type Value } from './graph-builder.ts';

/** a + b, broadcast. */
export function add(g: GraphBuilder, a: Value, b: Value): Value {
  const sum = g.emit('Add', [a, b], broadcast(a.shape, b.shape));
  return g.differentiable(sum, [a, b], d => [summedTo(g, d, a), summedTo(g, d, b)]);
}

/** a · b, element by element, broadcast. */
export function multiply(g: GraphBuilder, a: Value, b: Value): Value {
  const shape = broadcast(a.shape, b.shape);
  const product = g.emit('Mul', [a, b], shape);
  const times = (d: Value, other: Value) => g.emit('Mul', [d, other], shape);
  return g.differentiable(product, [a, b], d => [
    a.traced ? summedTo(g, times(d, b), a) : undefined,
    b.traced ? summedTo(g, times(d, a), b) : undefined,
  ]);
}

/** x · w + b for rows x [n, i], weights w [i, o] and b [o]. */
export function dense(g: GraphBuilder, x: Value, w: Value, b: Value): Value {
  const y = g.emit('Gemm', [x, w, b], [rowsOf(x), size(w, 1)]);
  return g.differentiable(y, [x, w, b], d => [
    x.traced ? g.emit('Gemm', [d, w], x.shape, { transB: int(1) }) : undefined,
    w.traced ? g.emit('Gemm', [x, d], w.shape, { transA: int(1) }) : undefined,
    b.traced ? summedTo(g, d, b) : undefined,
  ]);
}

/** max(x, 0). */
export function relu(g: GraphBuilder, x: Value): Value {
  const y = g.emit('Relu', [x], x.shape);
  // The result is never negative, so its sign is 1 where the gradient passes and 0 elsewhere.
  return g.differentiable(y, [x], d => [g.emit('Mul', [d, g.emit('Sign', [y], y.shape)], x.shape)]);
}

/** The same elements in another shape; at most one size may be ANY_ROWS. */
export function reshape(g: GraphBuilder, x: Value, shape: readonly number[]): Value {
  const y = g.emit('Reshape', [x, g.ints(shape)], shape);
  return g.differentiable(y, [x], d => [reshape(g, d, x.shape)]);
}

/** The axes in another order: axis i of the result is axis `order[i]` of x. */
export function transpose(g: GraphBuilder, x: Value, order: readonly number[]): Value {
  const shape = order.map(axis => size(x, axis));
  // Moving axes of size 1 moves no element. And no identity Transpose may be emitted: see above.
  const moved = order.filter(axis => size(x, axis) !== 1);
  if (moved.every((axis, i) => i === 0 || (moved[i - 1] as number) < axis)) {
    return reshape(g, x, shape);
  }
  const y = g.emit('Transpose', [x], shape, { perm: ints(order) });
  return g.differentiable(y, [x], d => [
    transpose(
      g,
      d,
      order.map((_, axis) => order.indexOf(axis)),
    ),
  ]);
}

/**
 * Cross entropy of softmax(logits) against targets, both [n, classes], summed over everything. A
 * target's row carries the row's weight: rows of zeros, as in a padded batch, count nothing.
 */
export function crossEntropy(g: GraphBuilder, logits: Value, target: Value): Value {
  const { shape } = logits;
  const logProbabilities = g.emit('LogSoftmax', [logits], shape, { axis: int(1) });
  const likelihood = g.emit('Mul', [logProbabilities, target], shape);
  const total = g.emit('ReduceSum', [likelihood], [], { keepdims: int(0) });
  const loss = g.emit('Neg', [total], []);
  return g.differentiable(loss, [logits], d => {
    const probabilities = g.emit('Exp', [logProbabilities], shape);
    const weight = sumAlong(g, target, [1]);
    const expected = g.emit('Mul', [probabilities, weight], shape);
    const difference = g.emit('Sub', [expected, target], shape);
    return [g.emit('Mul', [difference, d], shape)];
  });
}

/** Values in [0, 1] that add up to 1 in every row. Of the finished model only: it has no gradient. */
export const softmax = (g: GraphBuilder, logits: Value): Value =>
  g.emit('Softmax', [logits], logits.shape, { axis: int(1) });

/** Its logarithm, for judging: exact where softmax would round to 0. */
export const logSoftmax = (g: GraphBuilder, logits: Value): Value =>
  g.emit('LogSoftmax', [logits], logits.shape, { axis: int(1) });

/** Sums over axes and keeps them, with size 1. */
export function sumAlong(g: GraphBuilder, x: Value, axes: readonly number[]): Value {
  const shape = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  return g.emit('ReduceSum', [x, g.ints(axes)], shape, { keepdims: int(1) });
}

/** A gradient of a broadcast result, summed back to the shape of the operand it belongs to. */
function summedTo(g: GraphBuilder, gradient: Value, operand: Value): Value | undefined {
  if (!operand.traced) return undefined;
  const added = gradient.shape.length - operand.shape.length;
  const axes = [...gradient.shape.keys()].filter(
    axis => axis < added || (operand.shape[axis - added] === 1 && gradient.shape[axis] !== 1),
  );
  if (axes.length === 0) return gradient;
  const sum = sumAlong(g, gradient, axes);
  return added === 0 ? sum : reshape(g, sum, operand.shape);
}

function broadcast(a: readonly number[], b: readonly number[]): readonly number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [one, other] = [a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1];
    if (one !== other && one !== 1 && other !== 1) {
      throw new Error(`bug: shapes ${a.join('×')} and ${b.join('×')} do not fit`);
    }
    return one === 1 ? other : one;
  });
}

const rowsOf = (x: Value): number => x.shape[0] ?? ANY_ROWS;

/** The size of one axis; throws where there is no such axis. */
export function size({ name, shape }: Value, axis: number): number {
  const length = shape[axis];
  if (length === undefined) throw new Error(`bug: ${name} has no axis ${axis}`);
  return length;
}

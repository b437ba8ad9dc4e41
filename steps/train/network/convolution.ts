/**
 * Two-dimensional convolution and its gradients, which are convolutions themselves: towards the
 * image the transposed one; towards the kernel one of image and gradient with batch and channels
 * swapped and with stride and dilation swapped. Unaware of networks.
 */
import { type GraphBuilder, ints, type Value } from './graph-builder.ts';
import { reshape, size, sumAlong, transpose } from './operations.ts';

export type Convolution = {
  readonly stride: number;
  /** Rows and columns of zeros on every side. */
  readonly padding: number;
  readonly dilation: number;
};

/** Images x [n, c, h, w], kernels w [o, c, kh, kw], biases b [o] → [n, o, h', w']. */
export function convolve(g: GraphBuilder, x: Value, w: Value, b: Value, how: Convolution): Value {
  const side = (axis: number) => outputSize(size(x, axis), size(w, axis), how);
  const shape = [size(x, 0), size(w, 0), side(2), side(3)];
  const y = g.emit('Conv', [x, w, b], shape, attributes(how));
  return g.differentiable(y, [x, w, b], d => [
    x.traced ? towardsImage(g, d, x, w, how) : undefined,
    w.traced ? towardsKernel(g, d, x, w, how) : undefined,
    b.traced ? reshape(g, sumAlong(g, d, [0, 2, 3]), b.shape) : undefined,
  ]);
}

function outputSize(length: number, kernel: number, { stride, padding, dilation }: Convolution) {
  return Math.floor((length + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
}

function towardsImage(g: GraphBuilder, d: Value, x: Value, w: Value, how: Convolution): Value {
  // With a stride, several image sizes give the same result; the difference says which it was.
  const missing = (axis: number) => {
    const reached =
      (size(d, axis) - 1) * how.stride - 2 * how.padding + how.dilation * (size(w, axis) - 1) + 1;
    return size(x, axis) - reached;
  };
  return g.emit('ConvTranspose', [d, w], x.shape, {
    ...attributes(how),
    output_padding: ints([missing(2), missing(3)]),
  });
}

function towardsKernel(g: GraphBuilder, d: Value, x: Value, w: Value, how: Convolution): Value {
  const swapped = { stride: how.dilation, padding: how.padding, dilation: how.stride };
  const image = transpose(g, x, [1, 0, 2, 3]);
  const gradient = transpose(g, d, [1, 0, 2, 3]);
  const [channels, outputs, height, width] = [size(x, 1), size(w, 0), size(w, 2), size(w, 3)];
  const side = (axis: number) => outputSize(size(x, axis), size(d, axis), swapped);
  const whole = [channels, outputs, side(2), side(3)];
  const found = g.emit('Conv', [image, gradient], whole, attributes(swapped));
  // Rows and columns of the image that the stride never reached give a kernel that is too large.
  const kernel =
    side(2) === height && side(3) === width
      ? found
      : g.emit(
          'Slice',
          [found, g.ints([0, 0]), g.ints([height, width]), g.ints([2, 3])],
          [channels, outputs, height, width],
        );
  return transpose(g, kernel, [1, 0, 2, 3]);
}

const attributes = ({ stride, padding, dilation }: Convolution) => ({
  strides: ints([stride, stride]),
  pads: ints([padding, padding, padding, padding]),
  dilations: ints([dilation, dilation]),
});

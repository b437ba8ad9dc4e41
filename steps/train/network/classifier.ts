/**
 * The networks, each written once as a forward pass over the graph builder: training and the
 * shipped model are made from the same function, so what was trained is what is shipped. Unaware
 * of data, optimiser and files.
 */
import type { Random } from '../../sdk/random.ts';
import { convolve } from './convolution.ts';
import type { GraphBuilder, Value } from './graph-builder.ts';
import { add, dense, multiply, relu, reshape, size, transpose } from './operations.ts';

/** Height, width, channels. */
export type ImageShape = readonly [number, number, number];

export type Architecture =
  | { readonly kind: 'softmax' }
  | { readonly kind: 'mlp'; readonly hidden: number; readonly layers: number }
  | {
      readonly kind: 'cnn';
      readonly image: ImageShape;
      readonly channels: readonly number[];
      readonly hidden: number;
    };

export type Classifier = {
  readonly features: number;
  readonly classes: number;
  readonly architecture: Architecture;
  /** Per feature, what brings raw values near to mean 0 and spread 1. */
  readonly scaling: Scaling;
};

/** A raw value x becomes (x + shift) · factor. */
export type Scaling = { readonly shift: Float32Array; readonly factor: Float32Array };

/** One learned tensor. `inputs`: how many values add up in what it makes; 0 for biases. */
export type Parameter = {
  readonly name: string;
  readonly shape: readonly number[];
  readonly inputs: number;
};

const KERNEL = 3;

/** The learned tensors, in the order in which they lie in the flat vector. */
export function parametersOf({ features, classes, architecture }: Classifier): Parameter[] {
  switch (architecture.kind) {
    case 'softmax':
      return denseParameters([features, classes]);
    case 'mlp':
      return denseParameters([features, ...hiddenSizes(architecture), classes]);
    case 'cnn': {
      const [height, width, depth] = architecture.image;
      const convolutions = architecture.channels.flatMap((channels, i) => {
        const from = architecture.channels[i - 1] ?? depth;
        return layer(`conv${i + 1}`, [channels, from, KERNEL, KERNEL], from * KERNEL * KERNEL);
      });
      const halved = (side: number) => architecture.channels.slice(1).reduce(half, side);
      const flat = halved(height) * halved(width) * (architecture.channels.at(-1) ?? depth);
      return [...convolutions, ...denseParameters([flat, architecture.hidden, classes])];
    }
  }
}

const hiddenSizes = ({ hidden, layers }: { hidden: number; layers: number }): number[] =>
  Array.from({ length: layers }, () => hidden);

const half = (side: number): number => Math.ceil(side / 2);

const denseParameters = (sizes: readonly number[]): Parameter[] =>
  sizes.slice(1).flatMap((outputs, i) => {
    const inputs = sizes[i] as number;
    return layer(`dense${i + 1}`, [inputs, outputs], inputs, outputs);
  });

function layer(name: string, shape: number[], inputs: number, outputs = shape[0] ?? 0) {
  return [
    { name: `${name}.weight`, shape, inputs },
    { name: `${name}.bias`, shape: [outputs], inputs: 0 },
  ];
}

export const elementsOf = ({ shape }: Parameter): number => shape.reduce((a, b) => a * b, 1);

/** How many numbers are learned. */
export const sizeOf = (classifier: Classifier): number =>
  parametersOf(classifier).reduce((sum, parameter) => sum + elementsOf(parameter), 0);

/** Where learning starts: uniform with He's spread, in arithmetic that is exact on every platform. */
export function initialWeights(classifier: Classifier, random: Random): Float32Array {
  const weights = parametersOf(classifier).map(parameter => {
    const limit = parameter.inputs === 0 ? 0 : Math.sqrt(6 / parameter.inputs);
    return Array.from({ length: elementsOf(parameter) }, () =>
      limit === 0 ? 0 : (2 * random.float() - 1) * limit,
    );
  });
  return Float32Array.from(weights.flat());
}

/** Raw features [n, features] → logits [n, classes]; `learned` are the values of parametersOf. */
export function forward(
  g: GraphBuilder,
  classifier: Classifier,
  x: Value,
  learned: readonly Value[],
): Value {
  const { shift, factor } = classifier.scaling;
  const shape = [classifier.features];
  const centred = add(g, x, g.initializer('scaling.shift', shape, shift));
  const scaled = multiply(g, centred, g.initializer('scaling.factor', shape, factor));
  const layers = pairs(learned);
  const { architecture } = classifier;
  if (architecture.kind !== 'cnn') return denseLayers(g, scaled, layers);
  const convolutions = layers.splice(0, architecture.channels.length);
  return denseLayers(g, convolutionLayers(g, scaled, architecture.image, convolutions), layers);
}

type Layer = readonly [weight: Value, bias: Value];

function denseLayers(g: GraphBuilder, x: Value, layers: readonly Layer[]): Value {
  return layers.reduce((input, [w, b], i) => dense(g, i === 0 ? input : relu(g, input), w, b), x);
}

/** The first layer sees the whole image; every further one halves it. Ends as rows. */
function convolutionLayers(
  g: GraphBuilder,
  x: Value,
  [height, width, depth]: ImageShape,
  layers: readonly Layer[],
): Value {
  const images = reshape(g, x, [size(x, 0), height, width, depth]);
  const last = layers.reduce(
    (image, [w, b], i) => {
      const how = { stride: i === 0 ? 1 : 2, padding: 1, dilation: 1 };
      return relu(g, convolve(g, image, w, b, how));
    },
    transpose(g, images, [0, 3, 1, 2]),
  );
  const flat = last.shape.slice(1).reduce((a, b) => a * b, 1);
  return reshape(g, last, [size(x, 0), flat]);
}

function pairs(values: readonly Value[]): Layer[] {
  const layers: Layer[] = [];
  for (let i = 0; i + 1 < values.length; i += 2) {
    layers.push([values[i] as Value, values[i + 1] as Value]);
  }
  return layers;
}

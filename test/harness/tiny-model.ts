/**
 * Models small enough to know the answers of: one linear layer and a softmax, and one that ONNX
 * Runtime's optimiser gets wrong. Unaware of training.
 */
import { type ModelCard, writeModel } from '../../steps/sdk/model.ts';
import { encodeModel, floatTensor, type OnnxNode, type OnnxTensor } from '../../steps/sdk/onnx.ts';

export type LinearModel = {
  readonly features: readonly string[];
  readonly labels: readonly string[];
  /** features × labels, row by row. */
  readonly weights: readonly number[];
  readonly biases: readonly number[];
  readonly metrics?: ModelCard['metrics'];
  readonly image?: ModelCard['image'];
};

/** Writes softmax(features · weights + biases) as a model artifact. */
export function writeLinearModel(folder: string, model: LinearModel): void {
  const { features, labels, weights, biases } = model;
  writeNetwork(folder, model, {
    nodes: [
      node('MatMul', ['features', 'weights'], 'product'),
      node('Add', ['product', 'biases'], 'logits'),
      node('Softmax', ['logits'], 'probabilities'),
    ],
    initializers: [
      floatTensor('weights', [features.length, labels.length], Float32Array.from(weights)),
      floatTensor('biases', [labels.length], Float32Array.from(biases)),
    ],
  });
}

/**
 * A model that ONNX Runtime 1.30 answers wrongly at its levels `extended` and `all`: it fuses
 * Transpose → MatMul with a one-dimensional operand into a product without the transpose.
 */
export function writeMisoptimisedModel(folder: string): void {
  const names = { features: ['x', 'y'], labels: ['a', 'b'] };
  writeNetwork(
    folder,
    { ...names, weights: [], biases: [] },
    {
      nodes: [
        node('Transpose', ['features'], 'turned', { perm: { kind: 'ints', values: [1, 0] } }),
        node('MatMul', ['turned', 'features'], 'square'),
        node('Tanh', ['square'], 'bounded'),
        node('MatMul', ['bounded', 'skew'], 'skewed'),
        node('Transpose', ['skewed'], 'back', { perm: { kind: 'ints', values: [1, 0] } }),
        node('MatMul', ['back', 'vector'], 'shift'),
        node('Add', ['features', 'shift'], 'logits'),
        node('Softmax', ['logits'], 'probabilities'),
      ],
      initializers: [
        floatTensor('skew', [2, 2], Float32Array.of(0.5, 2, -1, 0.25)),
        floatTensor('vector', [2], Float32Array.of(1.5, -0.25)),
      ],
    },
  );
}

/** Nearest class mean as a linear model: x·2μ − |μ|², sharpened or softened by `scale`. */
export function nearestMeanModel(
  rows: { readonly values: Float32Array; readonly labels: Int32Array },
  names: { readonly features: readonly string[]; readonly labels: readonly string[] },
  scale: number,
): LinearModel {
  const [width, classes] = [names.features.length, names.labels.length];
  const means = Array.from({ length: classes }, (_, index) => {
    const own = [...rows.labels.keys()].filter(row => rows.labels[row] === index);
    return names.features.map(
      (_name, place) =>
        own.reduce((sum, row) => sum + (rows.values[row * width + place] ?? 0), 0) / own.length,
    );
  });
  return {
    ...names,
    weights: names.features.flatMap((_name, place) =>
      means.map(mean => 2 * scale * (mean[place] ?? 0)),
    ),
    biases: means.map(mean => -scale * mean.reduce((sum, value) => sum + value * value, 0)),
  };
}

function writeNetwork(
  folder: string,
  { features, labels, metrics, image }: LinearModel,
  network: { readonly nodes: readonly OnnxNode[]; readonly initializers: readonly OnnxTensor[] },
): void {
  const bytes = encodeModel({
    opset: 17,
    producer: 'test',
    graph: {
      name: 'test',
      ...network,
      inputs: [{ name: 'features', type: 'float32', shape: ['rows', features.length] }],
      outputs: [{ name: 'probabilities', type: 'float32', shape: ['rows', labels.length] }],
    },
    metadata: {},
  });
  const card: ModelCard = {
    format: 1,
    file: 'model.onnx',
    input: 'features',
    shape: [null, features.length],
    output: 'probabilities',
    labels,
    features,
    image: image ?? null,
    kind: 'linear',
    parameters: (features.length + 1) * labels.length,
    opset: 17,
    training: { seed: 0 },
    metrics: metrics ?? {},
    baseline: {},
  };
  writeModel(folder, card, bytes);
}

const node = (
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: OnnxNode['attributes'] = {},
): OnnxNode => ({ op, inputs, outputs: [output], attributes });

/**
 * The three graphs that come from one forward pass: a training step (weights in, weights out), the
 * judge of given weights, and the model that is shipped. Unaware of data and of what runs them.
 */
import type { OnnxModel } from '../../sdk/onnx.ts';
import { adamW, type OptimiserSettings } from './adam-w.ts';
import { type Classifier, elementsOf, forward, parametersOf } from './classifier.ts';
import { ANY_ROWS, GraphBuilder, int, type Value } from './graph-builder.ts';
import { crossEntropy, logSoftmax, reshape, softmax } from './operations.ts';

/** Names of what goes into and comes out of a training step and a judgement. */
export const FEED = {
  features: 'features',
  target: 'target',
  theta: 'theta',
  momentum: 'momentum',
  variance: 'variance',
  rate: 'rate',
  momentumScale: 'momentum-scale',
  varianceScale: 'variance-scale',
} as const;

export const RESULT = {
  loss: 'loss',
  theta: 'next-theta',
  momentum: 'next-momentum',
  variance: 'next-variance',
  logProbabilities: 'log-probabilities',
} as const;

/** Ports of the shipped model. */
export const MODEL_INPUT = 'features';
export const MODEL_OUTPUT = 'probabilities';

/**
 * One step of training on `rows` examples. A target's row is the class as a unit vector times the
 * row's weight, so that padding counts nothing and the weights of a batch add up to 1.
 */
export function trainingStep(
  classifier: Classifier,
  rows: number,
  settings: OptimiserSettings,
): OnnxModel {
  const g = new GraphBuilder();
  const x = g.input(FEED.features, [rows, classifier.features]);
  const target = g.input(FEED.target, [rows, classifier.classes]);
  const flat = flatInput(g, classifier, FEED.theta);
  const learned = unpacked(g, classifier, { ...flat, traced: true });
  const loss = crossEntropy(g, forward(g, classifier, x, learned), target);
  const gradients = g
    .gradients(loss, learned)
    .map(gradient => reshape(g, gradient, [gradient.shape.reduce((a, b) => a * b, 1)]));
  const gradient = g.emit('Concat', gradients, flat.shape, { axis: int(0) });
  const next = adamW(g, settings, {
    theta: flat,
    gradient,
    momentum: flatInput(g, classifier, FEED.momentum),
    variance: flatInput(g, classifier, FEED.variance),
    rate: g.input(FEED.rate, []),
    momentumScale: g.input(FEED.momentumScale, []),
    varianceScale: g.input(FEED.varianceScale, []),
    decays: decayMask(classifier),
  });
  g.output(RESULT.loss, loss);
  g.output(RESULT.theta, next.theta);
  g.output(RESULT.momentum, next.momentum);
  g.output(RESULT.variance, next.variance);
  return g.model('training-step');
}

/** Weights and any number of examples in, logarithms of class probabilities out. */
export function judgement(classifier: Classifier): OnnxModel {
  const g = new GraphBuilder();
  const x = g.input(FEED.features, [ANY_ROWS, classifier.features]);
  const learned = unpacked(g, classifier, flatInput(g, classifier, FEED.theta));
  g.output(RESULT.logProbabilities, logSoftmax(g, forward(g, classifier, x, learned)));
  return g.model('judgement');
}

/** The model as it is shipped: raw features in, probabilities out, weights inside. */
export function inferenceModel(
  classifier: Classifier,
  theta: Float32Array,
  metadata: OnnxModel['metadata'],
): OnnxModel {
  const g = new GraphBuilder();
  const x = g.input(MODEL_INPUT, [ANY_ROWS, classifier.features]);
  let at = 0;
  const learned = parametersOf(classifier).map(parameter => {
    const start = at;
    at += elementsOf(parameter);
    return g.initializer(parameter.name, parameter.shape, theta.subarray(start, at));
  });
  g.output(MODEL_OUTPUT, softmax(g, forward(g, classifier, x, learned)));
  return g.model(classifier.architecture.kind, metadata);
}

const flatInput = (g: GraphBuilder, classifier: Classifier, name: string): Value => {
  const length = parametersOf(classifier).reduce((sum, each) => sum + elementsOf(each), 0);
  return g.input(name, [length]);
};

/** The flat vector as the tensors it consists of. One vector keeps a step at eight inputs. */
function unpacked(g: GraphBuilder, classifier: Classifier, flat: Value): Value[] {
  const parameters = parametersOf(classifier);
  const sizes = parameters.map(elementsOf);
  const pieces = g.emitMany(
    'Split',
    [flat, g.ints(sizes)],
    sizes.map(size => [size]),
    { axis: int(0) },
  );
  return pieces.map((piece, i) => reshape(g, piece, parameters[i]?.shape ?? []));
}

/** 1 for what weight decay pulls towards 0: weights, not biases. */
function decayMask(classifier: Classifier): Float32Array {
  const mask = parametersOf(classifier).map(parameter =>
    new Array<number>(elementsOf(parameter)).fill(parameter.inputs === 0 ? 0 : 1),
  );
  return Float32Array.from(mask.flat());
}

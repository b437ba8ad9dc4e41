/**
 * AdamW (Loshchilov and Hutter, 2019) with clipping of the gradient's norm, as nodes of the training
 * step: nothing but the step's batch crosses between JavaScript and the graph. Unaware of networks.
 */
import { type GraphBuilder, int, type Value } from './graph-builder.ts';

export type OptimiserSettings = {
  readonly weightDecay: number;
  /** Largest norm of the gradient; 0 for no limit. */
  readonly clip: number;
};

export const BETA_1 = 0.9;
export const BETA_2 = 0.999;
const EPSILON = 1e-8;

export type OptimiserValues = {
  readonly theta: Value;
  readonly gradient: Value;
  readonly momentum: Value;
  readonly variance: Value;
  /** Learning rate of this step. */
  readonly rate: Value;
  /** 1 / (1 - β₁ᵗ) and 1 / (1 - β₂ᵗ): the averages start at 0 and are too small at first. */
  readonly momentumScale: Value;
  readonly varianceScale: Value;
  /** 1 where weight decay applies. */
  readonly decays: Float32Array;
};

export function adamW(g: GraphBuilder, settings: OptimiserSettings, values: OptimiserValues) {
  const { theta, momentum, variance, rate } = values;
  const { shape } = theta;
  const mul = (a: Value, b: Value) => g.emit('Mul', [a, b], shape);
  const sum = (a: Value, b: Value) => g.emit('Add', [a, b], shape);
  const blend = (old: Value, fresh: Value, beta: number) =>
    sum(mul(old, g.scalar(beta)), mul(fresh, g.scalar(1 - beta)));

  const gradient = settings.clip > 0 ? clipped(g, values.gradient, settings.clip) : values.gradient;
  const nextMomentum = blend(momentum, gradient, BETA_1);
  const nextVariance = blend(variance, mul(gradient, gradient), BETA_2);
  const root = g.emit('Sqrt', [mul(nextVariance, values.varianceScale)], shape);
  const spread = sum(root, g.scalar(EPSILON));
  const direction = g.emit('Div', [mul(nextMomentum, values.momentumScale), spread], shape);
  const whole =
    settings.weightDecay > 0
      ? sum(direction, mul(theta, decay(g, values.decays, settings.weightDecay)))
      : direction;
  const nextTheta = g.emit('Sub', [theta, mul(whole, rate)], shape);
  return { theta: nextTheta, momentum: nextMomentum, variance: nextVariance };
}

const decay = (g: GraphBuilder, decays: Float32Array, factor: number): Value =>
  g.initializer(
    'decay',
    [decays.length],
    decays.map(each => each * factor),
  );

/** gradient · min(1, limit / norm). */
function clipped(g: GraphBuilder, gradient: Value, limit: number): Value {
  const norm = g.emit('ReduceL2', [gradient], [], { keepdims: int(0) });
  const ratio = g.emit('Div', [g.scalar(limit), norm], []);
  return g.emit('Mul', [gradient, g.emit('Min', [ratio, g.scalar(1)], [])], gradient.shape);
}

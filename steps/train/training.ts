/**
 * The training loop: epochs of shuffled batches through the training graph, a judgement of the
 * weights after each, the best ones kept. A pure function of its request: the state after any
 * number of steps is plain data, and going on from it gives bit for bit what never stopping gives.
 * Unaware of files, ports and clocks.
 */
import { answersOf } from '../sdk/metrics-probability.ts';
import {
  continueRandom,
  type Random,
  type RandomState,
  randomFrom,
  shuffle,
} from '../sdk/random.ts';
import { StepError } from '../sdk/step.ts';
import { BETA_1, BETA_2 } from './network/adam-w.ts';
import { type Classifier, initialWeights, sizeOf } from './network/classifier.ts';
import { FEED, judgement, RESULT, trainingStep } from './network/programs.ts';
import { type GraphRun, openGraph, resultOf } from './session.ts';
import type { Settings } from './settings.ts';

/** Rows of raw features with a class index each. */
export type Examples = {
  readonly rows: Float32Array;
  readonly count: number;
  readonly classes: Int32Array;
};

export type TrainingRequest = {
  readonly classifier: Classifier;
  readonly settings: Pick<Settings, 'schedule' | 'weightDecay' | 'clip' | 'seed' | 'threads'>;
  readonly train: Examples;
  readonly validation: Examples | undefined;
  /** Where to go on; undefined to begin. */
  readonly from: TrainingState | undefined;
  /** After every step; a checkpoint may be made of the state here. */
  readonly onStep: (state: TrainingState) => void;
  readonly onEpoch: (record: EpochRecord) => void;
};

/** All that the rest of a training depends on, besides its request. */
export type TrainingState = {
  readonly theta: Float32Array;
  readonly momentum: Float32Array;
  readonly variance: Float32Array;
  /** Steps taken since the beginning: the position in the learning-rate schedule. */
  readonly step: number;
  readonly epoch: number;
  /** Batches of this epoch that are done, their summed loss, and the order they are taken from. */
  readonly batch: number;
  readonly lossSum: number;
  readonly order: Int32Array;
  /** Of the generator, after `order` was drawn. */
  readonly random: RandomState;
  readonly best: Best | undefined;
  readonly log: readonly EpochRecord[];
};

type Best = {
  readonly epoch: number;
  readonly loss: number;
  readonly theta: Float32Array;
};

export type EpochRecord = {
  /** From 1. */
  readonly epoch: number;
  /** Mean over the epoch's batches, while the weights moved. */
  readonly trainLoss: number;
  readonly validation: Judgement | undefined;
  readonly learningRate: number;
};

export type Judgement = { readonly loss: number; readonly accuracy: number };

export type Trained = {
  readonly theta: Float32Array;
  readonly bestEpoch: number;
  readonly log: readonly EpochRecord[];
};

/** The two streams that share the step's seed. */
const WEIGHTS_STREAM = 1;
const ORDER_STREAM = 2;

export async function train(request: TrainingRequest): Promise<Trained> {
  const { classifier, settings } = request;
  const rows = batchRows(request);
  const optimiser = { weightDecay: settings.weightDecay, clip: settings.clip };
  const runStep = await openGraph(trainingStep(classifier, rows, optimiser), settings.threads);
  const runJudge = await openGraph(judgement(classifier), settings.threads);

  let state = request.from ?? initialState(request);
  while (!isDone(state, settings.schedule)) {
    while (state.batch * rows < request.train.count) {
      state = await oneStep(state, request, rows, runStep);
      request.onStep(state);
    }
    const judged =
      request.validation === undefined
        ? undefined
        : await judge(state.theta, classifier, request.validation, runJudge);
    state = afterEpoch(state, request, judged);
    const record = state.log.at(-1);
    if (record !== undefined) request.onEpoch(record);
  }
  return {
    theta: state.best?.theta ?? state.theta,
    bestEpoch: state.best?.epoch ?? state.epoch,
    log: state.log,
  };
}

const batchRows = ({ settings, train }: TrainingRequest): number =>
  Math.min(settings.schedule.batchSize, train.count);

function initialState({ classifier, settings, train }: TrainingRequest): TrainingState {
  const parameters = sizeOf(classifier);
  const random = randomFrom(settings.seed, ORDER_STREAM);
  return {
    theta: initialWeights(classifier, randomFrom(settings.seed, WEIGHTS_STREAM)),
    momentum: new Float32Array(parameters),
    variance: new Float32Array(parameters),
    step: 0,
    epoch: 0,
    batch: 0,
    lossSum: 0,
    order: drawOrder(train.count, random),
    random: random.state(),
    best: undefined,
    log: [],
  };
}

const drawOrder = (count: number, random: Random): Int32Array =>
  Int32Array.from(shuffle([...Array(count).keys()], random));

function isDone(
  { epoch, best }: TrainingState,
  { epochs, patience }: Settings['schedule'],
): boolean {
  if (epoch >= epochs) return true;
  return patience > 0 && best !== undefined && epoch - best.epoch >= patience;
}

async function oneStep(
  state: TrainingState,
  request: TrainingRequest,
  rows: number,
  run: GraphRun,
): Promise<TrainingState> {
  const { features, classes } = request.classifier;
  const parameters = [state.theta.length];
  const vector = (values: Float32Array) => ({ shape: parameters, values });
  const scalar = (value: number) => ({ shape: [], values: Float32Array.of(value) });
  const batch = batchOf(state, request, rows);
  const step = state.step + 1;
  const results = await run({
    [FEED.features]: { shape: [rows, features], values: batch.rows },
    [FEED.target]: { shape: [rows, classes], values: batch.target },
    [FEED.theta]: vector(state.theta),
    [FEED.momentum]: vector(state.momentum),
    [FEED.variance]: vector(state.variance),
    [FEED.rate]: scalar(learningRate(state.step, request)),
    [FEED.momentumScale]: scalar(1 / (1 - BETA_1 ** step)),
    [FEED.varianceScale]: scalar(1 / (1 - BETA_2 ** step)),
  });
  const loss = resultOf(results, RESULT.loss)[0] ?? Number.NaN;
  if (!Number.isFinite(loss)) throw diverged(state.epoch + 1);
  return {
    ...state,
    theta: resultOf(results, RESULT.theta),
    momentum: resultOf(results, RESULT.momentum),
    variance: resultOf(results, RESULT.variance),
    step,
    batch: state.batch + 1,
    lossSum: state.lossSum + loss * batch.count,
  };
}

const diverged = (epoch: number): StepError =>
  new StepError(
    `training diverged in epoch ${epoch}: its loss is no longer a number`,
    'lower `learning-rate`, or set `clip`; values far from the others in a feature do this too',
  );

/** The next rows in the epoch's order. What is missing from a full batch stays 0: weight 0. */
function batchOf({ order, batch }: TrainingState, request: TrainingRequest, size: number) {
  const { features, classes } = request.classifier;
  const { train } = request;
  const chosen = order.subarray(batch * size, (batch + 1) * size);
  const rows = new Float32Array(size * features);
  const target = new Float32Array(size * classes);
  for (const [place, row] of chosen.entries()) {
    rows.set(train.rows.subarray(row * features, (row + 1) * features), place * features);
    target[place * classes + (train.classes[row] ?? 0)] = 1 / chosen.length;
  }
  return { rows, target, count: chosen.length };
}

/** Rises over the first epoch's worth of steps at most, then falls along a cosine to 0. */
function learningRate(step: number, request: TrainingRequest): number {
  const { schedule } = request.settings;
  const stepsPerEpoch = Math.ceil(request.train.count / batchRows(request));
  const total = stepsPerEpoch * schedule.epochs;
  const warmUp = Math.min(stepsPerEpoch, Math.floor(total / 10));
  if (step < warmUp) return (schedule.learningRate * (step + 1)) / warmUp;
  const done = (step - warmUp) / (total - warmUp);
  return (schedule.learningRate * (1 + Math.cos(Math.PI * done))) / 2;
}

function afterEpoch(
  state: TrainingState,
  request: TrainingRequest,
  validation: Judgement | undefined,
): TrainingState {
  const epoch = state.epoch + 1;
  const record: EpochRecord = {
    epoch,
    trainLoss: state.lossSum / request.train.count,
    validation,
    learningRate: learningRate(state.step - 1, request),
  };
  const better = validation !== undefined && validation.loss < (state.best?.loss ?? Infinity);
  const random = continueRandom(state.random);
  return {
    ...state,
    epoch,
    batch: 0,
    lossSum: 0,
    order: drawOrder(request.train.count, random),
    random: random.state(),
    // A copy: the runtime may hand out memory that it uses again.
    best: better ? { epoch, loss: validation.loss, theta: state.theta.slice() } : state.best,
    log: [...state.log, record],
  };
}

const JUDGED_AT_ONCE = 1024;

/** Mean loss and accuracy of given weights on examples. */
async function judge(
  theta: Float32Array,
  { features, classes }: Classifier,
  examples: Examples,
  run: GraphRun,
): Promise<Judgement> {
  let [loss, right] = [0, 0];
  for (let from = 0; from < examples.count; from += JUDGED_AT_ONCE) {
    const to = Math.min(examples.count, from + JUDGED_AT_ONCE);
    const results = await run({
      [FEED.features]: {
        shape: [to - from, features],
        values: examples.rows.subarray(from * features, to * features),
      },
      [FEED.theta]: { shape: [theta.length], values: theta },
    });
    const logs = resultOf(results, RESULT.logProbabilities);
    const answers = answersOf({ values: logs, count: to - from, classes });
    for (const [place, answer] of answers.entries()) {
      const truth = examples.classes[from + place] ?? 0;
      loss -= logs[place * classes + truth] ?? Number.NaN;
      if (answer === truth) right += 1;
    }
  }
  return { loss: loss / examples.count, accuracy: right / examples.count };
}

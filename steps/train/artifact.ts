/**
 * What the train step hands over: the model with its card, the metrics and the log. The final
 * figures are those of the very file that is shipped, measured after it was written. Nothing in
 * here is a time or a place: the same training gives the same bytes. Unaware of how it was trained.
 */
import { writeFileSync } from 'node:fs';
import type { Json } from '../../schema/canonical-json.ts';
import { openClassifier } from '../sdk/inference.ts';
import { answersOf, logLoss } from '../sdk/metrics-probability.ts';
import { type ModelCard, writeModel } from '../sdk/model.ts';
import { encodeModel } from '../sdk/onnx.ts';
import { type Baselines, baselines } from './baselines.ts';
import { type Classifier, sizeOf } from './network/classifier.ts';
import { OPSET } from './network/graph-builder.ts';
import { inferenceModel, MODEL_INPUT, MODEL_OUTPUT } from './network/programs.ts';
import type { Parts } from './parts.ts';
import type { Settings } from './settings.ts';
import type { EpochRecord, Examples, Judgement, Trained } from './training.ts';

export type Results = {
  readonly settings: Settings;
  readonly parts: Parts;
  readonly classifier: Classifier;
  readonly trained: Trained;
};

type Measured = {
  readonly train: Judgement;
  readonly validation: Judgement | undefined;
  readonly baselines: Baselines;
};

export type ResultPaths = {
  readonly model: string;
  readonly metrics: string;
  readonly log: string;
};

export type Delivered = {
  /** Of the model that is shipped, by the names that an epoch reports them under. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Where the model is no better than what costs nothing. */
  readonly warning: string | undefined;
};

/** Writes all outputs and says what they are worth. */
export async function writeResults(paths: ResultPaths, results: Results): Promise<Delivered> {
  const { classifier, trained } = results;
  const card = cardOf(results);
  const model = encodeModel(inferenceModel(classifier, trained.theta, metadataOf(card)));
  writeModel(paths.model, card, model);
  const measured = await measure(paths.model, results);
  const metrics = metricsOf(measured, results);
  const baseline = {
    accuracy: metrics.baseline_accuracy,
    majority: measured.baselines.majority,
    nearest_mean: measured.baselines.nearestMean,
  };
  writeModel(paths.model, { ...card, metrics, baseline }, model);
  writeFileSync(paths.metrics, `${JSON.stringify(metrics, null, 2)}\n`);
  writeFileSync(paths.log, trained.log.map(record => `${logLine(record)}\n`).join(''));
  return { metrics: asReported(measured, trained), warning: weakness(metrics, results.parts) };
}

const asReported = ({ train, validation }: Measured, { bestEpoch }: Trained) => ({
  train_loss: train.loss,
  ...(validation !== undefined && {
    val_loss: validation.loss,
    val_accuracy: validation.accuracy,
  }),
  best_epoch: bestEpoch,
});

function weakness(
  metrics: { readonly accuracy: number; readonly baseline_accuracy: number },
  { validation }: Parts,
): string | undefined {
  if (metrics.accuracy > metrics.baseline_accuracy) return undefined;
  const part = validation === undefined ? 'training' : 'validation';
  return `the model is right on ${percent(metrics.accuracy)} of the ${part} part, and a baseline that costs nothing on ${percent(metrics.baseline_accuracy)}`;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function cardOf({ settings, parts, classifier, trained }: Results): ModelCard {
  return {
    format: 1,
    file: 'model.onnx',
    input: MODEL_INPUT,
    shape: [null, classifier.features],
    output: MODEL_OUTPUT,
    labels: parts.classes,
    features: parts.features,
    image: settings.image ?? null,
    kind: classifier.architecture.kind,
    parameters: sizeOf(classifier),
    opset: OPSET,
    training: {
      ...settings.given,
      epochs_run: trained.log.length,
      best_epoch: trained.bestEpoch,
      rows: parts.train.count,
    },
    metrics: {},
    baseline: {},
  };
}

/** The ONNX file alone also says what it is: as text, because its format has nothing else. */
function metadataOf({ labels, features, kind, training }: ModelCard): Record<string, string> {
  const facts: Record<string, Json> = { labels, features, kind, training };
  return Object.fromEntries(Object.entries(facts).map(([key, fact]) => [key, textOf(fact)]));
}

const textOf = (fact: Json): string => (typeof fact === 'string' ? fact : JSON.stringify(fact));

async function measure(
  folder: string,
  { parts: { train, validation }, classifier }: Results,
): Promise<Measured> {
  const model = await openClassifier({ folder });
  const judge = async ({ rows, count, classes }: Examples): Promise<Judgement> => {
    const probabilities = await model.predict(rows, count);
    const right = answersOf(probabilities).filter((answer, row) => answer === classes[row]);
    return { loss: logLoss(probabilities, classes), accuracy: right.length / count };
  };
  const measured = {
    train: await judge(train),
    validation: validation === undefined ? undefined : await judge(validation),
    baselines: baselines(train, validation ?? train, classifier),
  };
  await model.close();
  return measured;
}

/** Flat, for expressions. `accuracy` and `loss` are of the validation part where there is one. */
function metricsOf({ train, validation, baselines: free }: Measured, results: Results) {
  const { parts, trained, classifier } = results;
  const judged = validation ?? train;
  return {
    accuracy: judged.accuracy,
    loss: judged.loss,
    train_loss: train.loss,
    train_accuracy: train.accuracy,
    validation_loss: validation?.loss ?? null,
    validation_accuracy: validation?.accuracy ?? null,
    best_epoch: trained.bestEpoch,
    epochs: trained.log.length,
    baseline_accuracy: Math.max(free.majority, free.nearestMean),
    baseline_majority_accuracy: free.majority,
    baseline_nearest_mean_accuracy: free.nearestMean,
    parameters: sizeOf(classifier),
    train_rows: parts.train.count,
    validation_rows: parts.validation?.count ?? 0,
  };
}

const logLine = ({ epoch, trainLoss, validation, learningRate }: EpochRecord): string =>
  JSON.stringify({
    epoch,
    train_loss: trainLoss,
    val_loss: validation?.loss ?? null,
    val_accuracy: validation?.accuracy ?? null,
    learning_rate: learningRate,
  });

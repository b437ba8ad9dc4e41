/**
 * The train step: a classifier for tables and small images, trained and shipped as ONNX.
 */
import { createHash } from 'node:crypto';
import { runStep, type Step } from '../sdk/step.ts';
import { writeResults } from './artifact.ts';
import { loadCheckpoint, saveCheckpoint } from './checkpoint.ts';
import type { Classifier } from './network/classifier.ts';
import { type Parts, readParts } from './parts.ts';
import { scalingOf } from './scaling.ts';
import { type Settings, settingsOf } from './settings.ts';
import { type EpochRecord, type TrainingState, train } from './training.ts';

/**
 * How much work a kill may cost, and the share of the time that may go into preventing it: a large
 * state takes long to write. When one is saved changes nothing in the result.
 */
const CHECKPOINT_EVERY_MS = 500;
const CHECKPOINT_SHARE = 1 / 20;

await runStep(async step => {
  const settings = settingsOf(step);
  const folders = { train: step.input('train'), validation: step.optionalInput('validation') };
  const parts = await readParts(folders, settings);
  const classifier = classifierOf(parts, settings);
  const { scratch, resources } = step.call;
  if (settings.threads > Math.max(1, resources.cpus)) {
    step.warn(
      `\`threads\` is ${settings.threads} and the step is granted ${resources.cpus} cpus: it takes turns with itself`,
    );
  }
  const identity = identityOf(step, settings);
  const from = loadCheckpoint(scratch, identity);
  if (from !== undefined) {
    step.progress(from.epoch / settings.schedule.epochs, `going on after epoch ${from.epoch}`);
  }
  const trained = await train({
    classifier,
    settings,
    train: parts.train,
    validation: parts.validation,
    from,
    onStep: nowAndThen(step, state => saveCheckpoint(scratch, identity, state)),
    onEpoch: record => report(step, record, settings.schedule.epochs),
  });
  const paths = {
    model: step.output('model'),
    metrics: step.output('metrics'),
    log: step.output('log'),
  };
  const results = { settings, parts, classifier, trained };
  const { metrics, warning } = await writeResults(paths, results);
  // The last word on the screen is on the model that is delivered, not on the last epoch.
  step.metric(metrics);
  if (warning !== undefined) step.warn(warning);
});

type OnStep = (state: TrainingState) => void;

/** Saves when it is time. A disk that takes no checkpoint costs safety and not the training. */
function nowAndThen({ warn }: Step, save: OnStep): OnStep {
  let due = performance.now() + CHECKPOINT_EVERY_MS;
  return state => {
    const start = performance.now();
    if (start < due) return;
    try {
      save(state);
    } catch (error) {
      warn(`no checkpoint can be saved, so a kill costs everything: ${String(error)}`);
      due = Infinity;
      return;
    }
    const end = performance.now();
    due = end + Math.max(CHECKPOINT_EVERY_MS, (end - start) / CHECKPOINT_SHARE);
  };
}

function classifierOf(
  { features, classes, train: { rows } }: Parts,
  settings: Settings,
): Classifier {
  const together = settings.image === undefined ? features.length : settings.image[2];
  return {
    features: features.length,
    classes: classes.length,
    architecture: settings.architecture,
    scaling: scalingOf(rows, features.length, settings.scale, together),
  };
}

/** What is trained on what. The engine keeps scratch folders apart by key; this is for runs by hand. */
function identityOf(step: Step, settings: Settings): string {
  const data = ['train', 'validation'].map(port => step.call.in[port]?.items[0]?.digest ?? null);
  return createHash('sha256')
    .update(JSON.stringify([settings.given, data]))
    .digest('hex');
}

function report(step: Step, { epoch, trainLoss, validation }: EpochRecord, epochs: number): void {
  const judged =
    validation === undefined
      ? {}
      : { val_loss: validation.loss, val_accuracy: validation.accuracy };
  step.metric({ train_loss: trainLoss, ...judged }, epoch);
  step.progress(epoch / epochs, `epoch ${epoch}/${epochs}`);
}

/**
 * The eval step: asks the model about every labelled row and writes what came of it. Unaware of how
 * the model was trained.
 */
import { writeFileSync } from 'node:fs';
import { writeText } from '../sdk/dataset.ts';
import { type Examples, readExamples } from '../sdk/examples.ts';
import { openClassifier } from '../sdk/inference.ts';
import type { ModelCard } from '../sdk/model.ts';
import { runStep, type Step, StepError } from '../sdk/step.ts';
import { evaluate, metricsJson } from './evaluation.ts';
import { evaluationPlot } from './plot.ts';
import { predictionLines } from './predictions.ts';
import { evaluationReport, warnings } from './report.ts';

await runStep(async step => {
  const classifier = await openClassifier({ folder: step.input('model') });
  const { card } = classifier;
  const examples = labelledOnly(await readExamples(step.input('data'), card), step);
  const { truth, labels, rows, places } = examples;
  const probabilities = await classifier.predict(rows, truth.length, share =>
    step.progress(0.5 * share, 'asking the model'),
  );
  await classifier.close();
  const evaluation = evaluate({
    probabilities,
    truth,
    labels,
    bins: step.param<number>('bins'),
    resamples: step.param<number>('resamples'),
    seed: step.param<number>('seed'),
    onProgress: share => step.progress(0.5 + 0.5 * share, 'resampling for the intervals'),
  });
  const facts = {
    kind: card.kind,
    parameters: card.parameters,
    features: card.features.length,
    baselines: baselinesOf(card),
  };
  for (const warning of warnings(evaluation, facts)) step.warn(warning);
  const metrics = metricsJson(evaluation);
  step.metric({
    accuracy: metrics.accuracy,
    macro_f1: metrics.macro_f1,
    log_loss: metrics.log_loss,
  });
  writeFileSync(step.output('metrics'), `${JSON.stringify(metrics, null, 2)}\n`);
  writeFileSync(step.output('plot'), evaluationPlot(evaluation));
  writeFileSync(step.output('report'), evaluationReport(evaluation, facts));
  await writeText(
    step.output('predictions'),
    predictionLines({ probabilities, truth, labels, rows: places }),
  );
});

type Labelled = {
  readonly rows: Float32Array;
  readonly truth: Int32Array;
  readonly labels: readonly string[];
  /** Where each row stands in the dataset, from 1. */
  readonly places: readonly number[];
};

/** A row without a label cannot be judged: it is left out, and that is said. */
function labelledOnly({ rows, count, truth, labels }: Examples, step: Step): Labelled {
  const places = Array.from({ length: count }, (_, row) => row).filter(
    row => (truth?.[row] ?? -1) >= 0,
  );
  if (truth === undefined || places.length === 0) {
    throw new StepError(
      count === 0 ? 'the data has no rows' : 'the data has no labels to compare answers with',
      'name the label column at `ingest`, and wire a part that has rows',
    );
  }
  const unlabelled = count - places.length;
  if (unlabelled > 0) step.warn(`${unlabelled} of ${count} rows have no label and are left out`);
  const all = { rows, truth, labels, places: places.map(row => row + 1) };
  if (unlabelled === 0) return all;
  const width = rows.length / count;
  const kept = new Float32Array(places.length * width);
  for (const [place, row] of places.entries()) {
    kept.set(rows.subarray(row * width, (row + 1) * width), place * width);
  }
  return { ...all, rows: kept, truth: Int32Array.from(places, row => truth[row] ?? -1) };
}

/** By name; `accuracy` is the best of the others, once more. */
function baselinesOf({ baseline }: ModelCard): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(baseline).flatMap(([name, accuracy]) =>
      accuracy === null || name === 'accuracy' ? [] : [[name, accuracy] as const],
    ),
  );
}

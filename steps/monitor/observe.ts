/**
 * Measures a window against the reference: features, answers, labels, performance. Unaware of
 * thresholds' meaning for the verdict and of how any of it is shown.
 */
import type { Classifier } from '../sdk/inference.ts';
import { answersOf } from '../sdk/metrics-probability.ts';
import { classDrift, featureDrift, type Thresholds } from './drift.ts';
import { wilsonInterval } from './statistics.ts';
import type { Observation, Performance } from './verdict.ts';
import { columnOf, completeRows, type Watched } from './watched.ts';

export type ObserveRequest = {
  readonly classifier: Classifier;
  readonly reference: Watched;
  readonly window: Watched;
  readonly thresholds: Thresholds;
  readonly onProgress: (share: number, message: string) => void;
};

export async function observe(request: ObserveRequest): Promise<Observation> {
  const { classifier, reference, window, thresholds, onProgress } = request;
  const { features: names, labels: known, metrics } = classifier.card;
  const features = names.map((name, index) => {
    onProgress((0.5 * index) / names.length, 'comparing the features');
    const column = (side: Watched) => columnOf(side, names.length, index);
    const values = { name, reference: column(reference), window: column(window) };
    return featureDrift(values, thresholds, names.length);
  });
  onProgress(0.5, 'asking the model');
  const before = await ask(classifier, reference);
  onProgress(0.75, 'asking the model');
  const now = await ask(classifier, window);
  return {
    rows: { reference: reference.count, window: window.count },
    features,
    answers: classDrift(before.answers, now.answers, known.length, thresholds),
    labels: labelDrift(reference, window, thresholds),
    performance: performanceOf(now, before, metrics['validation_accuracy'] ?? undefined),
    unasked: window.count - now.answers.length,
  };
}

/** The answers to the rows without gaps, and of those with a label how many are right. */
type Asked = {
  readonly answers: readonly number[];
  readonly labelled: number;
  readonly right: number;
};

async function ask(classifier: Classifier, side: Watched): Promise<Asked> {
  const width = classifier.card.features.length;
  const places = completeRows(side, width);
  const rows = new Float32Array(places.length * width);
  for (const [index, row] of places.entries()) {
    rows.set(side.rows.subarray(row * width, (row + 1) * width), index * width);
  }
  const answers = [...answersOf(await classifier.predict(rows, places.length))];
  const truth = places.map(row => side.truth?.[row] ?? -1);
  return {
    answers,
    labelled: truth.filter(index => index >= 0).length,
    right: truth.filter((index, row) => index >= 0 && index === answers[row]).length,
  };
}

function labelDrift(reference: Watched, window: Watched, thresholds: Thresholds) {
  const before = labelsIn(reference);
  const now = labelsIn(window);
  if (before.length === 0 || now.length === 0) return undefined;
  // Each side may know classes that the other lacks; their names decide, not their places.
  const names = [...new Set([...reference.labels, ...window.labels])];
  const places = (indices: readonly number[], { labels }: Watched) =>
    indices.map(index => names.indexOf(labels[index] ?? ''));
  return classDrift(places(before, reference), places(now, window), names.length, thresholds);
}

const labelsIn = ({ truth }: Watched): readonly number[] =>
  truth === undefined ? [] : [...truth].filter(index => index >= 0);

/**
 * Accuracy in validation is what to expect of unseen rows. On the reference itself the model may be
 * better than it is: it was trained on that. So it is asked there only when nothing else is known.
 */
function performanceOf(
  now: Asked,
  before: Asked,
  validation: number | undefined,
): Performance | undefined {
  const expected = validation ?? (before.labelled > 0 ? before.right / before.labelled : undefined);
  if (now.labelled === 0 || expected === undefined) return undefined;
  return {
    rows: now.labelled,
    accuracy: now.right / now.labelled,
    ...wilsonInterval(now.right, now.labelled),
    expected,
    basis: validation === undefined ? 'reference' : 'validation',
  };
}

/**
 * What costs nothing: always the commonest class, and the class whose mean is nearest. A model
 * that does not beat them has learned nothing. Unaware of networks.
 */
import type { Scaling } from './network/classifier.ts';
import type { Examples } from './training.ts';

export type Baselines = { readonly majority: number; readonly nearestMean: number };

/** Accuracies on `judged` of baselines fitted to `train`. */
export function baselines(
  train: Examples,
  judged: Examples,
  { features, classes, scaling }: BaselineShape,
): Baselines {
  const means = new Float64Array(classes * features);
  const counts = new Float64Array(classes);
  for (let row = 0; row < train.count; row += 1) {
    const label = train.classes[row] ?? 0;
    counts[label] = (counts[label] ?? 0) + 1;
    for (let i = 0; i < features; i += 1) {
      const at = label * features + i;
      means[at] = (means[at] ?? 0) + (train.rows[row * features + i] ?? 0);
    }
  }
  for (let at = 0; at < means.length; at += 1) {
    means[at] = (means[at] ?? 0) / (counts[Math.floor(at / features)] ?? 1);
  }
  const commonest = counts.indexOf(Math.max(...counts));
  const share = (answer: (row: number) => number) => {
    let right = 0;
    for (let row = 0; row < judged.count; row += 1) {
      if (answer(row) === judged.classes[row]) right += 1;
    }
    return right / judged.count;
  };
  return {
    majority: share(() => commonest),
    nearestMean: share(row => nearest(judged, row, means, counts, { features, classes, scaling })),
  };
}

type BaselineShape = {
  readonly features: number;
  readonly classes: number;
  /** Distances are taken between scaled values, as the model sees them. */
  readonly scaling: Scaling;
};

function nearest(
  { rows }: Examples,
  row: number,
  means: Float64Array,
  counts: Float64Array,
  { features, classes, scaling }: BaselineShape,
): number {
  let [best, shortest] = [0, Infinity];
  for (let label = 0; label < classes; label += 1) {
    if (counts[label] === 0) continue;
    let distance = 0;
    for (let i = 0; i < features; i += 1) {
      const gap = (rows[row * features + i] ?? 0) - (means[label * features + i] ?? 0);
      distance += (gap * (scaling.factor[i] ?? 1)) ** 2;
    }
    if (distance < shortest) [best, shortest] = [label, distance];
  }
  return best;
}

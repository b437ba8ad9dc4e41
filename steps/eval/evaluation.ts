/**
 * Everything that is known about a model's answers to labelled rows, as data: the numbers that
 * metrics.json, the plot and the report are made from. Unaware of files and of how they are shown.
 */
import { bootstrapIntervals, type Interval } from '../sdk/bootstrap.ts';
import {
  type Confusion,
  confusionOf,
  majorityShare,
  type Scores,
  scoresOf,
} from '../sdk/metrics.ts';
import {
  answersOf,
  brierScore,
  calibrationError,
  logLoss,
  type Probabilities,
  type ReliabilityBin,
  reliability,
} from '../sdk/metrics-probability.ts';

export type EvaluationRequest = {
  readonly probabilities: Probabilities;
  /** Per row an index into `labels`. */
  readonly truth: Int32Array;
  /** The model's classes first, then those that only the data has. */
  readonly labels: readonly string[];
  readonly bins: number;
  readonly resamples: number;
  readonly seed: number;
  readonly onProgress?: (share: number) => void;
};

export type Evaluation = {
  readonly labels: readonly string[];
  /** How many of `labels` the model knows; those after are the data's alone. */
  readonly known: number;
  /** Rows of a class that the model does not know: always answered wrongly. */
  readonly unknownRows: number;
  readonly scores: Scores;
  readonly confusion: Confusion;
  readonly logLoss: number;
  readonly brier: number;
  readonly ece: number;
  readonly reliability: readonly ReliabilityBin[];
  readonly intervals: { readonly accuracy: Interval; readonly macroF1: Interval };
  /** Accuracy of always giving the data's most frequent class. */
  readonly baseline: number;
};

export function evaluate(request: EvaluationRequest): Evaluation {
  const { probabilities, truth, labels, bins, resamples, seed, onProgress } = request;
  const known = probabilities.classes;
  const answers = answersOf(probabilities);
  const knownTruth = truth.map(index => (index < known ? index : -1));
  const confusion = confusionOf(truth, answers, labels.length);
  const scores = scoresOf(confusion, labels);
  const diagram = reliability(probabilities, knownTruth, bins);
  return {
    labels,
    known,
    unknownRows: knownTruth.filter(index => index < 0).length,
    scores,
    confusion,
    logLoss: logLoss(probabilities, knownTruth),
    brier: brierScore(probabilities, knownTruth),
    ece: calibrationError(diagram),
    reliability: diagram,
    intervals: bootstrapIntervals({
      truth,
      answers,
      classes: labels.length,
      resamples,
      seed,
      ...(onProgress !== undefined && { onProgress }),
    }),
    baseline: majorityShare(scores),
  };
}

/** metrics.json: flat numbers first, for expressions such as `eval.metrics.accuracy`; details after. */
export function metricsJson(evaluation: Evaluation) {
  const { scores, intervals, labels, confusion } = evaluation;
  return {
    accuracy: scores.accuracy,
    macro_f1: scores.macro.f1,
    micro_f1: scores.micro.f1,
    macro_precision: scores.macro.precision,
    macro_recall: scores.macro.recall,
    micro_precision: scores.micro.precision,
    micro_recall: scores.micro.recall,
    log_loss: evaluation.logLoss,
    ece: evaluation.ece,
    brier: evaluation.brier,
    rows: scores.rows,
    unknown_rows: evaluation.unknownRows,
    accuracy_low: intervals.accuracy.low,
    accuracy_high: intervals.accuracy.high,
    macro_f1_low: intervals.macroF1.low,
    macro_f1_high: intervals.macroF1.high,
    baseline_accuracy: evaluation.baseline,
    per_class: Object.fromEntries(scores.perClass.map(({ label, ...score }) => [label, score])),
    confusion: {
      labels,
      counts: labels.map((_, truth) =>
        Array.from(confusion.cells.slice(truth * labels.length, (truth + 1) * labels.length)),
      ),
    },
    reliability: evaluation.reliability,
  };
}

/**
 * The evaluation in words, for a person: verdict first, then what it rests on. Unaware of files.
 */
import { markdownPage, markdownTable, markdownText, percent } from '../sdk/markdown.ts';
import { countAt } from '../sdk/metrics.ts';
import type { Evaluation } from './evaluation.ts';

/** What the report says about the model besides its answers. */
export type ModelFacts = {
  readonly kind: string;
  readonly parameters: number;
  readonly features: number;
  /** Accuracy of what costs nothing, as training measured it; empty where it did not. */
  readonly baselines: Readonly<Record<string, number>>;
};

const MOST_CONFUSIONS = 10;

export function evaluationReport(evaluation: Evaluation, model: ModelFacts): string {
  return markdownPage([
    '# Evaluation',
    headline(evaluation, model),
    ...warnings(evaluation, model).map(warning => `> **Warning:** ${warning}`),
    markdownTable(['Measure', 'Value', '95 % interval'], measures(evaluation, model)),
    '## Per class',
    perClass(evaluation),
    '## Most frequent confusions',
    confusions(evaluation),
    '## Calibration',
    calibration(evaluation),
    notes(evaluation),
  ]);
}

/** What a reader must not overlook; also said while the step runs. */
export function warnings(evaluation: Evaluation, model: ModelFacts): readonly string[] {
  const { scores, unknownRows, labels, known, intervals } = evaluation;
  const best = bestBaseline(evaluation, model);
  const unknown = labels.slice(known).map(label => `\`${markdownText(label)}\``);
  return [
    ...(scores.accuracy <= best.accuracy
      ? [
          `the model does not beat its baseline: ${best.name} reaches ${percent(best.accuracy)}, the model ${percent(scores.accuracy)}`,
        ]
      : intervals.accuracy.low <= best.accuracy
        ? [
            `with ${scores.rows} rows the model is not clearly better than its baseline: ${best.name} reaches ${percent(best.accuracy)}`,
          ]
        : []),
    ...(unknownRows > 0
      ? [
          `${unknownRows} rows are of classes that the model does not know (${unknown.join(', ')}); each counts as a wrong answer`,
        ]
      : []),
  ];
}

type Baseline = { readonly name: string; readonly accuracy: number };

/** The best of what costs nothing: measured here, or by training on rows it did not learn from. */
function bestBaseline({ baseline }: Evaluation, { baselines }: ModelFacts): Baseline {
  const here = { name: 'always answering the most frequent class', accuracy: baseline };
  return Object.entries(baselines)
    .map(([name, accuracy]) => ({ name: `\`${name}\` in training`, accuracy }))
    .reduce((best, other) => (other.accuracy > best.accuracy ? other : best), here);
}

function headline({ scores, baseline, intervals }: Evaluation, model: ModelFacts): string {
  const { low, high } = intervals.accuracy;
  return `The model (${markdownText(model.kind)}, ${model.parameters} parameters, ${model.features} features) answers **${percent(scores.accuracy)}** of ${scores.rows} rows rightly (95 % interval ${percent(low)} to ${percent(high)}). Always answering the most frequent class reaches ${percent(baseline)}.`;
}

function measures(
  evaluation: Evaluation,
  { baselines }: ModelFacts,
): readonly (readonly string[])[] {
  const { scores, intervals } = evaluation;
  const interval = ({ low, high }: { readonly low: number; readonly high: number }) =>
    `${percent(low)} … ${percent(high)}`;
  return [
    ['Accuracy', percent(scores.accuracy), interval(intervals.accuracy)],
    ['Macro F1', percent(scores.macro.f1), interval(intervals.macroF1)],
    ['Macro precision', percent(scores.macro.precision), ''],
    ['Macro recall', percent(scores.macro.recall), ''],
    ['Log loss (nats)', evaluation.logLoss.toFixed(4), ''],
    ['Brier score (0 … 2)', evaluation.brier.toFixed(4), ''],
    ['Expected calibration error', percent(evaluation.ece), ''],
    ['Baseline accuracy (most frequent class)', percent(evaluation.baseline), ''],
    ...Object.entries(baselines).map(([name, accuracy]) => [
      `Baseline accuracy in training (${name})`,
      percent(accuracy),
      '',
    ]),
  ];
}

const perClass = ({ scores }: Evaluation): string =>
  markdownTable(
    ['Class', 'Precision', 'Recall', 'F1', 'Rows', 'Answered'],
    scores.perClass.map(({ label, precision, recall, f1, support, predicted }) => [
      label,
      percent(precision),
      percent(recall),
      percent(f1),
      String(support),
      String(predicted),
    ]),
  );

function confusions({ confusion, labels, scores }: Evaluation): string {
  const found = labels.flatMap((truth, row) =>
    labels.map((answer, column) => ({
      truth,
      answer,
      support: scores.perClass[row]?.support ?? 0,
      count: row === column ? 0 : countAt(confusion, row, column),
    })),
  );
  const worst = found
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => b.count - a.count)
    .slice(0, MOST_CONFUSIONS);
  if (worst.length === 0) return 'None: every answer is right.';
  return markdownTable(
    ['Truth', 'Answer', 'Rows', 'Of its class'],
    worst.map(({ truth, answer, count, support }) => [
      truth,
      answer,
      String(count),
      percent(count / support),
    ]),
  );
}

const calibration = ({ reliability }: Evaluation): string =>
  markdownTable(
    ['Confidence', 'Rows', 'Mean confidence', 'Right'],
    reliability
      .filter(({ count }) => count > 0)
      .map(({ from, to, count, confidence, accuracy }) => [
        `${percent(from, 0)} … ${percent(to, 0)}`,
        String(count),
        percent(confidence),
        percent(accuracy),
      ]),
  );

const notes = ({ scores }: Evaluation): string =>
  `Intervals come from resampling the ${scores.rows} rows with replacement. Averages over classes ("macro") count every class that occurs once. A model is calibrated when, of the answers given with a confidence of 80 %, 80 % are right.`;

/**
 * Every answer as a line of CSV, to look for what went wrong row by row. Unaware of scores.
 */
import { csvRecord } from '../sdk/csv.ts';
import { answersOf, type Probabilities, probabilityOf } from '../sdk/metrics-probability.ts';

export type PredictionsRequest = {
  readonly probabilities: Probabilities;
  /** Per row an index into `labels`. */
  readonly truth: Int32Array;
  readonly labels: readonly string[];
  /** Per row its place in the dataset, from 1. */
  readonly rows: readonly number[];
};

/** Six digits are all that a float32 holds for certain, on whatever machine it was computed. */
const short = (value: number): string => String(Number(value.toPrecision(6)));

export async function* predictionLines(request: PredictionsRequest): AsyncGenerator<string> {
  const { probabilities, truth, labels, rows } = request;
  const known = labels.slice(0, probabilities.classes);
  yield csvRecord([
    'row',
    'label',
    'answer',
    'right',
    'confidence',
    ...known.map(name => `p_${name}`),
  ]);
  const answers = answersOf(probabilities);
  for (let index = 0; index < probabilities.count; index += 1) {
    const answer = answers[index] ?? 0;
    yield csvRecord([
      String(rows[index] ?? index + 1),
      labels[truth[index] ?? 0] ?? '',
      labels[answer] ?? '',
      String(answer === truth[index]),
      short(probabilityOf(probabilities, index, answer)),
      ...known.map((_, place) => short(probabilityOf(probabilities, index, place))),
    ]);
  }
}

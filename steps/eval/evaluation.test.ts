import { expect, test } from 'vitest';
import type { Probabilities } from '../sdk/metrics-probability.ts';
import { type EvaluationRequest, evaluate, metricsJson } from './evaluation.ts';
import { evaluationPlot } from './plot.ts';
import { predictionLines } from './predictions.ts';
import { evaluationReport, warnings } from './report.ts';

const FACTS = { kind: 'mlp', parameters: 10, features: 2, baselines: {} };

/** Each row is sure of its answer. */
const sure = (answers: readonly number[], classes: number): Probabilities => ({
  values: Float32Array.from(
    answers.flatMap(answer =>
      Array.from({ length: classes }, (_, index) => (index === answer ? 1 : 0)),
    ),
  ),
  count: answers.length,
  classes,
});

const judge = (
  answers: readonly number[],
  truth: readonly number[],
  change: Partial<EvaluationRequest> = {},
) =>
  evaluate({
    probabilities: sure(answers, 2),
    truth: Int32Array.from(truth),
    labels: ['cat', 'dog'],
    bins: 10,
    resamples: 200,
    seed: 1,
    ...change,
  });

test('flat numbers come first, under names that expressions can use', () => {
  const metrics = metricsJson(judge([0, 1, 1, 0], [0, 1, 0, 0]));
  const numbers = Object.entries(metrics).filter(([, value]) => typeof value === 'number');
  expect(numbers.map(([name]) => name)).toEqual(Object.keys(metrics).slice(0, numbers.length));
  expect(metrics).toMatchObject({ accuracy: 0.75, rows: 4, baseline_accuracy: 0.75 });
  expect(metrics.per_class['cat']).toMatchObject({ precision: 1, support: 3 });
  for (const name of Object.keys(metrics)) expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
});

test('a model no better than its most frequent class is a warning', () => {
  expect(warnings(judge([0, 1, 1, 0], [0, 1, 0, 0]), FACTS)[0]).toContain(
    'does not beat its baseline',
  );
  const good = Array.from({ length: 40 }, (_, row) => row % 2);
  expect(warnings(judge(good, good), FACTS)).toEqual([]);
});

test('so is one no better than a baseline of its training', () => {
  const answers = Array.from({ length: 40 }, (_, row) => row % 2);
  const truth = answers.map((answer, row) => (row < 8 ? 1 - answer : answer));
  const facts = { ...FACTS, baselines: { majority: 0.5, nearest_mean: 0.85 } };
  expect(warnings(judge(answers, truth), FACTS)).toEqual([]);
  expect(warnings(judge(answers, truth), facts)[0]).toContain('`nearest_mean` in training reaches');
});

test('few rows cannot show that a model is better', () => {
  const evaluation = judge([0, 1, 1, 1, 0], [0, 1, 1, 0, 0]);
  expect(warnings(evaluation, FACTS)[0]).toContain('not clearly better');
});

test('a class that the model does not know counts as wrong, by name', () => {
  const evaluation = judge([0, 1, 0, 0], [0, 1, 2, 2], { labels: ['cat', 'dog', 'ibex'] });
  expect(evaluation.scores.accuracy).toBe(0.5);
  expect(evaluation.unknownRows).toBe(2);
  expect(evaluation.scores.perClass[2]).toMatchObject({ label: 'ibex', recall: 0, support: 2 });
  expect(warnings(evaluation, FACTS).join()).toContain('ibex');
});

test('the report leads with the verdict and names the worst confusion', () => {
  const report = evaluationReport(judge([0, 1, 1, 1, 0], [0, 1, 1, 0, 0]), FACTS);
  expect(report).toContain('answers **80.0 %** of 5 rows rightly');
  expect(report).toContain('| cat | dog | 1 | 33.3 % |');
});

test('the plot numbers every cell that has rows', () => {
  const plot = evaluationPlot(judge([0, 1, 1, 1, 0], [0, 1, 1, 0, 0]));
  expect(plot).toContain('Confusion: accuracy 80.0 % of 5 rows');
  expect(plot.match(/fill-opacity/g)?.length).toBe(4);
});

test('a plot of two hundred classes stays small', () => {
  const labels = Array.from({ length: 200 }, (_, index) => `class ${index}`);
  const rows = Array.from({ length: 400 }, (_, row) => row % 200);
  const plot = evaluationPlot(judge(rows, rows, { labels, probabilities: sure(rows, 200) }));
  expect(plot.length).toBeLessThan(60_000);
});

test('predictions quote labels that hold commas', async () => {
  const lines = predictionLines({
    probabilities: sure([0, 1], 2),
    truth: Int32Array.of(0, 2),
    labels: ['a,b', 'c', 'new'],
    rows: [1, 5],
  });
  const written: string[] = [];
  for await (const line of lines) written.push(line);
  expect(written).toEqual([
    'row,label,answer,right,confidence,"p_a,b",p_c\n',
    '1,"a,b","a,b",true,1,1,0\n',
    '5,new,c,false,1,0,1\n',
  ]);
});

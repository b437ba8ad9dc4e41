import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { runProgram } from '../../test/harness/step-program.ts';
import { nearestMeanModel, writeLinearModel } from '../../test/harness/tiny-model.ts';
import { writeDataset } from '../sdk/dataset.ts';
import { featureMatrix } from '../sdk/features.ts';
import { randomFrom, shuffle } from '../sdk/random.ts';

const DIGITS = join(import.meta.dirname, '../../examples/digits/digits.csv');
const folder = mkdtempSync(join(tmpdir(), 'sluice-monitor-'));
const deployment = join(folder, 'deployment');
const [header = [], ...lines] = readFileSync(DIGITS, 'utf8')
  .trimEnd()
  .split('\n')
  .map(line => line.split(','));
const shuffled = shuffle(lines, randomFrom(3));
const [reference, window] = [shuffled.slice(0, 1260), shuffled.slice(1260)];

const dataset = async (name: string, rows: readonly (readonly string[])[], labelled = true) => {
  const path = join(folder, name);
  const width = labelled ? header.length : header.length - 1;
  const columns = header.slice(0, width).map(column => ({ name: column, type: 'int' as const }));
  await writeDataset(
    path,
    {
      kind: 'table',
      state: labelled ? 'split' : 'refined',
      label: labelled ? 'digit' : null,
      columns,
      part: null,
      provenance: { source: null, quarantined: 0, steps: [] },
    },
    rows.map(row => row.slice(0, width)),
  );
  return path;
};

beforeAll(async () => {
  const train = await dataset('reference', reference);
  const { names, rows, labels, classes } = await featureMatrix(train);
  const means = nearestMeanModel(
    { values: rows, labels: labels ?? new Int32Array(0) },
    { features: names, labels: classes },
    0.01,
  );
  mkdirSync(deployment);
  writeFileSync(
    join(deployment, 'deployment.json'),
    JSON.stringify({ name: 'digits', version: 4, model: 'model' }),
  );
  writeLinearModel(join(deployment, 'model'), { ...means, metrics: { validation_accuracy: 0.9 } });
});

async function watch(data: string) {
  const end = await runProgram({
    step: 'monitor',
    in: { deployment, reference: join(folder, 'reference'), window: data },
  });
  expect(end.stderr).toBe('');
  const json = (port: string): unknown => JSON.parse(readFileSync(end.out[port] ?? '', 'utf8'));
  return {
    verdict: json('verdict') as { verdict: string; retrain: boolean; reasons: readonly string[] },
    retrain: json('retrain'),
    metrics: json('metrics'),
    report: readFileSync(end.out['report'] ?? '', 'utf8'),
    warnings: end.warnings,
  };
}

test('a part of the same digits is no drift', async () => {
  const { verdict, retrain, metrics, report } = await watch(await dataset('same', window));
  expect(verdict).toEqual({ verdict: 'ok', retrain: false, reasons: [] });
  expect(retrain).toEqual({ needed: false });
  expect(metrics).toMatchObject({ drifted_features: 0, features: 64, expected_accuracy: 0.9 });
  expect(report).toContain('Version 4 of the deployment digits; 537 rows against 1260');
});

test('digits written darker are an alert with a reason', async () => {
  const darker = window.map(row =>
    row.map((value, index) => (index < 64 ? String(Math.min(16, Number(value) + 5)) : value)),
  );
  const { verdict, retrain, warnings } = await watch(await dataset('darker', darker));
  expect(verdict.verdict).toBe('alert');
  expect(retrain).toEqual({ needed: true });
  expect(verdict.reasons[0]).toContain('of 64 features have moved');
  expect(warnings).toEqual(verdict.reasons);
});

test('only nines are an alert of answers and labels', async () => {
  const nines = shuffled.filter(row => row.at(-1) === '9');
  const { verdict } = await watch(await dataset('nines', nines));
  expect(verdict.verdict).toBe('alert');
  expect(verdict.reasons.join()).toContain('the distribution of the model’s answers has moved');
  expect(verdict.reasons.join()).toContain('the distribution of the labels has moved');
});

test('wrong labels are an alert of accuracy alone', async () => {
  const wrong = window.map(row => [...row.slice(0, 64), String((Number(row[64]) + 1) % 10)]);
  const { verdict } = await watch(await dataset('wrong', wrong));
  expect(verdict).toMatchObject({ verdict: 'alert', retrain: true });
  expect(verdict.reasons).toHaveLength(1);
  expect(verdict.reasons[0]).toContain('it was 90.0 % in validation');
});

test('a window without labels is judged by its features and answers', async () => {
  const { verdict, report } = await watch(await dataset('bare', window, false));
  expect(verdict.verdict).toBe('ok');
  expect(report).toContain('Not measured: the window has no labels.');
});

test('gaps are a finding, not a crash', async () => {
  const gaps = window.map((row, index) =>
    index % 2 === 0 ? row.map((value, place) => (place === 20 ? '' : value)) : row,
  );
  const { verdict, report, metrics } = await watch(await dataset('gaps', gaps));
  expect(verdict.reasons[0]).toContain('`p24`');
  expect(metrics).toMatchObject({ unasked_rows: 269 });
  expect(report).toContain('269 rows of the window lack a value');
});

test('an empty window is a warning', async () => {
  const { verdict } = await watch(await dataset('empty', []));
  expect(verdict.verdict).toBe('warn');
  expect(verdict.reasons[0]).toContain('the window has 0 rows');
});

import { describe, expect, test } from 'vitest';
import type { ClassDrift, FeatureDrift, Level } from './drift.ts';
import { driftPlot } from './plot.ts';
import { monitorMetrics, monitorReport } from './report.ts';
import { judge, type Observation, type Performance } from './verdict.ts';

const RULES = { minRows: 50, alertShare: 0.1, accuracyDrop: 0.05 };
const THRESHOLDS = {
  bins: 10,
  psiWarn: 0.1,
  psiAlert: 0.25,
  ksWarn: 0.15,
  ksAlert: 0.3,
  missingWarn: 0.05,
  missingAlert: 0.25,
  significance: 0.01,
};

const feature = (name: string, level: Level): FeatureDrift => ({
  name,
  level,
  psi: { ok: 0.01, warn: 0.15, alert: 0.4 }[level],
  psiP: 0.5,
  ks: 0.1,
  ksP: 0.5,
  missing: { reference: 0, window: 0 },
  mean: { reference: 1, window: 1 },
});

const features = (total: number, ...moved: readonly Level[]): readonly FeatureDrift[] =>
  Array.from({ length: total }, (_, index) => feature(`f${index}`, moved[index] ?? 'ok'));

const classes = (level: Level): ClassDrift => ({
  level,
  psi: 0.3,
  p: 0.001,
  shares: { reference: [0.5, 0.5], window: [0.9, 0.1] },
});

const performance = (accuracy: number, low: number, high: number): Performance => ({
  rows: 200,
  accuracy,
  low,
  high,
  expected: 0.97,
  basis: 'validation',
});

const quiet: Observation = {
  rows: { reference: 1000, window: 200 },
  features: features(20),
  answers: classes('ok'),
  labels: undefined,
  performance: undefined,
  unasked: 0,
};

describe('the verdict', () => {
  test.each<[string, Partial<Observation>, Level]>([
    ['nothing moved', {}, 'ok'],
    ['a feature warns', { features: features(20, 'warn') }, 'warn'],
    ['one feature of twenty alerts', { features: features(20, 'alert') }, 'warn'],
    ['two of twenty alert', { features: features(20, 'alert', 'alert') }, 'alert'],
    ['the only feature alerts', { features: features(1, 'alert') }, 'alert'],
    ['the answers moved', { answers: classes('alert') }, 'alert'],
    ['the labels moved a little', { labels: classes('warn') }, 'warn'],
    ['too few rows', { rows: { reference: 1000, window: 49 } }, 'warn'],
    ['as accurate as before', { performance: performance(0.96, 0.93, 0.98) }, 'ok'],
    ['maybe less accurate', { performance: performance(0.91, 0.86, 0.95) }, 'warn'],
    ['surely less accurate', { performance: performance(0.7, 0.64, 0.76) }, 'alert'],
  ])('%s', (_name, change, expected) => {
    const { verdict, retrain, reasons } = judge({ ...quiet, ...change }, RULES);
    expect(verdict).toBe(expected);
    expect(retrain).toBe(expected === 'alert');
    expect(reasons.length).toBe(expected === 'ok' ? 0 : 1);
  });

  test('names the features that moved most, and counts the rest', () => {
    const moved = features(20, 'warn', 'alert', 'warn', 'warn', 'warn', 'warn', 'warn');
    const [reason] = judge({ ...quiet, features: moved }, RULES).reasons;
    expect(reason).toMatch(/^warn: 7 of 20 features have moved: `f1` \(PSI 0\.40, KS 0\.10\), /);
    expect(reason).toMatch(/ and 2 more$/);
  });
});

test('the report says the verdict, its reasons and how it came about', () => {
  const observation = { ...quiet, features: features(30, 'alert'), unasked: 3 };
  const report = monitorReport({
    name: 'digits',
    version: 2,
    classes: ['a', 'b'],
    observation,
    verdict: judge(observation, RULES),
    thresholds: THRESHOLDS,
    rules: RULES,
  });
  expect(report).toContain('# Monitor: warn');
  expect(report).toContain('- warn: 1 of 30 features have moved');
  expect(report).toContain('3 rows of the window lack a value');
  expect(report).toContain('10 more moved less.');
  expect(report).toContain('Not measured: the window has no labels.');
});

test('flat numbers come first in the metrics', () => {
  const metrics = monitorMetrics({ ...quiet, performance: performance(0.9, 0.8, 0.95) });
  const numbers = Object.entries(metrics).filter(([, value]) => typeof value === 'number');
  expect(numbers.map(([name]) => name)).toEqual(Object.keys(metrics).slice(0, numbers.length));
  expect(metrics).toMatchObject({ rows: 200, drifted_features: 0, expected_accuracy: 0.97 });
});

test('the plot shows the twenty that moved most', () => {
  const plot = driftPlot(features(30, 'alert'), THRESHOLDS);
  expect(plot.match(/<rect x="0"/g)?.length).toBe(20);
  expect(plot).toContain('>0.400<');
});

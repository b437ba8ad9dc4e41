/**
 * Which of a step's metrics is worth its row: what people judge a model by comes before what it is
 * trained on; and a value in few digits. Unaware of how it is drawn.
 */
import type { RunningStep } from './run-state.ts';

/** In order of worth; a step's own order decides among equals. */
const WORTH = [
  /^(val|valid|validation|eval|test)[-_/.].*(acc|f1|auc|bleu|iou|map)/i,
  /acc|f1|auc|bleu|iou/i,
  /^(val|valid|validation|eval|test)[-_/.].*loss/i,
  /loss|perplexity|error|rmse|mae/i,
];

export function mainMetric({
  metrics,
  series,
}: Pick<RunningStep, 'metrics' | 'series'>):
  | { readonly name: string; readonly value: number; readonly course: readonly number[] }
  | undefined {
  const name = mainName(Object.keys(metrics));
  const value = name === undefined ? undefined : metrics[name];
  if (name === undefined || value === undefined) return undefined;
  return { name, value, course: series[name] ?? [] };
}

/** All of them, the one of most worth first, the others in the step's own order. */
export function byWorth(metrics: RunningStep['metrics']): readonly (readonly [string, number])[] {
  const main = mainName(Object.keys(metrics));
  return Object.entries(metrics).toSorted(([a], [b]) => Number(b === main) - Number(a === main));
}

function mainName(names: readonly string[]): string | undefined {
  const found = WORTH.map(pattern => names.find(name => pattern.test(name)));
  return found.find(name => name !== undefined) ?? names[0];
}

export const formatMetric = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));

/**
 * Which of a step's metrics is worth its row: what people judge a model by comes before what it is
 * trained on. Unaware of how it is drawn.
 */
import type { RunningStep } from '../run-state.ts';

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
  const names = Object.keys(metrics);
  const byWorth = WORTH.map(pattern => names.find(name => pattern.test(name)));
  const name = byWorth.find(found => found !== undefined) ?? names[0];
  const value = name === undefined ? undefined : metrics[name];
  if (name === undefined || value === undefined) return undefined;
  return { name, value, course: series[name] ?? [] };
}

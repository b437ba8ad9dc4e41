/**
 * Metrics of a step beside those it had before: `val_acc 0.962 ▲0.004`. Says which way a number went,
 * not whether that is good. Pure.
 */
import { byWorth, formatMetric } from './metric.ts';
import type { Style } from './style.ts';

export type Metrics = Readonly<Record<string, number>>;

/** One line per step that has something to compare; none for the others. */
export function metricChangeLines(
  steps: ReadonlyMap<string, { readonly before: Metrics; readonly after: Metrics }>,
  style: Style,
): readonly string[] {
  const compared = [...steps].filter(([, { before, after }]) =>
    Object.keys(after).some(name => before[name] !== undefined),
  );
  const width = Math.max(0, ...compared.map(([step]) => step.length));
  return compared.map(([step, { before, after }]) => {
    const parts = byWorth(after)
      .slice(0, MOST)
      .map(([name, value]) => `${name} ${formatMetric(value)}${wayOf(before[name], value, style)}`);
    return `  ${step.padEnd(width)}  ${parts.join('  ')}`;
  });
}

/** As many as a line can carry. */
const MOST = 6;

function wayOf(before: number | undefined, after: number, style: Style): string {
  if (before === undefined) return '';
  const change = after - before;
  if (change === 0) return ' =';
  const amount = formatMetric(Number(Math.abs(change).toPrecision(2)));
  if (style.unicode) return ` ${change > 0 ? '▲' : '▼'}${amount}`;
  return ` ${change > 0 ? '+' : '-'}${amount}`;
}

/** What the steps of a run measured, as a section of its report: courses as charts, the rest as figures. */
import type { RunId, StepId } from '../../schema/id.ts';
import { formatMetric } from '../metric.ts';
import { stepName } from '../step-name.ts';
import { chartsOf } from './charts.ts';
import { chartFigure } from './curve.ts';
import { escaped, tableOf } from './markup.ts';
import type { StepRecord } from './record.ts';

/** `from`: the run that measured it, where that is another one. */
export type Measurement = Pick<StepRecord, 'id' | 'metrics'> & { readonly from: RunId | undefined };

/** '' where nothing was measured. */
export function measurements(all: readonly Measurement[]): string {
  const measured = all.filter(({ metrics }) => Object.keys(metrics).length > 0);
  const groups = Map.groupBy(measured, ({ id }) => stepName(id));
  return [...groups].map(([name, group]) => groupOf(name, group)).join('\n');
}

function groupOf(name: string, group: readonly Measurement[]): string {
  const [only] = group;
  const charts = chartsOf(group).map(chartFigure);
  const drawn = charts.length === 0 ? '' : `<div class="curves">${charts.join('\n')}</div>`;
  if (only === undefined || group.length > 1) {
    return `<h3>${escaped(name)}</h3>${figuresTable(group)}${drawn}`;
  }
  const from =
    only.from === undefined
      ? ''
      : ` <span class="facts">as run ${escaped(only.from)} measured it</span>`;
  const figures = Object.entries(only.metrics).map(
    ([metric, points]) => `${escaped(metric)} <b>${figureOf(points)}</b>`,
  );
  return `<h3>${escaped(only.id)}${from}</h3><p>${figures.join(' · ')}</p>${drawn}`;
}

/** Instances below one another, to be compared. */
function figuresTable(group: readonly Measurement[]): string {
  const names = [...new Set(group.flatMap(({ metrics }) => Object.keys(metrics)))];
  const idOf = (id: StepId, from: RunId | undefined) =>
    `<b>${escaped(id)}</b>${from === undefined ? '' : `<br><span class="small">as run ${escaped(from)} measured it</span>`}`;
  const rows = group.map(({ id, metrics, from }) => [
    idOf(id, from),
    ...names.map(name => figureOf(metrics[name] ?? [])),
  ]);
  return tableOf(['step', ...names.map(escaped)], rows);
}

/** The last one is the one that counts. */
const figureOf = (points: StepRecord['metrics'][string]): string => {
  const last = points.at(-1);
  return last === undefined ? '' : escaped(formatMetric(last.value));
};

/**
 * Which courses a report draws together: a quantity over training and validation data, and a metric
 * of all instances of a matrix. Pure; unaware of how they are drawn.
 */
import { stepName } from '../step-name.ts';
import type { Point, StepRecord } from './record.ts';

export type Series = { readonly label: string; readonly points: readonly Point[] };

/** At least one series, each of at least two points. */
export type Chart = { readonly title: string; readonly series: readonly Series[] };

type Measured = Pick<StepRecord, 'id' | 'metrics'>;

/** `train_loss`, `val/loss`: on which data something was measured, and what. */
const ON_DATA = /^(train|training|val|valid|validation|dev|test)[_/](.+)$/;

/** Of one step, or of several instances of one. */
export function chartsOf(measured: readonly Measured[]): readonly Chart[] {
  const courses = measured.flatMap(({ id, metrics }) =>
    Object.entries(metrics).flatMap(([name, all]) => {
      const points = courseOf(all);
      return points.length < 2 ? [] : [{ id, name, points }];
    }),
  );
  if (measured.length > 1) {
    return [...Map.groupBy(courses, ({ name }) => name)].map(([title, of]) => ({
      title,
      series: of.map(({ id, points }) => ({
        label: id.slice(stepName(id).length + 1, -1),
        points,
      })),
    }));
  }
  const quantities = Map.groupBy(courses, ({ name }) => ON_DATA.exec(name)?.[2] ?? name);
  return [...quantities].map(([quantity, of]) => ({
    // What stands alone is called as the step calls it.
    title: of.length === 1 ? (of[0]?.name ?? quantity) : quantity,
    series: of.map(({ name, points }) => ({ label: ON_DATA.exec(name)?.[1] ?? name, points })),
  }));
}

/** Where a step counts, what it says at its end is no part of the course: it has no place in it. */
function courseOf(points: readonly Point[]): readonly Point[] {
  const finite = points.filter(({ value }) => Number.isFinite(value));
  const counted = finite.filter(({ index }) => index !== null);
  return counted.length < 2 ? finite : counted;
}

/** One metric of one step as a line: over what the step counts where it does, else over time. */
import { formatMetric } from '../run-lines.ts';
import { escaped, rounded } from './markup.ts';
import type { Point } from './record.ts';
import { ticksOf } from './ticks.ts';

const WIDTH = 300;
const HEIGHT = 150;
const LEFT = 48;
const RIGHT = 10;
const TOP = 26;
const BOTTOM = 22;
/** A line of more points looks the same. */
const MOST_POINTS = 600;

/** Undefined where there is no course to draw: a single value says it all. */
export function curveSvg(name: string, points: readonly Point[]): string | undefined {
  const finite = points.filter(({ value }) => Number.isFinite(value));
  if (finite.length < 2) return undefined;
  const isCounted = finite.every(({ index }) => index !== null);
  const first = finite[0]?.at ?? 0;
  const course = thinned(finite).map(({ index, at, value }) => ({
    x: isCounted ? (index ?? 0) : (at - first) / 1000,
    y: value,
  }));
  const [xLow, xHigh] = rangeOf(course.map(({ x }) => x));
  const [yLow, yHigh] = rangeOf(course.map(({ y }) => y));
  const x = (value: number) =>
    rounded(LEFT + ((value - xLow) / (xHigh - xLow)) * (WIDTH - LEFT - RIGHT));
  const y = (value: number) =>
    rounded(HEIGHT - BOTTOM - ((value - yLow) / (yHigh - yLow)) * (HEIGHT - TOP - BOTTOM));
  const last = finite.at(-1)?.value ?? 0;
  const grid = ticksOf(yLow, yHigh, 3).map(
    value =>
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(value)}" y2="${y(value)}"/><text class="axis" x="${LEFT - 5}" y="${y(value) + 4}" text-anchor="end">${escaped(formatMetric(value))}</text>`,
  );
  const marks = ticksOf(xLow, xHigh, 4).map(
    value =>
      `<text class="axis" x="${x(value)}" y="${HEIGHT - 6}" text-anchor="middle">${escaped(formatMetric(value))}${isCounted ? '' : 's'}</text>`,
  );
  const line = course.map(point => `${x(point.x)},${y(point.y)}`).join(' ');
  return `<svg class="curve" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(`${name}, last ${formatMetric(last)}`)}"><text x="4" y="15" class="name">${escaped(name)}</text><text x="${WIDTH - RIGHT}" y="15" text-anchor="end" class="name">${escaped(formatMetric(last))}</text>${grid.join('')}${marks.join('')}<polyline class="line" points="${line}"/></svg>`;
}

/** A flat line gets room above and below. */
function rangeOf(values: readonly number[]): readonly [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const room = Math.abs(low) * 0.1 || 1;
  return low === high ? [low - room, high + room] : [low, high];
}

function thinned(points: readonly Point[]): readonly Point[] {
  const every = Math.ceil(points.length / MOST_POINTS);
  return points.filter((_, index) => index % every === 0 || index === points.length - 1);
}

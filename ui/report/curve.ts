/**
 * A chart as a picture: over what the step counts where it does, with the time that took below it,
 * else over time. Unaware of which series belong together.
 */
import { formatDuration } from '../duration.ts';
import { formatMetric } from '../metric.ts';
import type { Chart, Series } from './charts.ts';
import { escaped, rounded } from './markup.ts';
import type { Point } from './record.ts';
import { ticksOf } from './ticks.ts';

const WIDTH = 320;
const HEIGHT = 170;
const LEFT = 50;
const RIGHT = 14;
const TOP = 10;
const BOTTOM = 22;
/** The row of times. */
const TIMES = 15;
/** A line of more points looks the same. */
const MOST_POINTS = 600;
/** Colours, and as many dashes (see look.ts): no two of the first 36 lines look the same. */
const LOOKS = 6;
/** More names are no legend any more; the table has them all. */
const MOST_NAMES = 12;

type Axis = { readonly low: number; readonly high: number; readonly ticks: readonly number[] };
type Course = readonly { readonly x: number; readonly y: number }[];

export function chartFigure({ title, series }: Chart): string {
  const isCounted = series.every(({ points }) => points.every(({ index }) => index !== null));
  const courses = series.map(({ points }) => courseOf(points, isCounted));
  const across = axisOf(
    courses.flatMap(course => course.map(({ x }) => x)),
    false,
  );
  const up = axisOf(
    courses.flatMap(course => course.map(({ y }) => y)),
    true,
  );
  const x = placed(across, LEFT, WIDTH - RIGHT);
  const y = placed(up, HEIGHT - BOTTOM, TOP);
  const grid = up.ticks.map(
    value =>
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(value)}" y2="${y(value)}"/><text class="axis" x="${LEFT - 6}" y="${y(value) + 4}" text-anchor="end">${escaped(formatMetric(value))}</text>`,
  );
  const times = isCounted && series.length > 0 ? timesAt(series[0]?.points ?? []) : undefined;
  const marks = across.ticks.map(value => {
    const below = times === undefined ? '' : markAt(x(value), HEIGHT + TIMES - 5, times(value));
    const text = isCounted ? formatMetric(value) : formatDuration(value * 1000);
    return `<line class="axle" x1="${x(value)}" x2="${x(value)}" y1="${HEIGHT - BOTTOM}" y2="${HEIGHT - BOTTOM + 4}"/>${markAt(x(value), HEIGHT - 6, text)}${below}`;
  });
  const axles = `<path class="axle" d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}"/>`;
  const lines = courses.map(
    (course, index) =>
      `<polyline class="${lookOf(index)}" points="${course.map(point => `${x(point.x)},${y(point.y)}`).join(' ')}"/>`,
  );
  const said = series.map(({ label, points }) => `${label} ends at ${lastOf(points)}`);
  const over = isCounted ? 'over steps' : 'over time';
  const end = series.length === 1 ? ` <b>${lastOf(series[0]?.points ?? [])}</b>` : '';
  return `<figure class="curve"><figcaption><b>${escaped(title)}</b> <span class="small">${over}</span>${end}</figcaption><svg viewBox="0 0 ${WIDTH} ${times === undefined ? HEIGHT : HEIGHT + TIMES}" role="img" aria-label="${escaped(`${title} ${over}: ${said.join(', ')}`)}">${grid.join('')}${axles}${marks.join('')}${lines.join('')}</svg>${legendOf(series)}</figure>`;
}

const lookOf = (index: number): string =>
  `line ink${index % LOOKS} dash${(index + Math.floor(index / LOOKS)) % LOOKS}`;

const markAt = (x: number, y: number, text: string): string =>
  `<text class="axis" x="${x}" y="${y}" text-anchor="middle">${escaped(text)}</text>`;

/** What each line is, and where it ends. */
function legendOf(series: readonly Series[]): string {
  if (series.length === 1) return '';
  const items = series
    .slice(0, MOST_NAMES)
    .map(
      ({ label, points }, index) =>
        `<li><svg class="sample" viewBox="0 0 26 8" aria-hidden="true"><line class="${lookOf(index)}" x1="1" x2="25" y1="4" y2="4"/></svg>${escaped(label)} <b>${lastOf(points)}</b></li>`,
    );
  const more = series.length - items.length;
  if (more > 0) items.push(`<li>and ${more} more</li>`);
  return `<ul class="legend">${items.join('')}</ul>`;
}

const lastOf = (points: readonly Point[]): string =>
  escaped(formatMetric(points.at(-1)?.value ?? 0));

function courseOf(points: readonly Point[], isCounted: boolean): Course {
  const first = points[0]?.at ?? 0;
  return thinned(points).map(({ index, at, value }) => ({
    x: isCounted ? (index ?? 0) : (at - first) / 1000,
    y: value,
  }));
}

/** How long it took to get there: undefined where that was no time. */
function timesAt(points: readonly Point[]): ((index: number) => string) | undefined {
  const first = points[0]?.at ?? 0;
  if ((points.at(-1)?.at ?? 0) - first < 1000) return undefined;
  return wanted => {
    const point = points.find(({ index }) => (index ?? 0) >= wanted);
    return point === undefined ? '' : formatDuration(point.at - first);
  };
}

/** `isRound`: reaches to round numbers on both sides. A flat line gets room above and below. */
function axisOf(values: readonly number[], isRound: boolean): Axis {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const room = Math.abs(low) * 0.1 || 1;
  if (low === high) [low, high] = [low - room, high + room];
  const ticks = ticksOf(low, high, 4);
  const [first = low, second = high] = ticks;
  const gap = second - first;
  if (!isRound || !(gap > 0) || !Number.isFinite(gap)) return { low, high, ticks };
  low = first - low > gap * 1e-9 ? first - gap : first;
  const last = ticks.at(-1) ?? high;
  high = high - last > gap * 1e-9 ? last + gap : last;
  return { low, high, ticks: ticksOf(low, high, ticks.length + 1) };
}

const placed =
  ({ low, high }: Axis, from: number, to: number) =>
  (value: number): number =>
    // Halved, because the distance between the ends of all numbers is none.
    rounded(from + ((value / 2 - low / 2) / (high / 2 - low / 2)) * (to - from));

function thinned(points: readonly Point[]): readonly Point[] {
  const every = Math.ceil(points.length / MOST_POINTS);
  return points.filter((_, index) => index % every === 0 || index === points.length - 1);
}

/** When each step executed, as bars below one another; what was known already, as a mark. */
import { formatDuration } from '../duration.ts';
import { outcomeWord } from '../words.ts';
import { escaped, rounded } from './markup.ts';
import type { RunRecord, StepRecord } from './record.ts';
import { ticksOf } from './ticks.ts';

const WIDTH = 960;
const ROW = 24;
const BAR = 14;
const TOP = 22;
const RIGHT = 90;
const LETTER = 7.2;
/** More would be no picture any more; the table has them all. */
const MOST_ROWS = 200;

export function timelineSvg({ steps, durationMs }: RunRecord): string {
  const shown = steps.slice(0, MOST_ROWS);
  const longest = shown.reduce((most, { id }) => Math.max(most, id.length), 0);
  const left = Math.min(280, 16 + longest * LETTER);
  const span = Math.max(1, durationMs);
  const x = (at: number) => left + (Math.min(at, span) / span) * (WIDTH - left - RIGHT);
  const height = TOP + shown.length * ROW + 6;
  const grid = ticksOf(0, span / 1000, 8).map(seconds => {
    const at = rounded(x(seconds * 1000));
    return `<line class="grid" x1="${at}" x2="${at}" y1="${TOP - 4}" y2="${height}"/><text class="axis" x="${at}" y="12" text-anchor="middle">${escaped(formatDuration(seconds * 1000))}</text>`;
  });
  const rows = shown.map((step, index) => rowOf(step, TOP + index * ROW, x));
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="When each step executed">${grid.join('')}${rows.join('\n')}</svg>`;
}

function rowOf(step: StepRecord, y: number, x: (at: number) => number): string {
  const word = step.outcome === undefined ? 'unfinished' : outcomeWord(step.outcome);
  const kind = step.outcome?.kind ?? 'unfinished';
  const middle = y + ROW / 2 + 4;
  const took = step.attempts.reduce((sum, { from, to }) => sum + to - from, 0);
  const said = step.attempts.length === 0 ? word : formatDuration(took);
  const bars = step.attempts.map(({ from, to }, index) => {
    const isLast = index === step.attempts.length - 1;
    const width = rounded(Math.max(2, x(to) - x(from)));
    return `<rect class="bar ${isLast ? kind : 'failed'}" x="${rounded(x(from))}" y="${y + (ROW - BAR) / 2}" width="${width}" height="${BAR}" rx="3"/>`;
  });
  const end = x(step.attempts.at(-1)?.to ?? 0);
  const title = `<title>${escaped(`${step.id}: ${word}`)}</title>`;
  return `<g>${title}<text x="4" y="${middle}">${escaped(shortened(step.id))}</text>${bars.join('')}<text class="axis" x="${rounded(end + 6)}" y="${middle}">${escaped(said)}${kind === 'failed' ? ' ✗' : ''}</text></g>`;
}

const shortened = (id: string): string => (id.length > 36 ? `${id.slice(0, 35)}…` : id);

/**
 * Small drawings out of characters: progress bars, sparklines, a sign that turns. With Unicode or
 * within ASCII. Pure; unaware of steps.
 */

const BLOCKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII_BLOCKS = ['_', '.', '-', '~', '=', '+', '*', '#'];
const TURNING = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const ASCII_TURNING = ['|', '/', '-', '\\'];
const TURN_MS = 100;

export type Bar = { readonly full: string; readonly empty: string };

/** `share` from 0 to 1. Anything begun shows, nothing unfinished looks full. */
export function progressBar(share: number, width: number, unicode: boolean): Bar {
  const bounded = Math.min(1, Math.max(0, share));
  const exact = Math.round(bounded * width);
  const full = bounded < 1 && exact === width ? Math.max(0, width - 1) : exact;
  return {
    full: (unicode ? '━' : '#').repeat(full),
    empty: (unicode ? '─' : '.').repeat(width - full),
  };
}

/** The course of a metric: its last value stands at the right. Empty for fewer than two points. */
export function sparkline(values: readonly number[], width: number, unicode: boolean): string {
  const finite = values.filter(Number.isFinite);
  if (finite.length < 2 || width < 2) return '';
  const points = thinned(finite, width);
  const low = Math.min(...points);
  const span = Math.max(...points) - low;
  const blocks = unicode ? BLOCKS : ASCII_BLOCKS;
  return points
    .map(value => blocks[span === 0 ? 3 : Math.round(((value - low) / span) * 7)] ?? '')
    .join('');
}

function thinned(values: readonly number[], width: number): readonly number[] {
  if (values.length <= width) return values;
  return Array.from({ length: width }, (_, index) => {
    const at = Math.round((index * (values.length - 1)) / (width - 1));
    return values[at] ?? 0;
  });
}

export function turning(now: number, unicode: boolean): string {
  const frames = unicode ? TURNING : ASCII_TURNING;
  return frames[Math.floor(now / TURN_MS) % frames.length] ?? '';
}

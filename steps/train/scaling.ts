/**
 * What brings raw features near to mean 0 and spread 1, found on the training part alone and then
 * part of the model, so that the shipped model takes raw values. Unaware of networks.
 */
import type { Scaling } from './network/classifier.ts';
import type { ScaleKind } from './settings.ts';

/**
 * `together`: features i and i + together share one scale. For a table that is the number of
 * features; for an image its channels, because pixels are one quantity wherever they are.
 */
export function scalingOf(
  rows: Float32Array,
  features: number,
  kind: ScaleKind,
  together: number,
): Scaling {
  const groups = Array.from({ length: together }, (_, group) =>
    scaleOf(rows, kind, group, together),
  );
  const spread = (pick: (scale: Scale) => number) =>
    Float32Array.from({ length: features }, (_, i) => pick(groups[i % together] ?? UNCHANGED));
  return { shift: spread(scale => scale.shift), factor: spread(scale => scale.factor) };
}

type Scale = { readonly shift: number; readonly factor: number };
const UNCHANGED: Scale = { shift: 0, factor: 1 };

function scaleOf(rows: Float32Array, kind: ScaleKind, first: number, stride: number): Scale {
  if (kind === 'none') return UNCHANGED;
  let [count, sum, low, high] = [0, 0, Infinity, -Infinity];
  for (let i = first; i < rows.length; i += stride) {
    const value = rows[i] as number;
    count += 1;
    sum += value;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (kind === 'minmax') return { shift: -low, factor: inverse(high - low) };
  const mean = sum / count;
  let squares = 0;
  for (let i = first; i < rows.length; i += stride) squares += ((rows[i] as number) - mean) ** 2;
  return { shift: -mean, factor: inverse(Math.sqrt(squares / count)) };
}

/** A feature that never varies says nothing; it stays near 0 instead of becoming infinite. */
const inverse = (spread: number): number => (spread > 1e-12 ? 1 / spread : 1);

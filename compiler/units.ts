/**
 * Durations and sizes as an author writes them. Computed in whole numbers, so `0.1s` is 100 ms and
 * not nearly so; what is finer than a millisecond or a byte is dropped. Unaware of where they stand.
 *
 *     duration   500ms  90s  2h  1h30m  1.5h  2d        units d h m s ms, each once, largest first
 *     size       512B  500MB  8GiB  1.5GiB              kB MB GB TB count in 1000, KiB … in 1024
 */

const DURATIONS: ReadonlyMap<string, bigint> = new Map([
  ['d', 86_400_000n],
  ['h', 3_600_000n],
  ['m', 60_000n],
  ['s', 1_000n],
  ['ms', 1n],
]);

const SIZES: ReadonlyMap<string, bigint> = new Map([
  ['B', 1n],
  ['kB', 1000n],
  ['KB', 1000n],
  ['MB', 1000n ** 2n],
  ['GB', 1000n ** 3n],
  ['TB', 1000n ** 4n],
  ['KiB', 1024n],
  ['MiB', 1024n ** 2n],
  ['GiB', 1024n ** 3n],
  ['TiB', 1024n ** 4n],
]);

/** No duration has more characters. */
const LONGEST = 100;

/** Milliseconds; undefined when the text is not a duration or its count is not exact (2^53). */
export function parseDuration(text: string): number | undefined {
  if (text.length > LONGEST || !/^(?:\d{1,15}(?:\.\d{1,9})?(?:ms|[dhms]))+$/.test(text))
    return undefined;
  let total = 0n;
  let last: bigint | undefined;
  for (const [, amount = '', unit = ''] of text.matchAll(/([\d.]+)([a-z]+)/g)) {
    const factor = DURATIONS.get(unit);
    if (factor === undefined || (last !== undefined && factor >= last)) return undefined;
    last = factor;
    total += times(amount, factor);
  }
  return exact(total);
}

/** Bytes; undefined when the text is not a size or its count is not exact (2^53). */
export function parseSize(text: string): number | undefined {
  const [, amount, unit] = /^(\d{1,15}(?:\.\d{1,9})?) ?([a-zA-Z]{1,3})$/.exec(text) ?? [];
  const factor = unit === undefined ? undefined : SIZES.get(unit);
  return amount === undefined || factor === undefined ? undefined : exact(times(amount, factor));
}

function times(decimal: string, factor: bigint): bigint {
  const [whole = '0', fraction = ''] = decimal.split('.');
  return (BigInt(whole + fraction) * factor) / 10n ** BigInt(fraction.length);
}

const exact = (count: bigint): number | undefined =>
  count <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(count) : undefined;

/** In the largest unit that it is a whole number of: `90m`, `8GiB`. */
export const writtenDuration = (seconds: number): string =>
  written(BigInt(Math.round(seconds * 1000)), DURATIONS);

export const writtenSize = (bytes: number): string => written(BigInt(Math.round(bytes)), SIZES);

function written(count: bigint, units: ReadonlyMap<string, bigint>): string {
  if (count === 0n) return '0';
  let found: readonly [unit: string, factor: bigint] | undefined;
  for (const [unit, factor] of units)
    if (count % factor === 0n && factor > (found?.[1] ?? 0n)) found = [unit, factor];
  const [unit, factor] = found ?? ['', 1n];
  return `${count / factor}${unit}`;
}

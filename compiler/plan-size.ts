/**
 * How much a Plan will hold once it is written down, before it is: what instances share in memory
 * each of them repeats on disk. Unaware of what the values mean.
 */

/** Counted for each entry and each field, whatever it holds. */
const OVERHEAD = 40;
/** Smaller values are sooner measured again than looked up. */
const WORTH_KNOWING = 2_000;

/** Adds up what is handed in, and says whether it is within `limit`. */
export function measure(limit: number): { readonly add: (value: object) => boolean } {
  const known = new WeakMap<object, number>();
  let total = 0;
  return {
    add(value) {
      total += sizeOf(value, known);
      return total <= limit;
    },
  };
}

/** Nesting is bounded by what the parsers let in. */
function sizeOf(value: unknown, known: WeakMap<object, number>): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  const before = known.get(value);
  if (before !== undefined) return before;
  let size = 0;
  for (const item of Array.isArray(value) ? value : Object.values(value))
    size += OVERHEAD + sizeOf(item, known);
  if (size > WORTH_KNOWING) known.set(value, size);
  return size;
}

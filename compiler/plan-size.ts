/**
 * How much a Plan will hold once it is written down, before it is: what instances share in memory
 * each of them repeats on disk. Unaware of what the values mean.
 */
import type { PlanStep } from '../schema/plan.ts';

/** Counted for each entry and each field, whatever it holds. */
const OVERHEAD = 40;
/** What each parameter and variable counts, whatever it holds: its name and two fields. */
export const LEAST_OF_VALUE = 3 * OVERHEAD;
/** Smaller values are sooner measured again than looked up. */
const WORTH_KNOWING = 2_000;

/** Adds up the Plan's steps, and says whether they are within `limit`. */
export function measure(limit: number): { readonly add: (step: PlanStep) => boolean } {
  const known = new WeakMap<object, number>();
  // What an instance shares with the one before is not measured again.
  const before = new Map<string, { readonly value: unknown; readonly size: number }>();
  let total = 0;
  return {
    add(step) {
      for (const [name, value] of Object.entries(step)) {
        const last = before.get(name);
        const size = last?.value === value ? last.size : sizeOf(value, known);
        if (last?.value !== value) before.set(name, { value, size });
        total += OVERHEAD + size;
      }
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
  if (Array.isArray(value)) for (const item of value) size += OVERHEAD + sizeOf(item, known);
  // Without lists of what is in it: there are millions.
  else for (const name in value) size += OVERHEAD + sizeOf(value[name as never], known);
  if (size > WORTH_KNOWING) known.set(value, size);
  return size;
}

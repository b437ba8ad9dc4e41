/**
 * The order of everything that a step writes. Here and not taken from the engine, because a step's
 * key covers its own folder and this one: what its program runs must lie in them.
 */

/** By UTF-16 code unit: the same on every machine, whatever its locale. */
export const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

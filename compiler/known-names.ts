/**
 * The names that a problem was to be chosen from, listed once for all problems that have them in
 * common: ten thousand wrong wires among ten thousand steps are no hundred million names.
 */

const lists = new WeakMap<ReadonlyMap<string, unknown>, readonly string[]>();

/** The keys of a map to which nothing is added any more. */
export function namesOf(map: ReadonlyMap<string, unknown>): readonly string[] {
  const known = lists.get(map);
  if (known !== undefined) return known;
  const names = [...map.keys()];
  lists.set(map, names);
  return names;
}

/**
 * What was left out of a document because of a mistake in it, looked up by path. A broken generator
 * leaves out a hundred thousand things, and every step asks. Unaware of what the paths name.
 */
import type { Broken } from './syntax.ts';

/** Path → the names right below it under which something was left out. */
type Index = { readonly size: number; readonly below: ReadonlyMap<string, ReadonlySet<string>> };

const indexes = new WeakMap<Broken, Index>();

/** Has something at or below a path been left out? */
export const leftOut = (broken: Broken, path: string): boolean =>
  broken.size > 0 && (broken.has(path) || indexOf(broken).has(path));

/** Has a name below a path been left out, or all that stands there? */
export const inDoubt = (broken: Broken, path: string, name: string): boolean =>
  broken.has(path) || broken.has(`${path}.${name}`);

/** The names below a path at or below which something was left out. */
export const namesLeftOut = (broken: Broken, path: string): Iterable<string> =>
  broken.size > 0 ? (indexOf(broken).get(path) ?? []) : [];

function indexOf(broken: Broken): Index['below'] {
  const known = indexes.get(broken);
  if (known?.size === broken.size) return known.below;
  const below = new Map<string, Set<string>>();
  for (const path of broken) {
    for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) {
      const parent = path.slice(0, dot);
      const end = path.indexOf('.', dot + 1);
      const names = below.get(parent) ?? new Set();
      names.add(path.slice(dot + 1, end === -1 ? path.length : end));
      below.set(parent, names);
    }
  }
  indexes.set(broken, { size: broken.size, below });
  return below;
}

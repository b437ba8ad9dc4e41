/**
 * Reads a tree as a dotted name: `params.lr`, `eval.metrics["top 5"]`. Shared by checking and
 * lowering, so that both see the same names. Unaware of what they mean.
 */
import { ROOTS, type Root } from './scope.ts';
import type { Name, Tree } from './tree.ts';

export type Reference = { readonly root: Name; readonly path: readonly Name[] };

/** Undefined for a tree that is not a name followed by members. */
export function referenceOf(tree: Tree): Reference | undefined {
  const path: Name[] = [];
  let at = tree;
  for (;;) {
    if (at.kind === 'name') return { root: at, path: path.reverse() };
    const step = memberOf(at);
    if (step === undefined) return undefined;
    path.push(step.name);
    at = step.of;
  }
}

export const rootOf = (name: string): Root | undefined => ROOTS.find(root => root === name);

/** `x.name` and `x["name"]` say the same. */
function memberOf(tree: Tree): { readonly of: Tree; readonly name: Name } | undefined {
  if (tree.kind === 'member') return { of: tree.of, name: tree.member };
  if (tree.kind !== 'index' || tree.at.kind !== 'literal') return undefined;
  const { value, start, end } = tree.at;
  return typeof value === 'string' ? { of: tree.of, name: { name: value, start, end } } : undefined;
}

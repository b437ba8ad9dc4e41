/**
 * What a plan was made from and what its steps will read, as paths: exactly these are watched. Pure;
 * unaware of how a change is noticed and of what it leads to.
 */
import { dirname, join, relative, resolve, sep } from 'node:path';
import picomatch from 'picomatch';
import type { Look } from '../../compiler/reads.ts';
import { byCodeUnit } from '../../schema/canonical-json.ts';
import type { Plan, PlanStep } from '../../schema/plan.ts';

/** Both absolute. */
export type Places = { readonly root: string; readonly library: string };

/** Absolute paths, sorted, without duplicates. */
export type WatchSet = {
  readonly root: string;
  /** Of each the compiler looked at the content or the kind; what lies below it is not meant. */
  readonly points: readonly string[];
  /** Files and folders that steps read: with all that lies below. */
  readonly trees: readonly string[];
  /** Lists of patterns, relative to the root. */
  readonly globs: readonly (readonly string[])[];
};

export function watchSetOf(
  looks: readonly Look[],
  plan: Plan | undefined,
  places: Places,
): WatchSet {
  const points: string[] = [];
  const globs: (readonly string[])[] = [];
  for (const look of looks) {
    switch (look.kind) {
      case 'glob':
        globs.push(look.patterns);
        break;
      case 'library':
        points.push(join(places.library, look.step, look.file));
        break;
      default:
        points.push(join(places.root, look.path));
    }
  }
  const trees = (plan?.steps ?? []).flatMap(step => treesOf(step, places));
  return { root: places.root, points: sorted(points), trees: sorted(trees), globs };
}

/** What one step reads of the project and of its own definition. */
export function treesOf(step: PlanStep, { root, library }: Places): readonly string[] {
  const inputs = Object.values(step.inputs).flatMap(({ from }) =>
    from.flatMap(source => (source.kind === 'project' ? [join(root, source.path)] : [])),
  );
  return [...inputs, ...step.files.map(path => join(root, path)), ...programOf(step)];

  function programOf({ definition }: PlanStep): readonly string[] {
    if (definition.kind === 'inline') return [];
    const at = definition.folder.indexOf(':');
    const home = definition.folder.startsWith('library:') ? library : root;
    const folder = join(home, definition.folder.slice(at + 1));
    return [folder, ...definition.includes.map(path => resolve(folder, path))];
  }
}

/** Folders that nothing of a pipeline is ever read from. */
const NEVER_ENTERED = /(^|[/\\])(\.git|\.sluice|node_modules)([/\\]|$)/;

/** What editors put beside a file while they save it. */
const EDITORS_OWN = /(^|[/\\])([^/\\]+~|\.[^/\\]+\.sw[a-z]|4913|\.#[^/\\]+|#[^/\\]+#)$/;

/** May a change at this path change the plan, or what one of its steps reads? */
export function concernOf(set: WatchSet): (path: string) => boolean {
  const points = new Set(set.points);
  const globs = set.globs.map(patterns =>
    picomatch(
      patterns.filter(pattern => !isExclusion(pattern)),
      { ignore: patterns.filter(isExclusion).map(pattern => pattern.slice(1)) },
    ),
  );
  return path => {
    if (points.has(path)) return true;
    if (EDITORS_OWN.test(path)) return false;
    if (set.trees.some(tree => isWithin(path, tree))) return true;
    const inside = relative(set.root, path).split(sep).join('/');
    if (inside.startsWith('..') || NEVER_ENTERED.test(inside)) return false;
    return globs.some(matches => matches(inside));
  };
}

/** The least paths that, watched with all below them, cover the set. */
export function rootsOf({ root, points, trees, globs }: WatchSet): readonly string[] {
  const bases = globs.flatMap(patterns =>
    patterns
      .filter(pattern => !isExclusion(pattern))
      .map(pattern => join(root, picomatch.scan(pattern).base)),
  );
  const folders = sorted([...trees, ...bases]);
  return sorted([...folders, ...points]).filter(
    path => !folders.some(folder => folder !== path && isWithin(path, folder)),
  );
}

/** Is this path left out although it lies below a watched one? Folders lead to what may matter. */
export function ignoredBy(set: WatchSet): (path: string, isFile: boolean) => boolean {
  const concerns = concernOf(set);
  const ways = new Set<string>();
  for (const path of [...set.points, ...set.trees]) {
    for (let at = dirname(path); !ways.has(at) && at !== dirname(at); at = dirname(at))
      ways.add(at);
  }
  return (path, isFile) => {
    if (concerns(path) || ways.has(path)) return false;
    return isFile || NEVER_ENTERED.test(relative(set.root, path));
  };
}

const isExclusion = (pattern: string): boolean => pattern.startsWith('!');

export const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);

const sorted = (paths: readonly string[]): readonly string[] =>
  [...new Set(paths)].sort(byCodeUnit);

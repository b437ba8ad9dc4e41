/**
 * Which of many paths lie inside one another, without a look at each folder of each: sorted, what
 * lies in a folder comes right behind it. Unaware of what the paths are for.
 */

/** Gives for a path the nearest of `paths` that it lies in, itself aside. */
export function nestOf(paths: Iterable<string>): (path: string) => string | undefined {
  const folders = [...new Set(paths)].map(asFolder).sort();
  const around = parentsOf(folders);
  return path => {
    const folder = asFolder(path);
    // All that sorts between a folder and what lies in it lies in it as well.
    let at = firstFrom(folders, folder) - 1;
    while (at >= 0 && !folder.startsWith(folders[at] ?? '')) at = around[at] ?? -1;
    return at < 0 ? undefined : folders[at]?.slice(0, -1);
  };
}

/** So that `a` lies around `a/b` and not around `ab`, and the root around all. */
const asFolder = (path: string): string => (path === '' ? '' : `${path}/`);

/** By index, the index of the nearest around it; -1 where there is none. */
function parentsOf(folders: readonly string[]): readonly number[] {
  const parents: number[] = [];
  for (const [index, folder] of folders.entries()) {
    let at = index - 1;
    while (at >= 0 && !folder.startsWith(folders[at] ?? '')) at = parents[at] ?? -1;
    parents.push(at);
  }
  return parents;
}

/** The index of the first that does not sort before `text`. */
function firstFrom(sorted: readonly string[], text: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? '') < text) low = middle + 1;
    else high = middle;
  }
  return low;
}

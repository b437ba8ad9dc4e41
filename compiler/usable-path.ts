/**
 * Whether a path that an author wrote leads to something in the project, and what lies near it where
 * it does not. Unaware of what the path is for.
 */
import { type ProjectFiles, projectPath } from './files.ts';
import type { Problem } from './problems/problem.ts';
import type { Spanned } from './syntax.ts';

/** A path that exists in the project, or a problem. */
export function usablePath(
  path: Spanned<string>,
  files: ProjectFiles,
  problems: Problem[],
): string | undefined {
  const inside = projectPath(path.value);
  if (inside === undefined) {
    const how = /^(?:\/|[A-Za-z]:)/.test(path.value) ? 'absolute' : 'climbs';
    problems.push({ kind: 'path-outside', path, how, use: 'read' });
    return undefined;
  }
  switch (files.kind(inside)) {
    case 'file':
    case 'dir':
      return inside;
    case 'outside':
      problems.push({ kind: 'path-outside', path, how: 'link', use: 'read' });
      return undefined;
    case 'other':
      problems.push({ kind: 'path-unusable', path });
      return undefined;
    case 'absent':
      problems.push({ kind: 'path-not-found', path, known: neighbours(path, inside, files) });
      return undefined;
  }
}

/** What lies in the nearest folder that is there, written as the author writes paths. */
export function neighbours(
  path: Spanned<string>,
  inside: string,
  files: ProjectFiles,
): readonly string[] {
  const folder = nearestFolder(inside, files);
  const prefix = path.value.startsWith('./') ? './' : '';
  return files
    .list(folder)
    .filter(name => !name.startsWith('.'))
    .map(name => `${prefix}${folder === '' ? '' : `${folder}/`}${name}`);
}

/** The deepest folder on the way to `path` that is there; the project's root at last. */
export function nearestFolder(path: string, files: ProjectFiles): string {
  let nearest = '';
  for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) {
    const folder = path.slice(0, end);
    if (files.kind(folder) !== 'dir') break;
    nearest = folder;
  }
  return nearest;
}

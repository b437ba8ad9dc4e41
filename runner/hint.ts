/**
 * A command that fails because a file of the project was not laid out for it says so in its own
 * words. This finds the file's name in them, so that the message can name the remedy.
 */
import { statSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

export function missingFileHint(options: {
  /** The end of what the command printed. */
  readonly printed: string;
  readonly project: string;
  readonly workdir: string;
  /** Project-relative paths that were laid out. */
  readonly files: readonly string[];
}): string | null {
  const { printed, project, workdir, files } = options;
  const text = printed.replaceAll(`${workdir}/`, '').replaceAll(`${project}/`, '');
  const laidOut = new Set(files);
  for (const path of [...pythonModules(text, files), ...pathsIn(text)]) {
    if (laidOut.has(path) || !isProjectPath(path)) continue;
    const kind = kindOf(join(project, path));
    if (kind === 'file') return `${path} exists in the project but is not in \`files\``;
    if (kind === 'folder' && !files.some(file => file.startsWith(`${path}/`))) {
      return `${path}/ exists in the project but is not in \`files\``;
    }
  }
  return null;
}

/** Words with a slash or an extension, last mentioned first: the last complaint is the fatal one. */
const pathsIn = (text: string): readonly string[] => [
  ...new Set((text.match(/[\w@.+/-]*[./][\w@.+/-]*/g) ?? []).map(plainPath).toReversed()),
];

/** `No module named 'nets.unet'`: a file of the project beside one of `files`, or at its root. */
function pythonModules(text: string, files: readonly string[]): readonly string[] {
  const names = [...text.matchAll(/No module named '([\w.]+)'/g)].map(match => match[1] ?? '');
  const folders = new Set(['.', ...files.map(file => dirname(file))]);
  return names.flatMap(name => {
    const path = name.replaceAll('.', '/');
    return [...folders].flatMap(folder =>
      [`${path}.py`, `${path}/__init__.py`].map(file => posix.join(folder, file)),
    );
  });
}

const plainPath = (word: string): string => posix.normalize(word.replace(/[.:,/]+$/, ''));

const isProjectPath = (path: string): boolean =>
  path !== '.' &&
  !path.startsWith('/') &&
  !path.startsWith('../') &&
  path !== '..' &&
  !/^(\.sluice|\.git|\.step|node_modules|in|out)(\/|$)/.test(path);

function kindOf(path: string): 'file' | 'folder' | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat?.isFile() ? 'file' : stat?.isDirectory() ? 'folder' : undefined;
  } catch {
    return undefined; // ENOTDIR, ENAMETOOLONG: no path of ours.
  }
}

/**
 * A project held in memory, for tests and benchmarks: the same obligations as the one on disk, no
 * disk. Unaware of what the files mean.
 */
import picomatch from 'picomatch';
import { byCodeUnit } from '../schema/canonical-json.ts';
import type { FileKind, ProjectFiles } from './files.ts';

export type MemoryProject = {
  /** Path → text. Folders are there when something lies in them. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /** Name of a library step → its `step.yaml`. */
  readonly library?: Readonly<Record<string, string>>;
};

export function memoryFiles({ files, library = {} }: MemoryProject): ProjectFiles {
  const paths = Object.keys(files).sort(byCodeUnit);
  const bytes = (content: string | Uint8Array | undefined) =>
    typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const own = (path: string) => (Object.hasOwn(files, path) ? bytes(files[path]) : undefined);
  const kind = (path: string): FileKind => {
    if (Object.hasOwn(files, path)) return 'file';
    return path === '' || paths.some(one => one.startsWith(`${path}/`)) ? 'dir' : 'absent';
  };
  return {
    kind,
    real: path => path,
    read: own,
    list: folder => {
      const prefix = folder === '' ? '' : `${folder}/`;
      const inside = paths.filter(path => path.startsWith(prefix));
      return [...new Set(inside.map(path => path.slice(prefix.length).split('/')[0] ?? ''))];
    },
    glob: patterns => ({
      files: paths.filter(path => patterns.some(pattern => picomatch(pattern)(path))),
      unusable: [],
    }),
    librarySteps: () => Object.keys(library).sort(byCodeUnit),
    readLibrary: (step, file) =>
      file === 'step.yaml' && Object.hasOwn(library, step) ? bytes(library[step]) : undefined,
  };
}

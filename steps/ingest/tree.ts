/**
 * A folder's files as a dataset of images or of files: found in one order on every platform, each
 * opened and checked, each copied, labelled by its folder or by a list. Unaware of tables.
 */
import { accessSync, constants, copyFileSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sha256OfFile } from '../sdk/checksums.ts';
import type { ColumnType } from '../sdk/columns.ts';
import { FILES_FOLDER } from '../sdk/dataset.ts';
import { byCodeUnit } from '../sdk/order.ts';
import type { Quarantine } from './quarantine.ts';

export type TreeRequest = {
  readonly root: string;
  /** Below `root`, `/` between folders, in order. */
  readonly paths: readonly string[];
  readonly images: boolean;
  /** Says a file's label; undefined where it has none. Undefined altogether: without labels. */
  readonly labelOf: ((path: string) => string | undefined) | undefined;
  /** The dataset's folder. */
  readonly into: string;
  readonly quarantine: Quarantine;
  readonly onFile: (done: number) => void;
};

/** Every file below a folder, sorted by code unit; hidden ones are named apart. */
export function filesBelow(root: string): {
  readonly paths: readonly string[];
  readonly hidden: readonly string[];
} {
  const paths: string[] = [];
  const hidden: string[] = [];
  const walk = (folder: string): void => {
    for (const name of readdirSync(join(root, folder))) {
      const path = folder === '' ? name : `${folder}/${name}`;
      if (name.startsWith('.')) hidden.push(path);
      else if (statSync(join(root, path), { throwIfNoEntry: false })?.isDirectory() === true)
        walk(path);
      else paths.push(path);
    }
  };
  walk('');
  return { paths: paths.sort(byCodeUnit), hidden: hidden.sort(byCodeUnit) };
}

/** The columns that `treeRows` fills. */
export const treeColumns = (
  images: boolean,
  labelled: boolean,
): readonly { readonly name: string; readonly type?: ColumnType }[] => [
  { name: 'path', type: 'string' },
  { name: 'bytes', type: 'int' },
  { name: 'sha256', type: 'string' },
  ...(images ? (['width', 'height', 'channels'] as const) : []).map(
    name => ({ name, type: 'int' }) as const,
  ),
  ...(labelled ? [{ name: 'label' }] : []),
];

/** The folder that a file lies in, by its own name. */
export const labelByFolder = (path: string): string | undefined => path.split('/').at(-2);

/** How many files are opened at once: decoding pictures takes a core each. */
const WIDTH = 4;

/** One row per file that can be read, in order; the others go into quarantine. */
export async function* treeRows(request: TreeRequest): AsyncGenerator<readonly string[]> {
  const { paths, quarantine, onFile } = request;
  const ahead: Promise<Judged>[] = [];
  for (const [index, path] of paths.entries()) {
    while (ahead.length < WIDTH) {
      const next = paths[index + ahead.length];
      if (next === undefined) break;
      const row = rowOf(next, request);
      // Whoever takes it sees its failure; one that nobody takes any more must not end the process.
      row.catch(() => undefined);
      ahead.push(row);
    }
    const row = await (ahead.shift() ?? rowOf(path, request));
    onFile(index + 1);
    if ('reason' in row) {
      quarantine.add({ where: path, kind: row.kind, reason: row.reason, text: '' });
    } else yield row.fields;
  }
}

type Judged =
  | { readonly fields: readonly string[] }
  | { readonly kind: string; readonly reason: string };

async function rowOf(path: string, { root, images, labelOf, into }: TreeRequest): Promise<Judged> {
  const from = join(root, path);
  const stat = statSync(from, { throwIfNoEntry: false });
  if (stat?.isFile() !== true) {
    return bad(
      'not a file',
      stat === undefined ? 'a link that leads nowhere' : 'not a regular file',
    );
  }
  if (!isReadable(from)) return bad('not readable', 'it may not be read');
  const label = labelOf?.(path);
  if (labelOf !== undefined && label === undefined)
    return bad('no label', 'nothing gives its label');
  const size = images ? await imageSize(from) : { fields: [] };
  if ('reason' in size) return size;
  const to = join(into, FILES_FOLDER, path);
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to, constants.COPYFILE_FICLONE);
  const digest = await sha256OfFile(to);
  const facts = [path, String(stat.size), digest, ...size.fields];
  return { fields: label === undefined ? facts : [...facts, label] };
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

const bad = (kind: string, reason: string): Judged => ({ kind, reason });

/** Decodes every pixel: a picture cut short has a header like any other. */
async function imageSize(path: string): Promise<Judged> {
  // Loaded only here: a table needs no image library.
  const { default: sharp } = await import('sharp');
  try {
    const { info } = await sharp(path, { failOn: 'warning' })
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { fields: [info.width, info.height, info.channels].map(String) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return bad('not a readable image', reason.replaceAll(path, 'the file').split('\n')[0] ?? '');
  }
}

/**
 * A folder of images or of other files, as a dataset. Unaware of where the folder comes from.
 */
import { join } from 'node:path';
import { rowsOf } from '../sdk/csv-rows.ts';
import { writeDataset } from '../sdk/dataset.ts';
import { StepError } from '../sdk/step.ts';
import { columnNamed } from './dialect.ts';
import type { Quarantine } from './quarantine.ts';
import type { IngestFacts } from './report.ts';
import { textOf } from './text.ts';
import { labelByFolder, treeColumns, treeRows } from './tree.ts';

export type TreeIngest = {
  readonly root: string;
  /** Files below `root`, in order. */
  readonly paths: readonly string[];
  /** Files that are passed over because their name begins with a dot. */
  readonly hidden: number;
  readonly images: boolean;
  /** `folder`, or the name of a list in the source. */
  readonly label: string | undefined;
  readonly into: string;
  readonly quarantine: Quarantine;
  readonly source: string | null;
  readonly onFile: (share: number) => void;
};

export async function ingestTree(request: TreeIngest): Promise<IngestFacts> {
  const { root, paths, hidden, images, label, quarantine } = request;
  const list = label === undefined || label === 'folder' ? undefined : label;
  const examples = paths.filter(path => path !== list);
  const labelOf = await labelling(request, examples, list);
  const rows = treeRows({
    root,
    paths: examples,
    images,
    labelOf,
    into: request.into,
    quarantine,
    onFile: done => {
      // At every hundredth, not at every file.
      const before = Math.floor((100 * (done - 1)) / examples.length);
      if (Math.floor((100 * done) / examples.length) > before)
        request.onFile(done / examples.length);
    },
  });
  const meta = await writeDataset(
    request.into,
    {
      kind: images ? 'images' : 'files',
      state: label === undefined ? 'refined' : 'labelled',
      label: label === undefined ? null : 'label',
      columns: treeColumns(images, label !== undefined),
      part: null,
      provenance: () => ({
        source: request.source,
        quarantined: quarantine.count(),
        steps: ['ingest@1.0.0'],
      }),
    },
    rows,
  );
  return {
    meta,
    unit: 'files',
    read: meta.rows + quarantine.count(),
    quarantined: quarantine.count(),
    reasons: quarantine.reasons(),
    notes: hidden > 0 ? [`Hidden files and folders passed over: ${hidden}.`] : [],
    warnings: [],
  };
}

async function labelling(
  { root, paths, label, quarantine }: TreeIngest,
  examples: readonly string[],
  list: string | undefined,
): Promise<((path: string) => string | undefined) | undefined> {
  if (label === undefined) return undefined;
  if (list === undefined) return labelByFolder;
  const labels = await labelList(root, paths, list);
  const there = new Set(examples);
  for (const [path] of labels) {
    if (there.has(path)) continue;
    const reason = `\`${list}\` names it, and it is not there`;
    quarantine.add({ where: path, kind: 'named in the list, and not there', reason, text: '' });
  }
  return path => labels.get(path);
}

/** A CSV with the columns `path` and `label`. */
async function labelList(
  root: string,
  paths: readonly string[],
  list: string,
): Promise<ReadonlyMap<string, string>> {
  if (!paths.includes(list)) {
    throw new StepError(
      `\`label\` names \`${list}\`, and the source has no such file`,
      '`folder` takes the folder that a file lies in as its label',
    );
  }
  const labels = new Map<string, string>();
  let columns: { readonly path: number; readonly label: number } | undefined;
  const rows = rowsOf(textOf(join(root, list), 'auto'), { delimiter: ',', quote: '"' });
  for await (const row of rows) {
    if (row.kind === 'bad') throw new StepError(`${list}:${row.line}: ${row.reason}`);
    const who = `\`${list}\` says which label a file has`;
    columns ??= {
      path: columnNamed('path', row.fields, who).index,
      label: columnNamed('label', row.fields, who).index,
    };
    const path = row.fields[columns.path] ?? '';
    const label = row.fields[columns.label] ?? '';
    if (row.line === 1 || path === '' || label === '') continue;
    const before = labels.get(path);
    if (before !== undefined && before !== label) {
      throw new StepError(
        `${list}:${row.line}: \`${path}\` is \`${label}\` here and \`${before}\` above`,
      );
    }
    labels.set(path, label);
  }
  return labels;
}

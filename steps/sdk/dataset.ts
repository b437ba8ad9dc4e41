/**
 * The dataset artifact: docs/dataset-format.md as types, its reader and its one writer. What
 * `dataset.json` counts is counted here while the rows are written, so the two cannot disagree.
 * Unaware of where rows come from and of what they are used for; features.ts reads a table as numbers.
 */
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { DatasetState } from '../../schema/port-type.ts';
import { type ColumnMeta, type ColumnType, columnStatistics, typeOfValue } from './columns.ts';
import { csvRecord, csvRecords } from './csv.ts';
import { byCodeUnit } from './order.ts';
import { StepError } from './step.ts';

const DATASET_FORMAT = 1;

type DatasetKind = 'table' | 'images' | 'files';

/** Exactly `dataset.json`. */
export type DatasetMeta = {
  readonly format: typeof DATASET_FORMAT;
  readonly kind: DatasetKind;
  readonly state: DatasetState;
  readonly label: string | null;
  readonly classes: readonly string[];
  readonly rows: number;
  readonly columns: readonly ColumnMeta[];
  readonly labels: Readonly<Record<string, number>>;
  readonly part: string | null;
  readonly provenance: Provenance;
};

type Provenance = {
  /** `sha256:…` of the source's content. */
  readonly source: string | null;
  /** Rows or files of the source that were set aside. */
  readonly quarantined: number;
  /** `ingest@1.0.0`, in the order in which they were applied. */
  readonly steps: readonly string[];
};

/** What a writer decides; the rest of DatasetMeta is counted. */
export type DatasetHead = {
  readonly kind: DatasetKind;
  readonly state: DatasetState;
  readonly label: string | null;
  /** Of the whole, for a part of it: a part need not have every class. Undefined: as found. */
  readonly classes?: readonly string[] | undefined;
  /** Without a type: the narrowest that fits every value. */
  readonly columns: readonly { readonly name: string; readonly type?: ColumnType | undefined }[];
  readonly part: string | null;
  /** A function is asked once all rows are written. */
  readonly provenance: Provenance | (() => Provenance);
};

export type Dataset = { readonly folder: string; readonly meta: DatasetMeta };

/** Where an example's file lies: `path` column below this folder of the dataset. */
export const FILES_FOLDER = 'files';
const META_FILE = 'dataset.json';
const ROWS_FILE = 'rows.csv';

/** Reads what a dataset folder is; the rows stay where they are. */
export function readDataset(folder: string): Dataset {
  const path = join(folder, META_FILE);
  if (!existsSync(path) || !existsSync(join(folder, ROWS_FILE))) {
    throw new StepError(
      `\`${folder}\` is not a dataset: it has no ${META_FILE} with a ${ROWS_FILE}`,
      'a dataset is what `ingest` writes; put an `ingest` step in front',
    );
  }
  const meta = JSON.parse(readFileSync(path, 'utf8')) as DatasetMeta;
  if (meta.format !== DATASET_FORMAT) {
    throw new StepError(
      `\`${folder}\` has dataset format ${String(meta.format)}, and this step reads ${DATASET_FORMAT}`,
    );
  }
  return { folder, meta };
}

/** The rows without the header, in order, as a stream. */
export async function* readRows(folder: string): AsyncGenerator<readonly string[]> {
  const records = csvRecords(join(folder, ROWS_FILE));
  const header = await records.next();
  if (header.done === true) throw new StepError(`\`${folder}\` has an empty ${ROWS_FILE}`);
  yield* records;
}

/** The place of a column among the fields of a row. */
export function columnIndex(meta: DatasetMeta, name: string): number {
  const index = meta.columns.findIndex(column => column.name === name);
  if (index < 0) {
    const names = meta.columns.slice(0, 12).map(column => column.name);
    throw new StepError(
      `the data has no column \`${name}\``,
      `its columns are ${names.join(', ')}${meta.columns.length > names.length ? ', …' : ''}`,
    );
  }
  return index;
}

/** For kinds `images` and `files`: every example's file, and its label where there is one. */
export async function* entries(
  folder: string,
): AsyncGenerator<{ readonly path: string; readonly label: string | undefined }> {
  const { meta } = readDataset(folder);
  const path = columnIndex(meta, 'path');
  const label = meta.label === null ? undefined : columnIndex(meta, meta.label);
  for await (const row of readRows(folder)) {
    yield {
      path: join(folder, FILES_FOLDER, row[path] ?? ''),
      label: label === undefined ? undefined : row[label],
    };
  }
}

/** Writes rows and what they amount to. Rows are taken as they come; they need not fit in memory. */
export async function writeDataset(
  folder: string,
  head: DatasetHead,
  rows: Iterable<readonly string[]> | AsyncIterable<readonly string[]>,
): Promise<DatasetMeta> {
  mkdirSync(folder, { recursive: true });
  const statistics = head.columns.map(({ name, type }) => columnStatistics(name, type));
  const label = head.columns.findIndex(({ name }) => name === head.label);
  const labels = new Map((head.classes ?? []).map(name => [name, 0]));
  let count = 0;
  async function* records(): AsyncGenerator<string> {
    yield csvRecord(head.columns.map(({ name }) => name));
    for await (const row of rows) {
      count += 1;
      for (const [index, column] of statistics.entries()) column.add(row[index] ?? '');
      const value = row[label];
      if (value !== undefined && value !== '') labels.set(value, (labels.get(value) ?? 0) + 1);
      yield csvRecord(row);
    }
  }
  await writeText(join(folder, ROWS_FILE), records());
  const classes = head.classes ?? sortClasses([...labels.keys()]);
  const meta: DatasetMeta = {
    format: DATASET_FORMAT,
    kind: head.kind,
    state: head.state,
    label: head.label,
    classes,
    rows: count,
    columns: statistics.map(column => column.meta()),
    labels: Object.fromEntries(classes.map(name => [name, labels.get(name) ?? 0])),
    part: head.part,
    provenance: typeof head.provenance === 'function' ? head.provenance() : head.provenance,
  };
  writeFileSync(join(folder, META_FILE), `${JSON.stringify(meta, null, 2)}\n`);
  return meta;
}

/** By value where all are numbers, else by code unit. */
export function sortClasses(classes: readonly string[]): readonly string[] {
  const numeric = classes.every(name => ['int', 'float'].includes(typeOfValue(name)));
  return [...classes].sort((a, b) => (numeric ? Number(a) - Number(b) : 0) || byCodeUnit(a, b));
}

const CHUNK_CHARACTERS = 1 << 16;

/** Writes pieces of text in large chunks and waits for the disk where it is slower. */
export async function writeText(path: string, pieces: AsyncIterable<string>): Promise<void> {
  const out = createWriteStream(path);
  let failure: Error | undefined;
  out.once('error', error => {
    failure = error;
  });
  let chunk = '';
  for await (const piece of pieces) {
    chunk += piece;
    if (chunk.length < CHUNK_CHARACTERS) continue;
    if (failure !== undefined) throw failure;
    if (!out.write(chunk)) await once(out, 'drain');
    chunk = '';
  }
  out.end(chunk);
  await finished(out);
}

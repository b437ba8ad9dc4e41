/**
 * A table as numbers: the columns a model can read as one matrix, and labels as class indices.
 * Unaware of models; what cannot be read exactly is refused with the column's name and a remedy.
 */
import { type ColumnMeta, type ColumnType, numberOf } from './columns.ts';
import { columnIndex, type DatasetMeta, readDataset, readRows } from './dataset.ts';
import { StepError } from './step.ts';

export type FeatureMatrix = {
  readonly names: readonly string[];
  /** Row by row: `rows[i * names.length + j]`. */
  readonly rows: Float32Array;
  readonly count: number;
  /** Index into `classes`; -1 for a label that is not among them. Undefined without a label. */
  readonly labels: Int32Array | undefined;
  readonly classes: readonly string[];
};

type FeatureChoice = {
  /** Exactly these, in this order; default: every numeric column but the label. */
  readonly features?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  /** What labels index into; default: the dataset's own classes. */
  readonly classes?: readonly string[] | undefined;
};

/** The columns that may be features: int, float and bool, but the label. */
const numericColumns = (meta: DatasetMeta): readonly ColumnMeta[] =>
  meta.columns.filter(({ name, type }) => type !== 'string' && name !== meta.label);

/** Reads a table's rows into one matrix. */
export async function featureMatrix(
  folder: string,
  choice: FeatureChoice = {},
): Promise<FeatureMatrix> {
  const { meta } = readDataset(folder);
  const columns = chosenColumns(meta, choice);
  const classes = choice.classes ?? meta.classes;
  const classIndex = new Map(classes.map((name, index) => [name, index]));
  const label = meta.label === null ? undefined : columnIndex(meta, meta.label);
  const rows = new Float32Array(meta.rows * columns.length);
  const labels = label === undefined ? undefined : new Int32Array(meta.rows);
  let count = 0;
  for await (const row of readRows(folder)) {
    for (const [place, column] of columns.entries()) {
      rows[count * columns.length + place] = featureOf(row[column.index] ?? '', column, count);
    }
    if (labels !== undefined) labels[count] = classIndex.get(row[label ?? 0] ?? '') ?? -1;
    count += 1;
  }
  if (count !== meta.rows) {
    throw new StepError(`the data has ${count} rows, and dataset.json says ${meta.rows}`);
  }
  return { names: columns.map(({ name }) => name), rows, count, labels, classes };
}

type Chosen = { readonly name: string; readonly index: number; readonly type: ColumnType };

function chosenColumns(meta: DatasetMeta, { features, exclude = [] }: FeatureChoice): Chosen[] {
  for (const name of exclude) columnIndex(meta, name);
  const names = features ?? numericColumns(meta).map(({ name }) => name);
  const chosen = names
    .filter(name => !exclude.includes(name))
    .map(name => {
      const index = columnIndex(meta, name);
      const column = meta.columns[index] as ColumnMeta;
      if (column.type === 'string') {
        throw new StepError(
          `column \`${name}\` holds text, and a feature is a number`,
          'leave it out of the features, or turn it into numbers in a step before this one',
        );
      }
      return { name, index, type: column.type };
    });
  if (chosen.length === 0) {
    throw new StepError(
      'the data has no numeric column besides its label',
      '`columns: { types: … }` of `ingest` declares types; its report says what it found',
    );
  }
  return chosen;
}

function featureOf(text: string, { name, type }: Chosen, row: number): number {
  if (text === '') {
    throw new StepError(
      `column \`${name}\` has no value in row ${row + 1}`,
      `leave \`${name}\` out of the features, fill it in a step before this one, or give \`ingest\` \`on-missing: quarantine\``,
    );
  }
  return numberOf(text, type);
}

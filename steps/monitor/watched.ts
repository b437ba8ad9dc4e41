/**
 * A dataset as the monitor looks at it: the model's features with gaps where a row has no value,
 * because a gap is a finding here and not an error. Unaware of drift.
 */
import { numberOf, typeOfValue } from '../sdk/columns.ts';
import { columnIndex, readDataset, readRows } from '../sdk/dataset.ts';
import { checkColumns, type Examples, readExamples } from '../sdk/examples.ts';
import type { ModelCard } from '../sdk/model.ts';

/** As Examples, with NaN in `rows` where there is no number. */
export type Watched = Examples;

export async function readWatched(folder: string, card: ModelCard): Promise<Watched> {
  const { meta } = readDataset(folder);
  if (meta.kind !== 'table') return readExamples(folder, card);
  checkColumns(meta, card);
  const places = card.features.map(name => columnIndex(meta, name));
  const labels = [...card.labels, ...meta.classes.filter(name => !card.labels.includes(name))];
  const classes = new Map(labels.map((name, index) => [name, index]));
  const label = meta.label === null ? undefined : columnIndex(meta, meta.label);
  const rows = new Float32Array(meta.rows * places.length);
  const truth = label === undefined ? undefined : new Int32Array(meta.rows);
  let count = 0;
  for await (const row of readRows(folder)) {
    for (const [index, place] of places.entries()) {
      rows[count * places.length + index] = numberIn(row[place] ?? '');
    }
    if (truth !== undefined) truth[count] = classes.get(row[label ?? 0] ?? '') ?? -1;
    count += 1;
  }
  return { rows, count, truth, labels };
}

/** NaN for a gap, and for text where a number was: what the model sees of it is the same. */
const numberIn = (text: string): number => {
  const type = typeOfValue(text);
  return type === 'string' ? Number.NaN : numberOf(text, type);
};

/** One feature's values, row by row. */
export const columnOf = ({ rows, count }: Watched, width: number, index: number): Float64Array =>
  Float64Array.from({ length: count }, (_, row) => rows[row * width + index] ?? Number.NaN);

/** The places of the rows that a model can be asked about: those without gaps. */
export function completeRows({ rows, count }: Watched, width: number): readonly number[] {
  return Array.from({ length: count }, (_, row) => row).filter(
    row => !rows.subarray(row * width, (row + 1) * width).some(Number.isNaN),
  );
}

/** The sample step: one pass over the rows to choose by, one to write. Unaware of what comes next. */
import { columnIndex, type DatasetMeta, readDataset, readRows } from '../sdk/dataset.ts';
import { rowContent } from '../sdk/row-content.ts';
import { runStep } from '../sdk/step.ts';
import { writeSubset } from '../sdk/subset.ts';
import { placeOf, type Row, selection } from './selection.ts';

/** More values than this are no classes: keeping some of each would keep nearly everything. */
const MOST_CLASSES = 1_000;

await runStep(async step => {
  const whole = readDataset(step.input('data'));
  const { folder, meta } = whole;
  const content = rowContent(meta);
  const label = hasClasses(meta) ? columnIndex(meta, meta.label) : undefined;
  const seed = step.param<number>('seed');
  const read = (row: readonly string[]): Row => ({
    place: placeOf(content(row), seed),
    class: label === undefined ? '' : (row[label] ?? ''),
  });
  const slice = selection(step.param('fraction'));
  for await (const row of readRows(folder)) slice.see(read(row));
  step.progress(0.5, 'chosen');
  const into = step.output('data');
  const { state, part } = meta;
  const head = { state, part, step: 'sample@1.0.0' };
  const kept = await writeSubset(whole, into, head, row => slice.has(read(row)));
  step.progress(1, `${kept.rows} of ${meta.rows} rows`);
});

/** Numbers with a point are no classes either, however few there are. */
function hasClasses(meta: DatasetMeta): meta is DatasetMeta & { readonly label: string } {
  const type = meta.columns.find(({ name }) => name === meta.label)?.type;
  return meta.label !== null && type !== 'float' && meta.classes.length <= MOST_CLASSES;
}

/**
 * What a row is, as a text that no other content has: by it rows are the same or not, whatever
 * their place. Unaware of what is decided by it.
 */
import { fieldsText } from './csv.ts';
import { columnIndex, type DatasetMeta } from './dataset.ts';

/** An example with a file is its file: a copy under another name, or with another label, is the same. */
export function rowContent(meta: DatasetMeta): (row: readonly string[]) => string {
  const file = meta.kind === 'table' ? -1 : columnIndex(meta, 'sha256');
  return row => (file >= 0 ? (row[file] ?? '') : fieldsText(row));
}

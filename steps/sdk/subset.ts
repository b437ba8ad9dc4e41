/**
 * Writes some rows of a dataset as a dataset of its own: in their order, with their files, and with
 * the whole's classes and types. Unaware of how they are chosen.
 */
import { constants, copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  columnIndex,
  type Dataset,
  type DatasetHead,
  type DatasetMeta,
  FILES_FOLDER,
  readRows,
  writeDataset,
} from './dataset.ts';

type SubsetHead = Pick<DatasetHead, 'state' | 'part'> & {
  /** `split@1.0.0`: added to its provenance. */
  readonly step: string;
};

export async function writeSubset(
  { folder, meta }: Dataset,
  into: string,
  { state, part, step }: SubsetHead,
  isWanted: (row: readonly string[], index: number) => boolean,
): Promise<DatasetMeta> {
  const path = meta.kind === 'table' ? -1 : columnIndex(meta, 'path');
  async function* own(): AsyncGenerator<readonly string[]> {
    let index = 0;
    for await (const row of readRows(folder)) {
      if (isWanted(row, index)) {
        if (path >= 0) copyExample(folder, into, row[path] ?? '');
        yield row;
      }
      index += 1;
    }
  }
  const { kind, label, classes, columns, provenance } = meta;
  const steps = [...provenance.steps, step];
  const head = { kind, state, label, classes, columns, part };
  return await writeDataset(into, { ...head, provenance: { ...provenance, steps } }, own());
}

function copyExample(from: string, into: string, path: string): void {
  const to = join(into, FILES_FOLDER, path);
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(join(from, FILES_FOLDER, path), to, constants.COPYFILE_FICLONE);
}

/**
 * Looks at the parts as they were written and shows that no content is in two of them. Reads
 * nothing but the parts, so it does not depend on how they were made.
 */
import { readDataset, readRows } from '../sdk/dataset.ts';
import { contentKey } from './units.ts';

export type Proof = {
  /** Different contents per part, in the order of the folders. */
  readonly distinct: readonly number[];
  /** Contents that are in more than one part. */
  readonly shared: number;
};

export async function proveDisjoint(folders: readonly string[]): Promise<Proof> {
  const partOf = new Map<number, number>();
  const distinct = folders.map(() => 0);
  let shared = 0;
  for (const [part, folder] of folders.entries()) {
    const keyOf = contentKey(readDataset(folder).meta);
    for await (const row of readRows(folder)) {
      const key = keyOf(row);
      const other = partOf.get(key);
      if (other === undefined) {
        partOf.set(key, part);
        distinct[part] = (distinct[part] ?? 0) + 1;
      } else if (other !== part) shared += 1;
    }
  }
  return { distinct, shared };
}

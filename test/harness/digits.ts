/**
 * The digits as datasets, for what trains on them or judges by them. Unaware of any step.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { writeDataset } from '../../steps/sdk/dataset.ts';
import { randomFrom, shuffle } from '../../steps/sdk/random.ts';

const CSV = join(import.meta.dirname, '../../examples/digits/digits.csv');
const DIGITS = [...'0123456789'];

export type DigitParts = { readonly train: string; readonly held: string };

/** Writes two parts below `folder`, stratified: four fifths to learn from, one fifth held out. */
export async function writeDigits(folder: string): Promise<DigitParts> {
  const [header = [], ...rows] = parse(readFileSync(CSV)) as string[][];
  const random = randomFrom(1);
  const held = new Set<readonly string[]>();
  for (const digit of DIGITS) {
    const same = shuffle(
      rows.filter(row => row.at(-1) === digit),
      random,
    );
    for (const row of same.slice(0, Math.round(same.length / 5))) held.add(row);
  }
  const parts = { train: join(folder, 'train'), held: join(folder, 'held') };
  const write = (path: string, part: string, kept: readonly string[][]) => {
    const columns = header.map(name => ({ name, type: 'int' as const }));
    const provenance = { source: null, quarantined: 0, steps: [] };
    const head = { kind: 'table', state: 'split', label: 'digit', classes: DIGITS } as const;
    return writeDataset(path, { ...head, columns, part, provenance }, kept);
  };
  await write(
    parts.train,
    'train',
    rows.filter(row => !held.has(row)),
  );
  await write(
    parts.held,
    'validation',
    rows.filter(row => held.has(row)),
  );
  return parts;
}

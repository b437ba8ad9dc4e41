/**
 * What an effect leaves for the engine to check later: the files it put into its state folder, by
 * content. Unaware of what the effect is.
 */
import { mkdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Receipt, RECEIPT_PATH as ReceiptPath } from '../../schema/step-protocol.ts';
import { sha256OfFile } from './checksums.ts';

/** The protocol's own word, held to it by its type: no value comes from outside this folder. */
const RECEIPT_PATH: typeof ReceiptPath = 'out/.receipt.json';

export type Placed = {
  /** Paths relative to the state folder. */
  readonly files: readonly string[];
  readonly links: readonly string[];
};

/** Hashes what lies below the state folder now and writes the receipt into the working directory. */
export async function writeReceipt(state: string, { files, links }: Placed): Promise<void> {
  const entries: [string, string][] = [];
  for (const path of files) entries.push([path, await sha256OfFile(join(state, path))]);
  for (const path of links) entries.push([path, `link:${readlinkSync(join(state, path))}`]);
  const receipt: Receipt = { files: Object.fromEntries(entries) };
  mkdirSync(dirname(RECEIPT_PATH), { recursive: true });
  writeFileSync(RECEIPT_PATH, JSON.stringify(receipt));
}

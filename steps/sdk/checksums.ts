/**
 * The files of a folder and their SHA-256: what packages and deployments are proven by. Unaware of
 * what the files are.
 */
import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { byCodeUnit } from './order.ts';

export type Checksum = { readonly sha256: string; readonly bytes: number };

/** Paths relative to the folder, with `/`, sorted; files in folders below it too. */
export function filesBelow(folder: string): readonly string[] {
  const walk = (below: string): readonly string[] =>
    readdirSync(join(folder, below), { withFileTypes: true }).flatMap(entry => {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      return entry.isDirectory() ? walk(path) : [path];
    });
  return walk('').toSorted(byCodeUnit);
}

export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  // Models can be larger than what should be held in memory.
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Every file below the folder with its checksum. */
export async function checksumsOf(folder: string): Promise<Readonly<Record<string, Checksum>>> {
  const found: [string, Checksum][] = [];
  for (const path of filesBelow(folder)) {
    const file = join(folder, path);
    found.push([path, { sha256: await sha256OfFile(file), bytes: statSync(file).size }]);
  }
  return Object.fromEntries(found);
}

/** docs/store-format.md and the vectors beside it say what this code does. */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cacheKey, type Fingerprint } from '../schema/fingerprint.ts';
import type { Trace } from '../schema/trace.ts';
import { value } from './conformance/sample.ts';
import { decodeListing, staysInside } from './listing.ts';
import { openLocalStore } from './local.ts';
import { decodeTrace, encodeTrace } from './trace-file.ts';

const docs = join(import.meta.dirname, '../docs');
const document = readFileSync(join(docs, 'store-format.md'), 'utf8');
const vectors = JSON.parse(readFileSync(join(docs, 'store-format.vectors.json'), 'utf8'));

type Entry = { readonly file?: string; readonly program?: string; readonly link?: string };

function make(path: string, { file, program, link }: Entry): void {
  if (link !== undefined) symlinkSync(link, path);
  else if (file === undefined && program === undefined) mkdirSync(path);
  else {
    writeFileSync(path, file ?? program ?? '');
    chmodSync(path, program === undefined ? 0o644 : 0o755);
  }
}

test.each<{ what: string; fingerprint: Fingerprint; key: string }>(vectors.fingerprints)(
  'the key of $what',
  ({ fingerprint, key }) => expect(cacheKey(fingerprint)).toBe(key),
);

/** The compiler sees to it that this list is complete. */
const FIELDS: Readonly<Record<keyof Fingerprint, null>> = {
  format: null,
  command: null,
  definition: null,
  packages: null,
  files: null,
  params: null,
  inputs: null,
  outputs: null,
  env: null,
  secrets: null,
  toolchain: null,
  environments: null,
  image: null,
  container: null,
  platform: null,
  probe: null,
  salt: null,
};

test('each field of a fingerprint has its row, and stands in a vector', () => {
  const [, table = ''] = /## Fingerprints and keys(.*?)\n## /s.exec(document) ?? [];
  const rows = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  expect(rows).toEqual(Object.keys(FIELDS));
  const used = vectors.fingerprints.flatMap((known: { fingerprint: Fingerprint }) =>
    Object.keys(known.fingerprint),
  );
  expect(new Set(used)).toEqual(new Set(rows));
});

test.each<{ what: string; entries: Record<string, Entry>; listing: string; artifact: object }>(
  vectors.folders,
)('the listing and the artifact of $what', async ({ entries, listing, artifact }) => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-format-'));
  const store = value(await openLocalStore({ root: join(folder, '.sluice') }));
  try {
    mkdirSync(join(folder, 'it'));
    for (const name of Object.keys(entries).sort()) {
      make(join(folder, 'it', name), entries[name] ?? {});
    }
    const { digest, ...rest } = value(await store.put(join(folder, 'it')));
    expect({ ...rest, digest }).toEqual(artifact);
    const path = join(folder, '.sluice/blobs', digest.slice(0, 2), digest.slice(2));
    expect(readFileSync(path, 'utf8')).toBe(listing);
  } finally {
    await store.close();
    rmSync(folder, { recursive: true });
  }
});

test.each<{ target: string; depth: number; inside: boolean }>(vectors.links)(
  'a link to $target, $depth folders down, stays inside: $inside',
  ({ target, depth, inside }) => expect(staysInside(target, depth)).toBe(inside),
);

test.each<{ what: string; listing: string }>(vectors.corruptListings)(
  'a listing with $what is none',
  ({ listing }) => expect([...decodeListing(Buffer.from(listing))].at(-1)).toBeUndefined(),
);

test('the bytes and the name of a trace', () => {
  const trace: Trace = vectors.trace.trace;
  const { name, bytes } = encodeTrace(trace);
  expect(name).toBe(vectors.trace.name);
  expect(decodeTrace(name, bytes, trace.key)).toEqual(trace);
});

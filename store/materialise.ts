/**
 * Builds an artifact outside the store: aside first, every byte verified, then under its name in
 * one rename. Unaware of what the artifact is for.
 */
import { randomBytes } from 'node:crypto';
import { basename, dirname } from 'node:path';
import type { Artifact } from '../schema/trace.ts';
import { copyBlob, type Depot, quarantine, readBlob } from './blobs.ts';
import { errorCode, StoreFault, storeErrorOf } from './fault.ts';
import { temporaryPath } from './layout.ts';
import { decodeListing, type ListingEntry, staysInside } from './listing.ts';
import { pacer } from './pace.ts';

export type MaterialiseOptions = { readonly readOnly: boolean };

type Building = MaterialiseOptions & {
  readonly depth: number;
  readonly pause: () => Promise<void> | undefined;
};

/** See Store.materialise. */
export async function materialise(
  depot: Depot,
  artifact: Artifact,
  path: string,
  options: MaterialiseOptions,
): Promise<void> {
  const { disk, layout } = depot;
  if (disk.lstat(path) !== undefined) {
    throw new StoreFault({ kind: 'io', path, message: 'something is there already' });
  }
  const here = disk.stat(dirname(path));
  if (here === undefined) throw new StoreFault({ kind: 'absent', path: dirname(path) });
  // Only below one device is a rename possible at all; `tmp/` is the tidier place after a crash.
  const isNear = here.dev === disk.stat(layout.temporary)?.dev;
  if (isNear && (await isBuilt(depot, artifact, temporaryPath(layout), path, options))) return;
  const beside = `${dirname(path)}/.${basename(path)}.${randomBytes(6).toString('hex')}`;
  if (await isBuilt(depot, artifact, beside, path, options)) return;
  throw new StoreFault({ kind: 'io', path, message: 'cannot be renamed within its own folder' });
}

/** False when the place aside turns out to lie on another file system. */
async function isBuilt(
  depot: Depot,
  artifact: Artifact,
  aside: string,
  path: string,
  options: MaterialiseOptions,
): Promise<boolean> {
  const { disk } = depot;
  try {
    if (artifact.kind === 'file') await buildFile(depot, artifact, aside, options);
    else await buildFolder(depot, artifact, aside, { ...options, depth: 0, pause: pacer() });
    disk.rename(aside, path);
  } catch (error) {
    discardTree(depot, aside);
    if (errorCode(error) === 'EXDEV') return false;
    throw error;
  }
  // Only now: a folder that may not be written cannot be moved to another parent either.
  if (artifact.kind === 'tree') disk.chmod(path, folderMode(options));
  return true;
}

async function buildFile(
  depot: Depot,
  file: Pick<Artifact, 'digest' | 'bytes' | 'executable'>,
  path: string,
  { readOnly }: MaterialiseOptions,
): Promise<void> {
  const mode = (readOnly ? 0o444 : 0o644) | (file.executable ? 0o111 : 0);
  await copyBlob(depot, file, path, mode);
  // What was asked for, whatever the umask; and a clone has the mode of its blob.
  depot.disk.chmod(path, mode);
}

async function buildFolder(
  depot: Depot,
  tree: { readonly digest: Artifact['digest'] },
  path: string,
  options: Building,
): Promise<void> {
  const { disk } = depot;
  disk.mkdir(path, 0o700);
  for (const entry of readListing(depot, tree.digest)) {
    await buildEntry(depot, entry, `${path}/${entry.name}`, options);
    await options.pause();
  }
  if (options.depth > 0) disk.chmod(path, folderMode(options));
}

async function buildEntry(
  depot: Depot,
  entry: ListingEntry,
  path: string,
  options: Building,
): Promise<void> {
  const { disk } = depot;
  if (entry.kind === 'tree') {
    await buildFolder(depot, entry, path, { ...options, depth: options.depth + 1 });
  } else if (entry.kind === 'file') {
    await buildFile(depot, entry, path, options);
  } else if (staysInside(entry.target, options.depth)) {
    disk.symlink(entry.target, path);
  } else {
    const message = `a link that may lead out of its folder (to ${entry.target})`;
    throw new StoreFault({ kind: 'unsupported', path, message });
  }
}

/** Of one folder: about four million names. */
const LISTING_LIMIT = 400 << 20;

/** The verified entries of a tree's folder, one by one. */
export function* readListing(
  depot: Depot,
  digest: Artifact['digest'],
): Generator<ListingEntry, void> {
  for (const entry of decodeListing(readBlob(depot, digest, LISTING_LIMIT))) {
    if (entry === undefined) {
      // Its bytes are what its digest says, but no store has ever written such a listing.
      quarantine(depot, digest);
      throw new StoreFault({ kind: 'corrupt', digest });
    }
    yield entry;
  }
}

const folderMode = ({ readOnly }: MaterialiseOptions): number => (readOnly ? 0o555 : 0o755);

/** On the way out of a failure: a second one must not hide the first. */
function discardTree({ disk }: Depot, path: string): void {
  try {
    disk.remove(path);
  } catch (error) {
    storeErrorOf(error, path);
  }
}

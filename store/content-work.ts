/**
 * What the store's threads are asked and what they answer, as data that goes from one thread to
 * another. What went wrong over there is thrown here as it would have been thrown here. Unaware of
 * threads.
 */
import type { Digest } from '../schema/id.ts';
import { type Copy, copyContent, hashFile, type Seen } from './content.ts';
import { errorCode, StoreFault } from './fault.ts';
import type { FileSystem } from './file-system.ts';
import type { StoreError } from './store.ts';

export type Work =
  | { readonly kind: 'hash'; readonly path: string; readonly seen: Seen }
  | { readonly kind: 'copy'; readonly copy: Copy };

export type Answer =
  | { readonly kind: 'digest'; readonly digest: Digest }
  | { readonly kind: 'fault'; readonly error: StoreError }
  /** A system call's error: what it carries beside its message does not cross by itself. */
  | { readonly kind: 'system'; readonly message: string; readonly facts: object };

export const perform = (disk: FileSystem, work: Work): Digest | Promise<Digest> =>
  work.kind === 'hash' ? hashFile(disk, work.path, work.seen) : copyContent(disk, work.copy);

export async function answerTo(disk: FileSystem, work: Work): Promise<Answer> {
  try {
    return { kind: 'digest', digest: await perform(disk, work) };
  } catch (error) {
    if (error instanceof StoreFault) return { kind: 'fault', error: error.error };
    if (!(error instanceof Error) || errorCode(error) === undefined) throw error;
    return { kind: 'system', message: error.message, facts: { ...error } };
  }
}

/** The digest, or the error that the work ended with. */
export function taken(answer: Answer): Digest {
  switch (answer.kind) {
    case 'digest':
      return answer.digest;
    case 'fault':
      throw new StoreFault(answer.error);
    case 'system':
      throw Object.assign(new Error(answer.message), answer.facts);
  }
}

/** As it crosses: a stat is a class of Node's, of which five numbers are looked at. */
export function portable(work: Work): Work {
  if (work.kind === 'hash') return { ...work, seen: stamp(work.seen) };
  return { ...work, copy: { ...work.copy, seen: stamp(work.copy.seen) } };
}

function stamp(seen: Seen): Seen {
  if (!('ino' in seen)) return { size: seen.size };
  const { dev, ino, size, mtimeNs, ctimeNs } = seen;
  return { dev, ino, size, mtimeNs, ctimeNs };
}

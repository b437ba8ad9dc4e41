/**
 * What the runner may ask of a store, and may rely on. Implementations: local.ts. The obligations
 * in the comments are checked by conformance.ts against each of them. Unaware of steps and plans.
 */
import type { CacheKey, Digest } from '../schema/id.ts';
import type { Artifact, Trace } from '../schema/trace.ts';

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: StoreError };

/** The world's fault, as a variant: nothing here is thrown. */
export type StoreError =
  /** ENOSPC, EDQUOT. */
  | { readonly kind: 'full'; readonly path: string }
  /** EROFS, EACCES, EPERM. */
  | { readonly kind: 'denied'; readonly path: string }
  /** EIO and everything else the system may say. */
  | { readonly kind: 'io'; readonly path: string; readonly message: string }
  /** What was to be stored cannot be: a socket, a device, a link that leaves the tree. */
  | { readonly kind: 'unsupported'; readonly path: string; readonly message: string }
  | { readonly kind: 'absent'; readonly path: string }
  /** A blob whose bytes are not what its name says; it has been moved to quarantine. */
  | { readonly kind: 'corrupt'; readonly digest: Digest }
  /** A file changed while it was being read. */
  | { readonly kind: 'unstable'; readonly path: string }
  /** The store at `path` was made by another version: refused, never guessed at. */
  | { readonly kind: 'unknown-format'; readonly path: string; readonly found: string };

export interface Store {
  /**
   * Digests a file or folder that stays where it is. Uses the stat cache; stats before and after
   * reading. Links inside a tree are kept as links and may not leave it. `absent` when nothing is there.
   */
  digest(path: string): Promise<Result<Artifact>>;

  /**
   * Digests as `digest` does, and returns what there is below `path` on its own: each file, link
   * and empty folder, by its path from there (empty for `path` itself), as fingerprints write it.
   */
  digestEach(path: string): Promise<Result<Readonly<Record<string, string>>>>;

  /**
   * Takes a file or folder into the store and returns it by the digest of the bytes that were
   * stored. When it returns, everything is durable. `path` is given up to the store: it may be
   * moved from, and is afterwards of no defined content.
   */
  put(path: string): Promise<Result<Artifact>>;

  /** As `put`, but leaves `path` untouched: for the project's own files. */
  copyIn(path: string): Promise<Result<Artifact>>;

  /**
   * Builds an artifact at `path`, which must not exist, and verifies every byte against its digest.
   * On any error nothing is left at `path`. Never a writable hard link to a blob. `readOnly` sets
   * modes 0444/0555.
   */
  materialise(
    artifact: Artifact,
    path: string,
    options: { readonly readOnly: boolean },
  ): Promise<Result<void>>;

  /** Is every byte of it in the store? Sizes are checked, contents are not. */
  has(artifact: Artifact): Promise<boolean>;

  /**
   * Where the bytes of a file lie, verified, for showing them read-only in place instead of copying
   * them. Undefined for what lies in no one file: folders, and programs, whose mode is their own.
   */
  locate(artifact: Artifact): Promise<Result<string | undefined>>;

  /** The bytes of a small file artifact (≤ 16 MiB), verified. */
  read(artifact: Artifact): Promise<Result<Buffer>>;

  /**
   * The oldest readable trace of a key, or undefined. Unreadable, truncated, newer-format or
   * mismatching traces are as if they were not there. `count` > 1 marks a nondeterministic step.
   */
  findTrace(key: CacheKey): Promise<{ readonly trace: Trace; readonly count: number } | undefined>;

  /**
   * Every readable trace of a key, oldest first. Effects ask for it: the world holds what was done
   * last, so that the newest receipt counts, not the oldest.
   */
  findTraces(key: CacheKey): Promise<readonly Trace[]>;

  /** Publishes a trace durably. Its blobs must be durable before. */
  putTrace(trace: Trace): Promise<Result<void>>;

  /** Warnings (quarantined blobs, …) gathered since the last call. */
  takeWarnings(): readonly StoreWarning[];

  /** Lets go of locks, caches and workers. */
  close(): Promise<void>;
}

export type StoreWarning = { readonly code: 'corrupt-blob'; readonly message: string };

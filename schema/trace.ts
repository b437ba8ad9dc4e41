/**
 * A trace remembers what a key produced: the constructive trace of "Build systems à la carte"
 * (Mokhov, Mitchell, Peyton Jones 2018). Written last, after the blobs it names are durable.
 */
import type { Fingerprint } from './fingerprint.ts';
import type { CacheKey, Digest, RunId } from './id.ts';

export const TRACE_FORMAT = 1;

export type Trace = {
  readonly format: typeof TRACE_FORMAT;
  readonly key: CacheKey;
  readonly fingerprint: Fingerprint;
  readonly outputs: Readonly<Record<string, Artifact>>;
  /** Who made it: for people, never compared. */
  readonly made: {
    readonly run: RunId;
    readonly host: string;
    /** ISO 8601, UTC. */
    readonly at: string;
    readonly durationMs: number;
  };
  /** Effects with `check: receipt`: path below the state folder → digest, or `link:<target>`. */
  readonly receipt: Readonly<Record<string, string>> | null;
};

/** What lies at a port: a file or a folder, by content. */
export type Artifact = {
  readonly kind: 'file' | 'tree';
  /** Of the file's bytes, or of the tree's listing (docs/store-format.md). */
  readonly digest: Digest;
  /** Files only; folders carry it per entry. */
  readonly executable: boolean;
  /** All the files' bytes together. */
  readonly bytes: number;
  readonly files: number;
};

/** How an artifact stands in a fingerprint: unlike for a file, a folder and an executable. */
export const artifactKey = ({
  kind,
  digest,
  executable,
}: Pick<Artifact, 'kind' | 'digest' | 'executable'>): string =>
  kind === 'tree' ? `tree:${digest}` : executable ? `exec:${digest}` : `file:${digest}`;

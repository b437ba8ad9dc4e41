/**
 * What the suites of the store have in common: a store under test, something of everything to put
 * into it, and ways to look at what comes out. Unaware of what is expected.
 */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { cacheKey, type Fingerprint } from '../../schema/fingerprint.ts';
import { type CacheKey, type Digest, parseRunId, type RunId, sha256 } from '../../schema/id.ts';
import { type Artifact, TRACE_FORMAT, type Trace } from '../../schema/trace.ts';
import type { Result, Store } from '../store.ts';

/** A store under test, and the ways in which the world may treat it. */
export type TestStore = AsyncDisposable & {
  /** An empty folder outside the store. */
  readonly folder: string;
  readonly store: Store;
  /** A second opening of the same store, as by another process. */
  readonly reopened: () => Promise<Store>;
  readonly damageBlob: (digest: Digest, damage: Damage) => void;
  /** Replaces the bytes of each trace of a key. */
  readonly rewriteTraces: (key: CacheKey, rewrite: (text: string) => string | undefined) => void;
};

export type Damage = 'flip' | 'truncate' | 'empty' | 'remove';

export type Open = () => Promise<TestStore>;

/** Too large to be read in one go, and in one chunk. */
export const LARGE_BYTES = 1_100_000;

/** One of everything that a folder may hold. */
export function sampleFolder(folder: string): string {
  const path = join(folder, 'sample');
  mkdirSync(join(path, 'sub', 'empty'), { recursive: true });
  writeFileSync(join(path, 'a.txt'), 'first');
  writeFileSync(join(path, 'run.sh'), '#!/bin/sh\n');
  chmodSync(join(path, 'run.sh'), 0o755);
  writeFileSync(join(path, 'sub', 'large.bin'), Buffer.alloc(LARGE_BYTES, 'xyz'));
  writeFileSync(join(path, 'sub', 'zero'), '');
  writeFileSync(join(path, 'sub', 'ünï 𝄞 ﬁ\n.txt'), 'name');
  symlinkSync('../a.txt', join(path, 'sub', 'link'));
  symlinkSync('missing', join(path, 'dangling'));
  return path;
}

/** The value of a result that must be there. */
export function value<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(`unexpected: ${JSON.stringify(result.error)}`);
}

/** A small but complete trace. Those of one `salt` have one key. */
export function traceOf(parts: {
  readonly salt?: string;
  readonly at?: string;
  readonly outputs?: Readonly<Record<string, Artifact>>;
  readonly receipt?: Readonly<Record<string, string>>;
}): Trace {
  const fingerprint: Fingerprint = {
    format: 1,
    command: 'make it',
    definition: null,
    packages: {},
    files: {},
    params: { lr: 0.1 },
    inputs: {},
    outputs: { out: { type: 'file', path: 'out/out' } },
    env: {},
    secrets: [],
    toolchain: {},
    image: null,
    platform: 'linux-x64',
    probe: null,
    salt: parts.salt ?? null,
  };
  return {
    format: TRACE_FORMAT,
    key: cacheKey(fingerprint),
    fingerprint,
    outputs: parts.outputs ?? {},
    made: {
      run: RUN,
      host: 'here',
      at: parts.at ?? '2026-01-01T00:00:00.000Z',
      durationMs: 1,
    },
    receipt: parts.receipt ?? null,
  };
}

const RUN: RunId = (() => {
  const id = parseRunId('20260101-000000-abcd');
  if (id === undefined) throw new Error('bug: not a run id');
  return id;
})();

export function write(at: TestStore, name: string, content: string): string {
  const path = join(at.folder, name);
  writeFileSync(path, content);
  return path;
}

export function replaceLink(path: string, target: string | undefined): void {
  renameSync(path, `${path}.old`);
  if (target === undefined) writeFileSync(path, 'missing');
  else symlinkSync(target, path);
  renameSync(`${path}.old`, join(path, '..', '..', 'replaced'));
}

/** All that a store must keep of a folder, in an order of its own. */
export function snapshot(
  folder: string,
): readonly { readonly name: string; readonly mode: number; readonly content: string }[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return names.map(name => {
    const path = join(folder, name);
    const stat = lstatSync(path);
    if (stat.isSymbolicLink()) return { name, mode: 0, content: `-> ${readlinkSync(path)}` };
    const content = stat.isFile() ? sha256(readFileSync(path)) : 'folder';
    return { name, mode: stat.mode & 0o777, content };
  });
}

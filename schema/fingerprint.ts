/**
 * A fingerprint is the complete list of what may influence a step's outputs. `cacheKey` hashes it
 * and `explain` diffs it: both read the same record, so every miss can be explained and no
 * explanation can be wrong. Not in it, on purpose: attempt, resources, executor, host, run id,
 * time, absolute paths, descriptions, retries, timeouts, values of secrets.
 */
import { byCodeUnit, canonicalJson, type Json } from './canonical-json.ts';
import { type CacheKey, cacheKeyOf, sha256 } from './id.ts';

export const FINGERPRINT_FORMAT = 1;

export type Fingerprint = {
  /** Raised when a field changes meaning: every older key then misses. */
  readonly format: typeof FINGERPRINT_FORMAT;
  /** What is executed, after expressions are evaluated. One text for a shell, words without. */
  readonly command: string | readonly string[];
  /**
   * Manifest and every file of the step's folder and of what it includes, by its path from there:
   * `main.ts`, `../sdk/csv.ts` → digest. Null for `run`.
   */
  readonly definition: Readonly<Record<string, string>> | null;
  /** Installed versions of the packages that the step's program loads. */
  readonly packages: Readonly<Record<string, string>>;
  /** Project path → digest, for the files that a `run` step declares. */
  readonly files: Readonly<Record<string, string>>;
  /** Parameters are visible to the program as SLUICE_STEP and SLUICE_PARAM_*. */
  readonly params: Readonly<Record<string, Json>>;
  /**
   * Port → where it lies and what is there, list order kept. What a need produced, not how: a
   * rerun that reproduces the same bytes therefore stops here (early cutoff).
   */
  readonly inputs: Readonly<Record<string, readonly FingerprintInput[]>>;
  /** Port → type and path: the program sees the path, the type decides what is accepted. */
  readonly outputs: Readonly<Record<string, { readonly type: string; readonly path: string }>>;
  /** The declared environment, complete: nothing else but a fixed base reaches the step. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of the secrets it is given; their values may rotate without a rerun. */
  readonly secrets: readonly string[];
  /** For a process: programs that the command names, and interpreters of scripts → digest or version. */
  readonly toolchain: Readonly<Record<string, string>>;
  /**
   * `numpy==1.26.4 python==3.11.2 …` of each virtual environment that one of these belongs to; there
   * only when one does. As one text: hundreds of entries would weigh on every trace.
   */
  readonly environments?: readonly string[];
  /** For a container: by digest; a tag can move under us. */
  readonly image: string | null;
  /** What else the author changed about the container; there only when something is not default. */
  readonly container?: Readonly<Record<string, Json>>;
  /** `linux-x64` for a process: native programs differ between platforms. */
  readonly platform: string | null;
  /** For `source` steps: what the probe said the state of the world is. */
  readonly probe: string | null;
  /** The author's own reason to rerun: `cache: { salt: "2" }`. */
  readonly salt: string | null;
};

export type FingerprintInput = { readonly path: string; readonly digest: string };

/** Domain-separated, so that no other record can share a key's bytes. */
export const cacheKey = (fingerprint: Fingerprint): CacheKey =>
  cacheKeyOfText(canonicalJson(fingerprint));

/** Of one that is written down already, in its canonical form. */
export const cacheKeyOfText = (canonical: string): CacheKey =>
  cacheKeyOf(sha256(`sluice-key\n${canonical}`));

/** One influence that differs. `part` is in the author's words: `param lr`, `input data`. */
export type Change = {
  readonly part: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
};

export function explain(before: Fingerprint, after: Fingerprint): readonly Change[] {
  const old = parts(before);
  const now = parts(after);
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter(part => old.get(part) !== now.get(part))
    .sort(byCodeUnit)
    .map(part => ({ part, before: old.get(part), after: now.get(part) }));
}

/** One entry per thing worth naming on its own: `command`, `env SEED`, `file src/net.py`. */
function parts(fingerprint: Fingerprint): ReadonlyMap<string, string> {
  const { env, inputs, params, definition, files, packages, outputs, toolchain, ...others } =
    fingerprint;
  const { environments = [], ...rest } = others;
  const entries = (noun: string, record: Readonly<Record<string, Json>>, write = text) =>
    Object.entries(record).map(([name, value]) => [`${noun} ${name}`, write(value)] as const);
  const single = Object.entries(rest)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [name, text(value)] as const);
  return new Map([
    ...single,
    // Typed: 40 and "40" are different parameters.
    ...entries('param', params, canonicalJson),
    ...entries('input', inputs),
    ...entries('step file', definition ?? {}),
    ...entries('file', files),
    ...entries('env', env),
    ...entries('package', packages),
    ...entries('package', installedIn(environments)),
    ...entries('output', outputs),
    ...entries('tool', toolchain),
  ]);
}

/** Name → version; of one that several environments have, all versions. */
function installedIn(environments: readonly string[]): Readonly<Record<string, string>> {
  const versions = new Map<string, string>();
  for (const entry of environments.flatMap(installed => installed.split(' '))) {
    const [name = '', version] = entry.split('==');
    if (version === undefined) continue;
    const before = versions.get(name);
    versions.set(name, before === undefined ? version : `${before} and ${version}`);
  }
  return Object.fromEntries(versions);
}

const text = (value: Json): string => (typeof value === 'string' ? value : canonicalJson(value));

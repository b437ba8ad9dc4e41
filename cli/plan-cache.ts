/**
 * Remembers compilations in `.sluice/plans/`, each under all that was asked, with all that the
 * compiler looked at. Before one is used again every look is taken again, so that it is never
 * wrong; losing or damaging a file costs a compilation. Unaware of what a plan says.
 */
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Compilation, CompileRequest } from '../compiler/compile.ts';
import type { ProjectFiles } from '../compiler/files.ts';
import { type Look, stillAsSeen } from '../compiler/reads.ts';
import { byCodeUnit, canonicalJson } from '../schema/canonical-json.ts';
import { sha256 } from '../schema/id.ts';
import { STORE_FORMAT } from '../store/layout.ts';
import { readRegularText } from '../store/regular-file.ts';
import type { GitState } from './git.ts';

/** Raised when the file changes its meaning. */
const FORMAT = 2;
/** As many variants of parameters and pipelines as somebody is likely to go back to. */
const MOST_FILES = 32;
/** More steps than this are not kept: their text may not fit into one string. */
const MOST_STEPS = 50_000;

export type PlanCache = {
  /** Undefined when it is not known, or the world has changed since. */
  readonly recall: () => Compilation | undefined;
  /** Does nothing where it cannot write, or where something has to be said about the sources. */
  readonly keep: (compilation: Compilation) => void;
  /** The state of git, noted as something that the compilation looked at. */
  readonly git: () => GitState | undefined;
};

export type PlanCacheOptions = {
  /** Absolute `.sluice`; nothing is kept where no store of ours is there. */
  readonly home: string;
  /** Names the code that compiles; undefined to neither recall nor keep. */
  readonly compiler: string | undefined;
  readonly request: Omit<CompileRequest, 'git'>;
  readonly files: ProjectFiles;
  readonly git: () => GitState | undefined;
};

/**
 * The lines of a file. The first is the digest of all the others; sources and the places in them come
 * last, because only few who recall a plan want them.
 */
type Kept = {
  /** `git` is null also where git has no answer: what would have read one is an error, and no plan. */
  readonly looks: { readonly seen: readonly Look[]; readonly git: GitState | null };
  readonly made: Pick<Compilation, 'plan' | 'settings'>;
  readonly written: {
    readonly spans: Compilation['spans'];
    readonly sources: readonly (readonly [file: string, text: string])[];
  };
};

export function planCache(options: PlanCacheOptions): PlanCache {
  const { home, compiler, files } = options;
  let answer: { readonly state: GitState | undefined } | undefined;
  const git = (): GitState | undefined => {
    answer ??= { state: options.git() };
    return answer.state;
  };
  if (compiler === undefined) return { recall: () => undefined, keep: () => undefined, git };
  const folder = join(home, 'plans');
  const path = join(folder, `${keyOf(compiler, options.request)}.json`);
  return {
    git,
    recall: () => recall(path, files, git),
    keep: compilation => {
      const { plan, diagnostics } = compilation;
      // What is said may depend on names that were only listed, to guess what was meant.
      if (plan === undefined || diagnostics.length > 0 || plan.steps.length > MOST_STEPS) return;
      // Nothing is put beside a store that is not there, or that another version has made.
      if (readRegularText(join(home, 'format')) === STORE_FORMAT)
        write(folder, path, textOf(compilation, answer?.state ?? null));
    },
  };
}

function keyOf(
  compiler: string,
  { environment, profile, sample, ...request }: PlanCacheOptions['request'],
): string {
  const params = Object.entries(environment)
    .filter(([name]) => name.startsWith('SLUICE_PARAM_'))
    .sort(([a], [b]) => byCodeUnit(a, b))
    .map(([name, value]) => [name, value ?? null]);
  const { pipeline, configs, params: given } = request;
  const asked = { pipeline, configs, given: given.map(({ name, text }) => [name, text]) };
  return sha256(
    canonicalJson({
      format: FORMAT,
      compiler,
      ...asked,
      params,
      profile: profile ?? null,
      sample: sample ?? null,
    }),
  );
}

function textOf({ plan, spans, settings, looks, sources }: Compilation, git: GitState | null) {
  const kept: Kept = {
    looks: { seen: looks, git },
    made: { plan, settings },
    written: { spans, sources: [...sources] },
  };
  const body = [kept.looks, kept.made, kept.written].map(part => JSON.stringify(part)).join('\n');
  return `${sha256(body)}\n${body}`;
}

function recall(path: string, files: ProjectFiles, git: PlanCache['git']): Compilation | undefined {
  const [digest, body] = halves(readRegularText(path) ?? '');
  if (digest === '' || sha256(body) !== digest) return undefined;
  const [first, rest] = halves(body);
  const looks: Kept['looks'] = JSON.parse(first);
  if (!stillAsSeen(looks.seen, files)) return undefined;
  if (looks.git !== null && canonicalJson(looks.git) !== canonicalJson(git() ?? null))
    return undefined;
  const [second, third] = halves(rest);
  const made: Kept['made'] = JSON.parse(second);
  let known: Kept['written'] | undefined;
  const written = (): Kept['written'] => {
    known ??= JSON.parse(third) as Kept['written'];
    return known;
  };
  return {
    ...made,
    awaits: [],
    diagnostics: [],
    looks: looks.seen,
    get spans() {
      return written().spans;
    },
    get sources() {
      return new Map(written().sources);
    },
  };
}

/** Up to the first line break, and what follows it. JSON on one line holds none. */
function halves(text: string): readonly [string, string] {
  const end = text.indexOf('\n');
  return end === -1 ? [text, ''] : [text.slice(0, end), text.slice(end + 1)];
}

function write(folder: string, path: string, text: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    const aside = `${path}.${process.pid}`;
    writeFileSync(aside, text);
    renameSync(aside, path);
    removeOldest(folder);
  } catch {
    // A full or read-only disk: the next one compiles again.
  }
}

function removeOldest(folder: string): void {
  const names = readdirSync(folder);
  if (names.length <= MOST_FILES) return;
  const byAge = names
    .map(name => ({
      name,
      at: statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
    }))
    .sort((a, b) => b.at - a.at || byCodeUnit(a.name, b.name));
  for (const { name } of byAge.slice(MOST_FILES)) rmSync(join(folder, name), { force: true });
}

/**
 * Names the code that runs by the bundle's chunk, whose name holds the digest of what is in it and
 * of what it imports. Node belongs to it: what a letter is, is its matter. Undefined for sources: they may be edited at any time.
 */
export const bundledAs = (url: string, version: string): string | undefined => {
  const file = basename(url);
  return /-[\w-]{8,}\.js$/.test(file) ? `${version} ${file} ${process.version}` : undefined;
};

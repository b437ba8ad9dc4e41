/**
 * The whole compiler on one screen: text in, a Plan or diagnostics out. Each phase hands the next a
 * type of its own and adds to one list of problems; none stops at the first. Unaware of clocks,
 * networks and processes: files come through one port, git through one question.
 */
import type { Diagnostic } from '../schema/diagnostic.ts';
import type { Plan } from '../schema/plan.ts';
import { parseConfig } from './config.ts';
import { diagnosis } from './diagnose.ts';
import { expand } from './expand.ts';
import { type ProjectFiles, projectPath } from './files.ts';
import { openLibrary } from './library.ts';
import { LIMITS } from './limits.ts';
import { link } from './link.ts';
import type { GitFacts } from './meaning.ts';
import {
  commandLineOffers,
  configOffers,
  environmentOffers,
  leftOutOf,
  settleParams,
} from './params.ts';
import { plan } from './plan.ts';
import { onSample, unsliced } from './plan-sample.ts';
import { type Problem, report } from './problems/problem.ts';
import { type Look, observed } from './reads.ts';
import { resolvePipeline } from './resolve.ts';
import { parseSettings } from './settings.ts';
import { type Spans, spansOf, withSlices } from './spans.ts';
import type { ProjectSettings, ValidConfig } from './syntax.ts';

export type CompileRequest = {
  /** Project-relative path. */
  readonly pipeline: string;
  /** Names (`fast` for `configs/fast.yaml`) or project-relative paths; later ones win. */
  readonly configs: readonly string[];
  readonly params: readonly { readonly name: string; readonly text: string }[];
  /** Where `SLUICE_PARAM_<NAME>` is looked up. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Asked only when an expression reads `git.…`. */
  readonly git: () => GitFacts | Promise<GitFacts>;
  readonly profile?: string | undefined;
  /** Below 1: a plan for about this share of each dataset. */
  readonly sample?: number | undefined;
  /** Nobody asked for this pipeline by name: that it requires parameters is no mistake. */
  readonly unnamed?: boolean | undefined;
};

export type Compilation = {
  /** Undefined if and only if there are errors, or it awaits parameters. */
  readonly plan: Plan | undefined;
  /** Parameters that an unnamed pipeline still requires. */
  readonly awaits: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  /** Every text that a diagnostic may point into, by the name of its file. */
  readonly sources: ReadonlyMap<string, string>;
  /** Where steps, parameters and `with` are written, for messages of the runner. */
  readonly spans: Spans;
  /** What was looked at: as long as it all is the same, so is the plan (see reads.ts). */
  readonly looks: readonly Look[];
  readonly settings: ProjectSettings;
};

/** Never rejects for what an author wrote; `bug:` errors are ours. */
export async function compile(
  request: CompileRequest,
  project: ProjectFiles,
): Promise<Compilation> {
  const problems: Problem[] = [];
  const sources = new Map<string, string>();
  const looks = new Map<string, Look>();
  const files = observed(project, looks);
  const { enough, diagnostics: found } = diagnosis(problems, {
    isProjectFile: file => files.kind(file) === 'file',
    isMistake: problem => request.unnamed !== true || awaited(problem).length === 0,
  });

  const settings = readSettings(request, files, sources, problems);
  const library = openLibrary({ files, problems, sources, fileBytes: settings.limits?.fileBytes });
  const root = readRoot(request.pipeline, files, library.pipeline, problems);
  const configs = readConfigs(request.configs, files, sources, problems);
  const done = (spans: Spans, made?: Plan): Compilation => {
    const awaits = request.unnamed === true ? problems.flatMap(awaited) : [];
    const diagnostics = found();
    const failed = diagnostics.some(({ severity }) => severity === 'error');
    const whole = failed || awaits.length > 0 ? undefined : made;
    return {
      plan: whole,
      awaits,
      diagnostics,
      sources,
      spans,
      looks: [...looks.values()],
      settings,
    };
  };
  if (root === undefined || enough()) return done(NO_SPANS);

  const resolved = resolvePipeline(root, configs, { library, project: settings, problems, enough });
  const offers = [
    ...configs.flatMap(configOffers),
    ...environmentOffers(root, request.environment, sources),
    ...commandLineOffers(request.params, sources),
  ];
  const unread = configs.length < request.configs.length;
  const leftOut = (name: string) => unread || configs.some(config => leftOutOf(config, name));
  const params = settleParams(root, { given: offers, leftOut }, problems);
  const git = mentionsGit(sources) ? await request.git() : NO_GIT;
  const world = { git, problems, enough };
  const most = settings.limits?.instances ?? LIMITS.instances;
  const expansion = expand(resolved, params, world, most);
  if (expansion.cut || enough()) return done(NO_SPANS);
  const linked = link(expansion, world);
  if (linked === undefined || enough()) return done(NO_SPANS);
  // A step's program lies around its manifest.
  const own = new Set([...sources.keys()].map(file => file.replace(/\/step\.yaml$/, '')));
  const spans = spansOf(expansion);
  const whole = plan(expansion, linked, { ...world, files, own });
  if (request.sample === undefined) return done(spans, whole);
  const sampler = library.define({ ...root.name, value: 'sample', part: () => root.name.span });
  if (sampler.kind !== 'folder') return done(spans);
  const sampled = onSample(whole, request.sample, sampler);
  // What is wrong may be why there is none.
  if (sampled.slices.size === 0 && done(spans, whole).plan !== undefined)
    problems.push({ kind: 'nothing-to-sample', pipeline: root.name, ...unsliced(whole) });
  return done(withSlices(spans, sampled.slices), sampled.plan);
}

/** What whoever runs this pipeline has to give. */
const awaited = (problem: Problem): readonly string[] =>
  problem.kind === 'missing-param' && problem.pipeline ? [problem.name] : [];

const NO_GIT: GitFacts = { commit: '', branch: '', dirty: false };
const NO_SPANS: Spans = { steps: {}, params: {}, with: {} };

const mentionsGit = (sources: ReadonlyMap<string, string>): boolean =>
  [...sources.values()].some(text => /\bgit\s*[.[]/.test(text));

const SETTINGS_FILE = 'sluice.yaml';
const NO_SETTINGS: ProjectSettings = { pools: {} };

function readSettings(
  { profile }: CompileRequest,
  files: ProjectFiles,
  sources: Map<string, string>,
  problems: Problem[],
): ProjectSettings {
  const bytes = files.read(SETTINGS_FILE);
  if (bytes === undefined && profile !== undefined)
    problems.push({ kind: 'profile-without-settings', name: profile });
  if (bytes === undefined || (bytes.length === 0 && profile === undefined)) return NO_SETTINGS;
  const parsed = parseSettings(SETTINGS_FILE, bytes, profile);
  sources.set(SETTINGS_FILE, parsed.text);
  report(problems, parsed.problems);
  return parsed.value ?? NO_SETTINGS;
}

function readRoot(
  path: string,
  files: ProjectFiles,
  read: (path: string) => ReturnType<ReturnType<typeof openLibrary>['pipeline']>,
  problems: Problem[],
) {
  const inside = projectPath(path) ?? path;
  const found = files.kind(inside);
  if (found === 'absent') {
    const known = files.list('pipelines').map(name => `pipelines/${name}`);
    problems.push({ kind: 'pipeline-not-found', path, known });
  } else if (found !== 'file') {
    problems.push({ kind: 'not-readable', path, found, what: 'a pipeline' });
  }
  return found === 'file' ? read(inside) : undefined;
}

function readConfigs(
  names: readonly string[],
  files: ProjectFiles,
  sources: Map<string, string>,
  problems: Problem[],
): readonly ValidConfig[] {
  return names.flatMap(name => {
    const path = /[/.]/.test(name) ? projectPath(name) : `configs/${name}.yaml`;
    const found = path === undefined ? 'outside' : files.kind(path);
    const bytes = path === undefined ? undefined : files.read(path);
    if (path !== undefined && bytes !== undefined) {
      const parsed = parseConfig(path, bytes);
      sources.set(path, parsed.text);
      report(problems, parsed.problems);
      return parsed.value ?? [];
    }
    const known = files.list('configs').map(file => file.replace(/\.ya?ml$/, ''));
    if (found === 'absent') problems.push({ kind: 'config-not-found', name, known });
    else problems.push({ kind: 'not-readable', path: name, found, what: 'a config' });
    return [];
  });
}

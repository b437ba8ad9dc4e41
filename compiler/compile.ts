/**
 * The whole compiler on one screen: text in, a Plan or diagnostics out. Each phase hands the next a
 * type of its own and adds to one list of problems; none stops at the first. Unaware of clocks,
 * networks and processes: files come through one port, git through one question.
 */
import type { Diagnostic } from '../schema/diagnostic.ts';
import type { Plan } from '../schema/plan.ts';
import { type Admission, admission } from './admission.ts';
import { parseConfig } from './config.ts';
import { type Diagnosis, diagnosis } from './diagnose.ts';
import { expand } from './expand.ts';
import { meter } from './expression/meter.ts';
import { type ProjectFiles, projectPath } from './files.ts';
import { Library } from './library.ts';
import { LIMITS } from './limits.ts';
import { link } from './link.ts';
import type { GitFacts } from './meaning.ts';
import { memoryFor } from './memory.ts';
import {
  commandLineOffers,
  configOffers,
  environmentOffers,
  leftOutOf,
  type Params,
  settleParams,
} from './params.ts';
import { plan } from './plan.ts';
import { onSample, unsliced } from './plan-sample.ts';
import { type Problem, report } from './problems/problem.ts';
import { type Look, observed } from './reads.ts';
import { resolvePipeline } from './resolve.ts';
import { chosenProfile, parseSettings } from './settings.ts';
import { type Spans, spansOf, withSlices } from './spans.ts';
import type { ProjectSettings, ValidConfig, ValidPipeline } from './syntax.ts';

export type CompileRequest = {
  /** Project-relative path. */
  readonly pipeline: string;
  /** Names (`fast` for `configs/fast.yaml`) or project-relative paths; later ones win. */
  readonly configs: readonly string[];
  readonly params: readonly { readonly name: string; readonly text: string }[];
  /** Where `SLUICE_PARAM_<NAME>` is looked up. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Asked only when an expression reads `git.…`; undefined where there is no commit. */
  readonly git: () => GitFacts | undefined | Promise<GitFacts | undefined>;
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
  const work = begin(request, project);
  const root = readRoot(request.pipeline, work);
  const configs = readConfigs(request.configs, work);
  const made = root && !work.enough() ? await planned({ root, configs }, work) : UNPLANNED;
  const { settings, sources, looks } = work;
  const { sound, awaits, diagnostics } = judged(work);
  const plan = sound ? made.plan : undefined;
  const { spans } = made;
  return { plan, awaits, diagnostics, sources, spans, looks: [...looks.values()], settings };
}

/** What the phases of one compilation have in common. */
type Work = Diagnosis & {
  readonly request: CompileRequest;
  readonly files: ProjectFiles;
  readonly looks: ReadonlyMap<string, Look>;
  readonly problems: Problem[];
  readonly sources: Map<string, string>;
  readonly settings: ProjectSettings;
  readonly library: Library;
  readonly admits: Admission;
};

function begin(request: CompileRequest, project: ProjectFiles): Work {
  const problems: Problem[] = [];
  const sources = new Map<string, string>();
  const looks = new Map<string, Look>();
  const files = observed(project, looks);
  const diagnosed = diagnosis(problems, {
    isProjectFile: file => files.kind(file) === 'file',
    isMistake: problem => request.unnamed !== true || awaited(problem).length === 0,
  });
  const settings = readSettings(request, files, sources, problems);
  const fileBytes = settings.limits?.fileBytes;
  const admits = admission(Math.max(fileBytes ?? 0, LIMITS.fileBytes), problems);
  const library = new Library({ files, problems, sources, fileBytes, admits });
  return { request, files, looks, problems, sources, settings, library, admits, ...diagnosed };
}

function judged({ request, problems, diagnostics: found }: Work) {
  const awaits = request.unnamed === true ? problems.flatMap(awaited) : [];
  const diagnostics = found();
  const failed = diagnostics.some(({ severity }) => severity === 'error');
  return { sound: !failed && awaits.length === 0, awaits, diagnostics };
}

type Documents = { readonly root: ValidPipeline; readonly configs: readonly ValidConfig[] };
type Planned = { readonly plan?: Plan; readonly spans: Spans };

const UNPLANNED: Planned = { spans: { steps: {}, params: {}, with: {} } };

async function planned({ root, configs }: Documents, work: Work): Promise<Planned> {
  const { request, settings, sources, problems, files } = work;
  const resolved = resolvePipeline(root, configs, { ...work, project: settings });
  const params = paramsOf({ root, configs }, work);
  const git = mentionsGit(sources) ? await request.git() : undefined;
  const most = settings.limits?.instances ?? LIMITS.instances;
  const room = { meter: meter(LIMITS.computed * most), memory: memoryFor(most) };
  const enough = () => room.meter.left < 0 || room.memory.left < 0 || work.enough();
  const world = { git, problems, enough, ...room };
  const expansion = expand(resolved, params, world, most);
  const linked = expansion.cut || enough() ? undefined : link(expansion, world);
  if (linked === undefined || enough()) return UNPLANNED;
  // A step's program lies around its manifest.
  const own = new Set([...sources.keys()].map(file => file.replace(/\/step\.yaml$/, '')));
  const whole = {
    plan: plan(expansion, linked, { ...world, files, own }),
    spans: spansOf(expansion),
  };
  return request.sample === undefined ? whole : onSlices(whole, request.sample, { root, work });
}

/** With a step of the library in front of what works on the data. */
function onSlices(
  { plan: whole, spans }: Required<Planned>,
  share: number,
  { root, work }: { readonly root: ValidPipeline; readonly work: Work },
): Planned {
  const sampler = work.library.define({
    ...root.name,
    value: 'sample',
    part: () => root.name.span,
  });
  if (sampler.kind !== 'folder') return { spans };
  const { plan, slices } = onSample(whole, share, sampler);
  // What is wrong may be why there is none.
  if (slices.size === 0 && judged(work).sound)
    work.problems.push({ kind: 'nothing-to-sample', pipeline: root.name, ...unsliced(whole) });
  return { plan, spans: withSlices(spans, slices) };
}

/** What the command line, the environment and the configs give the pipeline. */
function paramsOf({ root, configs }: Documents, { request, sources, problems }: Work): Params {
  const given = [
    ...configs.flatMap(configOffers),
    ...environmentOffers(root, request.environment, sources),
    ...commandLineOffers(request.params, sources),
  ];
  const unread = configs.length < request.configs.length;
  const leftOut = (name: string) => unread || configs.some(config => leftOutOf(config, name));
  return settleParams(root, { given, leftOut }, problems);
}

/** What whoever runs this pipeline has to give. */
const awaited = (problem: Problem): readonly string[] =>
  problem.kind === 'missing-param' && problem.pipeline ? [problem.name] : [];

const mentionsGit = (sources: ReadonlyMap<string, string>): boolean =>
  [...sources.values()].some(text => /\bgit\s*[.[]/.test(text));

const SETTINGS_FILE = 'sluice.yaml';
const NO_SETTINGS: ProjectSettings = { pools: {} };

function readSettings(
  request: CompileRequest,
  files: ProjectFiles,
  sources: Map<string, string>,
  problems: Problem[],
): ProjectSettings {
  const profile = chosenProfile(request.profile, request.environment);
  const bytes = files.read(SETTINGS_FILE);
  if (bytes === undefined && profile !== undefined)
    problems.push({ kind: 'profile-without-settings', ...profile });
  if (bytes === undefined || (bytes.length === 0 && profile === undefined)) return NO_SETTINGS;
  const parsed = parseSettings(SETTINGS_FILE, bytes, profile);
  sources.set(SETTINGS_FILE, parsed.text);
  report(problems, parsed.problems);
  return parsed.value ?? { ...NO_SETTINGS, partial: true };
}

function readRoot(path: string, { files, library, problems }: Work): ValidPipeline | undefined {
  const inside = projectPath(path) ?? path;
  const found = files.kind(inside);
  if (found === 'file') return library.pipeline(inside);
  if (found === 'absent') {
    const known = files.list('pipelines').map(name => `pipelines/${name}`);
    problems.push({ kind: 'pipeline-not-found', path, known });
  } else problems.push({ kind: 'not-readable', path, found, what: 'a pipeline' });
  return undefined;
}

function readConfigs(
  names: readonly string[],
  { files, problems, sources, settings, admits }: Work,
): readonly ValidConfig[] {
  return names.flatMap(name => {
    const path = /[/.]/.test(name) ? projectPath(name) : `configs/${name}.yaml`;
    const found = path === undefined ? 'outside' : files.kind(path);
    const bytes = path === undefined ? undefined : files.read(path);
    if (path !== undefined && bytes !== undefined) {
      if (!admits(path, bytes)) return [];
      const parsed = parseConfig(path, bytes, settings.limits?.fileBytes);
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

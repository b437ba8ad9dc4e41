/**
 * Compiles the pipeline that a command was asked for and shows what is wrong with it. The one place
 * where the compiler meets the file system and the terminal.
 */
import type { Compilation } from '../compiler/compile.ts';
import type { Plan } from '../schema/plan.ts';
import { renderDiagnostics } from '../ui/diagnostic.ts';
import type { Invocation } from './command.ts';
import { gitState } from './git.ts';
import { sliceOf, splitAssignment } from './options.ts';
import { bundledAs, planCache } from './plan-cache.ts';
import {
  choosePipeline,
  installedVersion,
  libraryFolder,
  type Project,
  requireProject,
} from './project.ts';
import { nodeProjectFiles } from './project-files.ts';
import type { Terminal } from './terminal.ts';

export type CompileOptions = {
  readonly config: readonly string[];
  readonly param: readonly string[];
  readonly profile?: string | undefined;
  /** Above 0, at most 1. */
  readonly sample?: number | undefined;
  /** One of all pipelines, none of which was asked for by name. */
  readonly unnamed?: boolean | undefined;
};

export type Compiled = {
  readonly project: Project;
  readonly pipeline: string;
  readonly compilation: Compilation;
};

export type PlannedProject = Compiled & { readonly plan: Plan };

/** Compiles; diagnostics are in the result, not yet shown. Throws CommandError for a wrong name. */
export async function compileProject(
  invocation: Invocation,
  named: string | undefined,
  options: CompileOptions,
): Promise<Compiled> {
  const project = requireProject(invocation.cwd);
  return compileAt(project, choosePipeline(project, named, invocation.cwd), invocation, options);
}

/** `pipeline`: its path in the project; that nothing lies there is a diagnostic like others. */
export async function compileAt(
  project: Project,
  pipeline: string,
  { env }: Pick<Invocation, 'env'>,
  options: CompileOptions,
): Promise<Compiled> {
  const request = {
    pipeline,
    configs: options.config,
    params: options.param.map(splitAssignment),
    environment: env,
    ...(options.profile !== undefined && { profile: options.profile }),
    sample: sliceOf(options.sample),
    unnamed: options.unnamed,
  };
  const files = nodeProjectFiles({ root: project.root, library: libraryFolder() });
  const cache = planCache({
    home: project.home,
    compiler: bundledAs(import.meta.url, installedVersion()),
    request,
    files,
    git: () => gitState(project.root),
  });
  const known = cache.recall();
  if (known !== undefined) return { project, pipeline, compilation: known };
  const { compile } = await import('../compiler/compile.ts');
  const compilation = await compile({ ...request, git: cache.git }, files);
  cache.keep(compilation);
  return { project, pipeline, compilation };
}

/** Compiles and shows the diagnostics; undefined when there are errors: the command exits with 2. */
export async function planProject(
  invocation: Invocation,
  named: string | undefined,
  options: CompileOptions,
): Promise<PlannedProject | undefined> {
  const compiled = await compileProject(invocation, named, options);
  const { plan } = compiled.compilation;
  showDiagnostics(invocation.terminal, compiled.compilation);
  return plan === undefined ? undefined : { ...compiled, plan };
}

export function showDiagnostics(
  { err, color, width, unicode }: Terminal,
  { diagnostics, sources }: Pick<Compilation, 'diagnostics' | 'sources'>,
): void {
  if (diagnostics.length === 0) return;
  err(renderDiagnostics(diagnostics, file => sources.get(file), { color, width, unicode }));
}

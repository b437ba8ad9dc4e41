/**
 * Compiles the pipeline that a command was asked for and shows what is wrong with it. The one place
 * where the compiler meets the file system and the terminal.
 */
import { execFileSync } from 'node:child_process';
import { type Compilation, compile } from '../compiler/compile.ts';
import type { Plan } from '../schema/plan.ts';
import { renderDiagnostics } from '../ui/diagnostic.ts';
import type { Invocation } from './command.ts';
import { splitAssignment } from './options.ts';
import { choosePipeline, libraryFolder, type Project, requireProject } from './project.ts';
import { nodeProjectFiles } from './project-files.ts';
import type { Terminal } from './terminal.ts';

export type CompileOptions = {
  readonly config: readonly string[];
  readonly param: readonly string[];
  readonly profile?: string | undefined;
};

export type Compiled = {
  readonly project: Project;
  readonly pipeline: string;
  readonly compilation: Compilation;
};

/** Compiles; diagnostics are in the result, not yet shown. Throws CommandError for a wrong name. */
export async function compileProject(
  { cwd, env }: Invocation,
  named: string | undefined,
  options: CompileOptions,
): Promise<Compiled> {
  const project = requireProject(cwd);
  const pipeline = choosePipeline(project, named, cwd);
  const request = {
    pipeline,
    configs: options.config,
    params: options.param.map(splitAssignment),
    environment: env,
    git: () => gitState(project.root),
    ...(options.profile !== undefined && { profile: options.profile }),
  };
  const files = nodeProjectFiles({ root: project.root, library: libraryFolder() });
  return { project, pipeline, compilation: await compile(request, files) };
}

/** Compiles and shows the diagnostics; undefined when there are errors: the command exits with 2. */
export async function planProject(
  invocation: Invocation,
  named: string | undefined,
  options: CompileOptions,
): Promise<(Compiled & { readonly plan: Plan }) | undefined> {
  const compiled = await compileProject(invocation, named, options);
  const { plan } = compiled.compilation;
  showDiagnostics(invocation.terminal, compiled.compilation);
  return plan === undefined ? undefined : { ...compiled, plan };
}

export function showDiagnostics(
  { err, color, width }: Terminal,
  { diagnostics, sources }: Pick<Compilation, 'diagnostics' | 'sources'>,
): void {
  if (diagnostics.length === 0) return;
  err(renderDiagnostics(diagnostics, file => sources.get(file), { color, width }));
}

/** Asked for only when an expression reads `git.…`. Outside a repository everything is empty. */
function gitState(root: string) {
  const git = (...words: readonly string[]): string | undefined => {
    try {
      return execFileSync('git', words, {
        cwd: root,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    } catch {
      return undefined; // No git, or no repository.
    }
  };
  return {
    commit: git('rev-parse', 'HEAD') ?? '',
    branch: git('rev-parse', '--abbrev-ref', 'HEAD') ?? '',
    dirty: (git('status', '--porcelain') ?? '') !== '',
  };
}

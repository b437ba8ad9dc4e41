/**
 * `sluice run plan.json`: makes exactly the saved plan true, or refuses when what it was made from
 * has moved since, naming what. Only the project's settings are read anew.
 */
import { relative, resolve } from 'node:path';
import { type ForecastRequest, forecast } from '../runner/forecast.ts';
import { knownOfLater } from '../runner/known-of-later.ts';
import { projectState } from '../runner/project-state.ts';
import type { Diagnostic } from '../schema/diagnostic.ts';
import type { StepId } from '../schema/id.ts';
import type { Invocation } from './command.ts';
import {
  type CompileOptions,
  compileAt,
  type PlannedProject,
  showDiagnostics,
} from './compilation.ts';
import { gitState } from './git.ts';
import { type PlanFile, readPlanFile, whatMoved } from './plan-file.ts';
import { requireProject, SETTINGS_FILE } from './project.ts';
import { nodeProjectFiles } from './project-files.ts';
import { usageError, worldError } from './usage.ts';

export const isPlanFile = (named: string | undefined): named is string =>
  named?.endsWith('.json') === true;

export type SavedPlan = {
  readonly file: PlanFile;
  readonly path: string;
  readonly planned: PlannedProject;
};

/** Undefined where the project's settings have mistakes, which have been shown: exit 2. */
export async function openSavedPlan(
  invocation: Invocation,
  named: string,
  options: CompileOptions,
): Promise<SavedPlan | undefined> {
  if (options.config.length > 0 || options.param.length > 0 || options.sample !== undefined) {
    throw usageError(
      'a saved plan has its parameters already, and its share of the data',
      'leave `-c`, `-p` and `--sample` out, or plan again with them: `sluice plan … -o plan.json`',
    );
  }
  const path = resolve(invocation.cwd, named);
  const file = await readPlanFile(path);
  // A pipeline that was edited since, into a broken one or away, does not change what was planned.
  const project = requireProject(invocation.cwd);
  const compiled = await compileAt(project, file.plan.pipeline.path, invocation, options);
  const { compilation } = compiled;
  const diagnostics = compilation.diagnostics.filter(isAboutSettings);
  if (diagnostics.length > 0) {
    showDiagnostics(invocation.terminal, { ...compilation, diagnostics });
    return undefined;
  }
  return { file, path, planned: { ...compiled, plan: file.plan } };
}

const isAboutSettings = ({ severity, at, code }: Diagnostic): boolean =>
  severity === 'error' && (at?.file === SETTINGS_FILE || code === 'profile-without-settings');

/** Throws CommandError: the world is not the one that was planned for. Exit 3. */
export async function refuseIfMoved(
  file: PlanFile,
  path: string,
  request: ForecastRequest,
): Promise<void> {
  const world = {
    forecasts: await forecast(request),
    later: (steps: ReadonlySet<StepId>) => knownOfLater(steps, request),
    project: await projectState(request.plan, request),
    files: nodeProjectFiles({ root: request.project, library: request.libraryFolder }),
    git: () => gitState(request.project),
  };
  const moved = await whatMoved(file, world, relative(request.project, path));
  if (moved.length === 0) return;
  throw worldError(
    `the world has moved since this was planned:\n${moved.map(line => `  ${line}`).join('\n')}`,
    'plan again: `sluice plan … -o plan.json`',
  );
}

/** `sluice plan`: what would run and why, and what is known already. Executes nothing. */
import { resolve } from 'node:path';
import { forecast } from '../../runner/forecast.ts';
import { knownOfLater } from '../../runner/known-of-later.ts';
import { projectState } from '../../runner/project-state.ts';
import { makeStyle } from '../../ui/style.ts';
import { renderTable } from '../../ui/table.ts';
import { type Define, examples, type Invocation } from '../command.ts';
import { type CompileOptions, type PlannedProject, planProject } from '../compilation.ts';
import { loosenedTable, movedWarning, warmNote } from '../container-view.ts';
import { executorOption, movedTags, openExecutor } from '../executors.ts';
import { forecastTable } from '../forecast-view.ts';
import { gitState } from '../git.ts';
import { withStoreToLookAt } from '../open-store.ts';
import {
  configOption,
  jsonOption,
  paramOption,
  profileOption,
  sampleOption,
  stepOption,
} from '../options.ts';
import { writePlanFile } from '../plan-file.ts';
import { nodeProjectFiles } from '../project-files.ts';
import { runnerInputs } from '../run-inputs.ts';

type PlanOptions = CompileOptions & {
  readonly executor?: string | undefined;
  readonly step: readonly string[];
  readonly params?: true | undefined;
  readonly output?: string | undefined;
  readonly json?: true | undefined;
};

export const define: Define = (program, invocation) => {
  program
    .command('plan')
    .description('What would run and why, what is known and from where, what is known later.')
    .argument('[pipeline]', 'name or path; may be left out where there is only one')
    .addOption(configOption())
    .addOption(paramOption())
    .addOption(stepOption())
    .addOption(profileOption())
    .addOption(sampleOption())
    .addOption(executorOption())
    .option('--params', 'only the parameters, with where each value comes from')
    .option('-o, --output <path>', 'save the plan, for `sluice run <path>`')
    .addOption(jsonOption())
    .addHelpText('after', examples('sluice plan digits -p epochs=60', 'sluice plan -o plan.json'))
    .action(async (pipeline, options) => {
      const call = invocation();
      call.finish(await planCommand(call, pipeline, options));
    });
};

async function planCommand(
  invocation: Invocation,
  named: string | undefined,
  options: PlanOptions,
): Promise<number> {
  const planned = await planProject(invocation, named, options);
  if (planned === undefined) return 2;
  const { terminal } = invocation;
  const { plan } = planned;
  if (options.params) {
    terminal.out(options.json ? JSON.stringify(plan.params, null, 2) : paramsTable(planned));
    return 0;
  }
  const inputs = runnerInputs(invocation, planned, options);
  const executor = await openExecutor(invocation, planned, {
    named: options.executor,
    for: 'plan',
  });
  const { home } = planned.project;
  const { output } = options;
  const forecasts = await withStoreToLookAt({ home, terminal }, async store => {
    const found = await forecast({ ...inputs, store, executor });
    if (output !== undefined) {
      await writePlanFile(resolve(invocation.cwd, output), plan, planned.compilation, {
        forecasts: found,
        later: steps => knownOfLater(steps, { ...inputs, store, executor }),
        project: await projectState(plan, { ...inputs, store }),
        files: nodeProjectFiles({ root: inputs.project, library: inputs.libraryFolder }),
        git: () => gitState(inputs.project),
      });
    }
    return found;
  });
  const view = { plan, style: makeStyle(terminal), now: new Date(), columns: terminal.columns };
  terminal.out(
    options.json
      ? JSON.stringify({ format: 1, plan, forecasts }, null, 2)
      : forecastTable(forecasts, view),
  );
  if (executor.imageOf !== undefined && !options.json) await tellOfContainers(invocation, planned);
  return 0;
}

async function tellOfContainers(invocation: Invocation, planned: PlannedProject): Promise<void> {
  const { terminal } = invocation;
  const loosened = loosenedTable(planned.plan);
  if (loosened !== '') terminal.out(loosened);
  const warm = warmNote(planned.compilation.settings);
  if (warm !== '') terminal.out(warm);
  for (const moved of await movedTags(invocation, planned)) terminal.err(movedWarning(moved));
}

const paramsTable = ({ plan: { params }, compilation }: PlannedProject): string => {
  const rows = Object.entries(params).map(([name, { value, origin }]) => {
    const at = compilation.spans.params[name];
    // Options and variables have no lines.
    const place = at?.file === origin && /\.ya?ml$/.test(origin) ? `${origin}:${at.line}` : origin;
    return [name, JSON.stringify(value), place];
  });
  return rows.length === 0
    ? 'no parameters'
    : renderTable([['parameter', 'value', 'from'], ...rows]);
};

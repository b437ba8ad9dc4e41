/**
 * `sluice run`: compiles, then makes the plan true. Wires compiler, store, executor and reader; the
 * work is the runner's, the words are the readers'.
 */
import { lastDuration, openLatest } from '../../runner/latest.ts';
import { run } from '../../runner/run.ts';
import type { StepId } from '../../schema/id.ts';
import type { Store } from '../../store/store.ts';
import { type Define, examples, type Invocation } from '../command.ts';
import { type CompileOptions, type PlannedProject, planProject } from '../compilation.ts';
import { executorOption, openExecutor } from '../executors.ts';
import { listenForInterrupts } from '../interrupt.ts';
import { logFilesOf } from '../log-files.ts';
import { withStore } from '../open-store.ts';
import { configOption, jsonOption, paramOption, profileOption, stepOption } from '../options.ts';
import { type Mode, openReader, type Reader, uiOption } from '../readers.ts';
import { openReports, type ReportFile, reportOption } from '../reports.ts';
import { newRunId, runnerInputs } from '../run-inputs.ts';

type RunOptions = CompileOptions & {
  readonly step: readonly string[];
  readonly executor?: string | undefined;
  readonly parallel?: string | undefined;
  readonly keepGoing?: true | undefined;
  readonly force?: true | string | undefined;
  readonly json?: true | undefined;
  readonly ui: Mode;
  readonly report?: readonly ReportFile[] | undefined;
};

const INTERRUPTED = 130;

export const define: Define = (program, invocation) => {
  program
    .command('run')
    .description('Compile, then execute what is not already known.')
    .argument('[pipeline]', 'name or path; may be left out where there is only one')
    .addOption(configOption())
    .addOption(paramOption())
    .addOption(stepOption())
    .addOption(profileOption())
    .addOption(executorOption())
    .option(
      '-j, --parallel <count>',
      'at most this many steps at once; default: as resources allow',
    )
    .option('-k, --keep-going', 'after a failure, go on with what does not need it')
    .option('-f, --force [step]', 'execute, also where the result is known: all, or one step')
    .addOption(uiOption())
    .addOption(reportOption())
    .addOption(jsonOption())
    .addHelpText('after', examples('sluice run', 'sluice run digits -c cnn -p seed=3 --keep-going'))
    .action(async (pipeline, options) => {
      const call = invocation();
      call.finish(await runCommand(call, pipeline, options));
    });
};

async function runCommand(
  invocation: Invocation,
  named: string | undefined,
  options: RunOptions,
): Promise<number> {
  const planned = await planProject(invocation, named, options);
  if (planned === undefined) return 2;
  const inputs = runnerInputs(invocation, planned, options);
  const executor = await openExecutor(invocation, planned, { named: options.executor, for: 'run' });
  const id = newRunId();
  const history = new Map<StepId, number>();
  const reports = openReports(options.report ?? [], invocation.cwd);
  const cancels = stepCancels();
  const interruption = listenForInterrupts(press => reader.announce(STOPPING[press]));
  const reader: Reader = openReader(invocation, {
    ...options,
    again: again(planned.plan.pipeline.name, options),
    pipelinePath: planned.plan.pipeline.path,
    logs: logFilesOf({ ...planned.project, run: id }),
    history: () => history,
    command: command => {
      if (command.kind === 'interrupt') interruption.press();
      else cancels.of(command.step).abort();
    },
  });
  try {
    const { result } = await withStore(planned.project.home, async store => {
      void learnDurations(planned, store, history);
      return run({
        ...inputs,
        store,
        executor,
        run: id,
        events: event => {
          reader.read(event);
          reports.read(event);
        },
        signal: interruption.stop,
        kill: interruption.kill,
        signalOf: step => cancels.of(step).signal,
      });
    });
    await reader.end();
    reports.write(invocation.terminal.err);
    if (result === 'cancelled') return INTERRUPTED;
    return result === 'succeeded' ? 0 : 1;
  } finally {
    await reader.end();
    interruption.release();
  }
}

const STOPPING = {
  1: 'Stopping: running steps may tidy up. Press Ctrl-C again to kill them.',
  2: 'Killing.',
};

/** One way to end each step, made when it is first asked for. */
function stepCancels() {
  const controllers = new Map<StepId, AbortController>();
  return {
    of: (step: StepId): AbortController => {
      const controller = controllers.get(step) ?? new AbortController();
      controllers.set(step, controller);
      return controller;
    },
  };
}

/** How long steps took the last time, while the run is under way already: for estimates only. */
async function learnDurations(
  { plan, project }: PlannedProject,
  store: Store,
  durations: Map<StepId, number>,
): Promise<void> {
  const latest = openLatest(project.home, plan.pipeline.name);
  for (const { id } of plan.steps) {
    const last = await lastDuration(id, { latest, store });
    if (last !== null) durations.set(id, last);
  }
}

/** The command line that repeats one step of this run with the same settings. */
function again(pipeline: string, { config, param, profile, executor }: RunOptions) {
  const words = [
    ...config.flatMap(name => ['-c', name]),
    ...param.flatMap(text => ['-p', text]),
    ...(profile === undefined ? [] : ['--profile', profile]),
    ...(executor === undefined ? [] : ['--executor', executor]),
  ].map(quoted);
  return (step: string) => ['sluice', 'run', pipeline, ...words, '--step', quoted(step)].join(' ');
}

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

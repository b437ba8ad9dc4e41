/**
 * `sluice run`: compiles, then makes the plan true. Wires compiler, store, executor and reader; the
 * work is the runner's, the words are the readers'.
 */
import { run } from '../../runner/run.ts';
import { StepCommands } from '../../runner/step-commands.ts';
import type { StepId } from '../../schema/id.ts';
import { type Define, examples, type Invocation } from '../command.ts';
import { type CompileOptions, planProject } from '../compilation.ts';
import { restoreSchemas } from '../editor-schemas.ts';
import { executorOption, openExecutor } from '../executors.ts';
import { listenForInterrupts } from '../interrupt.ts';
import { openStore, thenClose } from '../open-store.ts';
import {
  configOption,
  jsonOption,
  paramOption,
  profileOption,
  sampleOption,
  stepOption,
  warmOptions,
} from '../options.ts';
import { refuseIfReadOnly } from '../read-only-store.ts';
import { chooseMode, type Mode, type Reader, uiOption } from '../readers.ts';
import { openReports, type ReportFile, reportOption } from '../reports.ts';
import { newRunId, runnerInputs } from '../run-inputs.ts';
import { learnDurations, openRunReader, STOPPING } from '../run-support.ts';
import { isPlanFile, openSavedPlan, refuseIfMoved } from '../saved-plan.ts';
import { keepWarm, type WarmFlag } from '../warm-containers.ts';

type RunOptions = CompileOptions &
  WarmFlag & {
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
    .argument(
      '[pipeline]',
      'name or path, or a plan that `plan -o` saved; may be left out where there is only one',
    )
    .addOption(configOption())
    .addOption(paramOption())
    .addOption(stepOption())
    .addOption(profileOption())
    .addOption(sampleOption())
    .addOption(executorOption())
    .addOption(warmOptions()[0])
    .addOption(warmOptions()[1])
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
  const isSaved = isPlanFile(named);
  const saved = isSaved ? await openSavedPlan(invocation, named, options) : undefined;
  const planned = isSaved ? saved?.planned : await planProject(invocation, named, options);
  if (planned === undefined) return 2;
  const inputs = runnerInputs(invocation, planned, options);
  const warm = keepWarm(options, false);
  const use = { named: options.executor, for: 'run', warm } as const;
  const executor = await openExecutor(invocation, planned, use);
  const reports = openReports(options.report ?? [], invocation.cwd);
  const { home, part } = planned.project;
  const id = newRunId(part);
  const store = await openStore({ home, terminal: invocation.terminal });
  const history = new Map<StepId, number>();
  const commands = new StepCommands();
  const interruption = listenForInterrupts(press => {
    if (press !== 'lost') reader.announce(STOPPING[press]);
  });
  const shown = chooseMode(invocation, options);
  const inProgress = { run: id, history, commands, interruption };
  const reader: Reader = openRunReader(invocation, planned, options, inProgress);
  try {
    // Closed before the screen, which stays until somebody has read it.
    const { result } = await thenClose(store, async () => {
      if (saved !== undefined) {
        await refuseIfMoved(saved.file, saved.path, { ...inputs, store, executor });
      }
      await refuseIfReadOnly({ ...inputs, store, executor });
      restoreSchemas(planned.project.home);
      // Only the screen shows estimates, and they cost a look at every step's trace.
      if (shown === 'screen') void learnDurations(planned, store, history);
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
        commands,
      });
    });
    await reader.end();
    reports.write(invocation.terminal.err);
    if (result === 'cancelled') return INTERRUPTED;
    return result === 'succeeded' ? 0 : 1;
  } finally {
    await reader.end();
    await warm.close();
    interruption.release();
  }
}

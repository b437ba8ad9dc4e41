/**
 * `sluice run`: compiles, then makes the plan true. Wires compiler, store, executor and reader; the
 * work is the runner's, the words are the readers'.
 */
import { processExecutor } from '../../runner/executors/process.ts';
import { run } from '../../runner/run.ts';
import type { RunEvent, Stamped } from '../../schema/event.ts';
import { plainReader } from '../../ui/plain.ts';
import { makeStyle } from '../../ui/style.ts';
import { type Define, examples, type Invocation } from '../command.ts';
import { type CompileOptions, planProject } from '../compilation.ts';
import { listenForInterrupts } from '../interrupt.ts';
import { withStore } from '../open-store.ts';
import { configOption, jsonOption, paramOption, profileOption, stepOption } from '../options.ts';
import { newRunId, runnerInputs } from '../run-inputs.ts';
import type { Terminal } from '../terminal.ts';

type RunOptions = CompileOptions & {
  readonly step: readonly string[];
  readonly parallel?: string | undefined;
  readonly keepGoing?: true | undefined;
  readonly force?: true | string | undefined;
  readonly json?: true | undefined;
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
    .option(
      '-j, --parallel <count>',
      'at most this many steps at once; default: as resources allow',
    )
    .option('-k, --keep-going', 'after a failure, go on with what does not need it')
    .option('-f, --force [step]', 'execute, also where the result is known: all, or one step')
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
  const { terminal } = invocation;
  const inputs = runnerInputs(invocation, planned, options);
  const reader = options.json
    ? jsonReader(terminal)
    : liveReader(terminal, again(planned.plan.pipeline.name, options));
  const interruption = listenForInterrupts(press => {
    terminal.err(
      press === 1
        ? 'Stopping: running steps may tidy up. Press Ctrl-C again to kill them.'
        : 'Killing.',
    );
  });
  try {
    const { result } = await withStore(planned.project.home, store =>
      run({
        ...inputs,
        store,
        executor: processExecutor(),
        run: newRunId(),
        events: reader.read,
        signal: interruption.stop,
        kill: interruption.kill,
      }),
    );
    if (result === 'cancelled') return INTERRUPTED;
    return result === 'succeeded' ? 0 : 1;
  } finally {
    reader.end();
    interruption.release();
  }
}

type Reader = { readonly read: (event: Stamped<RunEvent>) => void; readonly end: () => void };

const jsonReader = ({ out }: Terminal): Reader => ({
  read: event => out(JSON.stringify(event)),
  end: () => {},
});

const TICK_MS = 1_000;

/** The plain reader with a clock, for its signs of life. */
function liveReader(terminal: Terminal, againCommand: (step: string) => string): Reader {
  const reader = plainReader({
    write: terminal.out,
    style: makeStyle(terminal),
    verbosity: terminal.verbosity,
    again: againCommand,
  });
  const start = performance.now();
  const clock = setInterval(() => reader.tick(performance.now() - start), TICK_MS);
  return { read: reader.read, end: () => clearInterval(clock) };
}

/** The command line that repeats one step of this run with the same settings. */
function again(pipeline: string, { config, param, profile }: CompileOptions) {
  const words = [
    ...config.flatMap(name => ['-c', name]),
    ...param.flatMap(text => ['-p', text]),
    ...(profile === undefined ? [] : ['--profile', profile]),
  ].map(quoted);
  return (step: string) => ['sluice', 'run', pipeline, ...words, '--step', quoted(step)].join(' ');
}

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/**
 * The command line as commander sees it: global flags, the list of commands, usage errors as
 * exit 2. Loads only the module of the command that was named.
 */
import { resolve } from 'node:path';
import { Command, CommanderError } from '@commander-js/extra-typings';
import { closest } from '../compiler/closest.ts';
import type { Define, Invocation } from './command.ts';
import { openTerminal } from './terminal.ts';
import { type CommandError, usageError } from './usage.ts';

type Entry = {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly define: Define }>;
};

/** In the order of a working day, which is the order `sluice --help` shows them in. */
const COMMANDS: readonly Entry[] = [
  { name: 'init', summary: 'start a project that runs', load: () => import('./commands/init.ts') },
  {
    name: 'check',
    summary: 'compile only; show everything that is wrong',
    load: () => import('./commands/check.ts'),
  },
  { name: 'plan', summary: 'what would run, and why', load: () => import('./commands/plan.ts') },
  { name: 'run', summary: 'do it', load: () => import('./commands/run.ts') },
  {
    name: 'watch',
    summary: 'run, then again on every change that matters',
    load: () => import('./commands/watch.ts'),
  },
  {
    name: 'why',
    summary: 'why a step would run, or why it hits',
    load: () => import('./commands/why.ts'),
  },
  { name: 'graph', summary: 'the DAG', load: () => import('./commands/graph.ts') },
  { name: 'runs', summary: 'the runs so far', load: () => import('./commands/runs.ts') },
  { name: 'show', summary: 'one run', load: () => import('./commands/show.ts') },
  { name: 'logs', summary: 'what a step printed', load: () => import('./commands/logs.ts') },
  {
    name: 'replay',
    summary: 'a recorded run, told again',
    load: () => import('./commands/replay.ts'),
  },
  {
    name: 'ui',
    summary: 'a recorded run, to look around in',
    load: () => import('./commands/ui.ts'),
  },
  {
    name: 'get',
    summary: 'an output, as a file or folder',
    load: () => import('./commands/get.ts'),
  },
  { name: 'steps', summary: 'the step library', load: () => import('./commands/steps.ts') },
  {
    name: 'data',
    summary: 'dataset versions: list, show, restore',
    load: () => import('./commands/data.ts'),
  },
  {
    name: 'deployments',
    summary: 'what is deployed',
    load: () => import('./commands/deployments.ts'),
  },
  {
    name: 'rollback',
    summary: 'put an earlier version of a deployment back',
    load: () => import('./commands/rollback.ts'),
  },
  {
    name: 'store',
    summary: 'the store: status, verify, collect',
    load: () => import('./commands/store.ts'),
  },
  {
    name: 'config',
    summary: 'every setting that holds here, and where it comes from',
    load: () => import('./commands/config.ts'),
  },
  {
    name: 'images',
    summary: 'make the image of the step library',
    load: () => import('./commands/images.ts'),
  },
  {
    name: 'lock',
    summary: 'which content the images of steps have',
    load: () => import('./commands/lock.ts'),
  },
  {
    name: 'doctor',
    summary: 'what this machine offers',
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'explain',
    summary: 'a diagnostic or failure, at length',
    load: () => import('./commands/explain.ts'),
  },
  {
    name: 'schema',
    summary: 'the JSON Schemas, for editors',
    load: () => import('./commands/schema.ts'),
  },
];

/** Runs the named command; returns its exit code. */
export async function runProgram(
  argv: readonly string[],
  process: Pick<NodeJS.Process, 'stdout' | 'stderr' | 'env' | 'cwd'>,
): Promise<number> {
  let exitCode = 0;
  const program = new Command('sluice')
    .description('Compile ML pipelines and run only what is not already known.')
    .option('-C, --directory <dir>', 'work in this folder')
    .option('--no-color', 'no colours (also NO_COLOR)')
    .option('-v, --verbose', 'say more')
    .option('-q, --quiet', 'say only what went wrong')
    .option('-V, --version', 'print the version')
    .exitOverride()
    .configureOutput({
      writeOut: text => void process.stdout.write(text),
      writeErr: text => void process.stderr.write(text),
    });

  const invocation = (): Invocation => {
    const flags = program.opts();
    const verbosity = flags.quiet ? 'quiet' : flags.verbose ? 'verbose' : 'normal';
    return {
      cwd: resolve(process.cwd(), flags.directory ?? '.'),
      env: process.env,
      terminal: openTerminal(process, process.env, { color: flags.color, verbosity }),
      finish: code => {
        exitCode = code;
      },
    };
  };

  const named = namedCommand(argv);
  for (const entry of COMMANDS) {
    if (entry.name === named) (await entry.load()).define(program as Command, invocation);
    else program.command(entry.name).description(entry.summary).helpOption(false);
  }
  program.argument('[command]').action(async command => {
    if (command !== undefined) throw unknownCommand(command);
    const { overview } = await import('./overview.ts');
    exitCode = overview(invocation());
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
  return exitCode;
}

function unknownCommand(command: string): CommandError {
  const names = COMMANDS.map(({ name }) => name);
  const near = closest(command, names);
  return usageError(
    `there is no command \`${command}\``,
    near === undefined ? '`sluice --help` lists them' : `did you mean \`sluice ${near}\`?`,
  );
}

/** The first word that is neither a flag nor a flag's value. */
function namedCommand(argv: readonly string[]): string | undefined {
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? '';
    if (word === '-C' || word === '--directory') i++;
    else if (word === 'help') return argv[i + 1];
    else if (!word.startsWith('-')) return word;
  }
  return undefined;
}

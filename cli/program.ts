/**
 * The command line as commander sees it: global flags, the list of commands, usage errors as
 * exit 2. Loads only the module of the command that was named.
 */
import { resolve } from 'node:path';
import { Command, CommanderError } from '@commander-js/extra-typings';
import { closest } from '../compiler/closest.ts';
import type { Invocation, Program } from './command.ts';
import { COMMANDS } from './command-list.ts';
import { openTerminal } from './terminal.ts';
import { type CommandError, usageError } from './usage.ts';

type Surroundings = Pick<NodeJS.Process, 'stdout' | 'stderr' | 'env' | 'cwd'>;

/** Runs the named command; returns its exit code. */
export async function runProgram(argv: readonly string[], process: Surroundings): Promise<number> {
  if (argv[0] === 'complete') {
    const { complete } = await import('./completion/complete.ts');
    return complete(argv.slice(1), process, words => openProgram(words, process));
  }
  const { program, exitCode } = await openProgram(argv, process);
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
  return exitCode();
}

async function openProgram(argv: readonly string[], process: Surroundings): Promise<Program> {
  let exitCode = 0;
  const program = globalOptions(process);
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
  return { program: program as Command, invocation, exitCode: () => exitCode };
}

const globalOptions = (process: Surroundings) =>
  new Command('sluice')
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

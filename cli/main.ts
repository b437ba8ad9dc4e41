/**
 * The front door and the only place that ends the process. Knows the global flags and which module
 * holds each command; loads just the one that was named, because start-up time is everybody's.
 */

import { codeAfterLoss, watchOutput } from './lost-output.ts';
import { installedVersion } from './project.ts';
import { CommandError } from './usage.ts';

const BUG = 70;

/** Returns the exit code of semantics.md §6. */
async function main(argv: readonly string[]): Promise<number> {
  if (argv[0] === '--version' || argv[0] === '-V') {
    process.stdout.write(`${installedVersion()}\n`);
    return 0;
  }
  const { runProgram } = await import('./program.ts');
  return runProgram(argv, process);
}

watchOutput(process);

let code = BUG;
try {
  code = await main(process.argv.slice(2));
} catch (error) {
  code = report(error);
}
// Not by running out of work: somebody may still owe an answer, an engine or a registry, that nobody
// waits for any more; and to take the heap apart takes a twentieth of a run that does nothing. What
// could not be written is known one turn later.
const end = () => process.exit(codeAfterLoss(code));
process.stdout.write('', () => process.stderr.write('', () => setImmediate(end)));

function report(error: unknown): number {
  if (error instanceof CommandError) {
    process.stderr.write(`error: ${error.message}\n`);
    if (error.help !== undefined) process.stderr.write(`help: ${error.help}\n`);
    return error.exitCode;
  }
  const trace = error instanceof Error ? error.stack : String(error);
  process.stderr.write(
    `This is a bug in Sluice, not in your pipeline. Please report it with the lines below.\n${trace}\n`,
  );
  return BUG;
}

/**
 * The front door and the only place that ends the process. Knows the global flags and which module
 * holds each command; loads just the one that was named, because start-up time is everybody's.
 */
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

let isPipeBroken = false;

/** A reader that went away (`sluice runs | head`) is not a fault. */
function endQuietlyOnBrokenPipe(error: NodeJS.ErrnoException): void {
  // The terminal is gone: the hang-up that comes with it ends what there is to end.
  if (error.code === 'EIO') return;
  if (error.code !== 'EPIPE') throw error;
  // Who listens for signals has something to put in order first: steps that run.
  if (process.listenerCount('SIGTERM') === 0) process.exit(0);
  if (!isPipeBroken) process.emit('SIGTERM');
  isPipeBroken = true;
}

process.stdout.on('error', endQuietlyOnBrokenPipe);
process.stderr.on('error', endQuietlyOnBrokenPipe);

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = report(error);
}

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

/**
 * A wrong command line, or a world in which the command cannot do its work. Thrown by commands,
 * caught once in main.ts, shown as a diagnostic without a place; `exitCode` as in semantics.md §6.
 */

export class CommandError extends Error {
  readonly exitCode: 1 | 2 | 3;
  readonly help: string | undefined;
  constructor(exitCode: 1 | 2 | 3, message: string, help?: string) {
    super(message);
    this.exitCode = exitCode;
    this.help = help;
  }
}

/** The command line asks for something that is not there. Exit 2. */
export const usageError = (message: string, help?: string) => new CommandError(2, message, help);

/** The machine, the disk or the store is in the way. Exit 3. */
export const worldError = (message: string, help?: string) => new CommandError(3, message, help);

/** Runs what writes to the disk: when the system refuses, that is the world, and not a bug. */
export async function writing<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw worldError(`${what} cannot be written: ${error.message}`);
  }
}

/**
 * What every command module gets and gives. A module exports `define`, which adds one commander
 * command; its action ends by telling `finish` the exit code. Unaware of what commands do.
 */
import type { Command } from '@commander-js/extra-typings';
import type { Terminal } from './terminal.ts';

export type Invocation = {
  /** The folder to work in: `-C`, else the current one. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
  readonly finish: (exitCode: number) => void;
};

/** The invocation is known only once global flags are parsed: hence a function. */
export type Define = (program: Command, invocation: () => Invocation) => void;

/** The whole command line, of which one command is defined in full: the one that was named. */
export type Program = {
  readonly program: Command;
  readonly invocation: () => Invocation;
  /** Once it has run: semantics.md §6. */
  readonly exitCode: () => number;
};

/** The two examples that every command's help ends with. */
export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map(line => `  $ ${line}`).join('\n')}\n`;

/**
 * What the end of a container means. All judgement about it is here, as pure functions. Unaware of
 * the engine's protocol.
 */
import { constants } from 'node:os';
import type { Termination } from '../executor.ts';

export type Ending = {
  /** Of the container's first process, as the engine tells it. */
  readonly code: number;
  /** The kernel has killed a process of the container for want of memory: any one. */
  readonly oomKilled: boolean;
  /** The machine itself ran out of memory meanwhile. */
  readonly machineOutOfMemory: boolean;
  readonly aborted: boolean;
  readonly timedOut: boolean;
  /** The last that it printed. */
  readonly lastWords: string;
  readonly program: string;
};

/** A program that the container's init could not start says so in its own words. */
const INIT_FAILED = /^\[FATAL tini \(\d+\)\] exec [\s\S]* failed: (.+)$/m;

const SIGNAL_BASE = 128;

export function terminationOf(end: Ending): Termination {
  // Order matters: an abort outranks a timeout, and both outrank how it then ended.
  if (end.aborted) return { kind: 'cancelled' };
  if (end.timedOut) return { kind: 'timed-out' };
  // Also with exit 0: a child was killed, and what it would have written is missing. The limit is
  // in no key, therefore such a result must not be remembered.
  if (end.oomKilled) return { kind: 'out-of-memory' };
  const { code, program } = end;
  const refused = code === 126 || code === 127 ? INIT_FAILED.exec(end.lastWords)?.[1] : undefined;
  if (refused !== undefined) return { kind: 'not-started', message: notFound(program, refused) };
  const signal = signalOf(code);
  if (signal === 'SIGKILL' && end.machineOutOfMemory) return { kind: 'out-of-memory' };
  return signal === undefined ? { kind: 'exited', code } : { kind: 'killed', signal };
}

/** The init process tells a child's signal as 128 + its number. */
function signalOf(code: number): string | undefined {
  return Object.entries(constants.signals).find(([, number]) => number === code - SIGNAL_BASE)?.[0];
}

/** Why a program could not be begun, in words that lead on. */
export function notFound(program: string, reason: string): string {
  if (/Permission denied|Exec format/i.test(reason)) {
    return `\`${program}\` may not be executed in the container (${reason.trim()}); make it executable (chmod +x), or name its interpreter first`;
  }
  return program.includes('/')
    ? `there is no program at \`${program}\` in the container; a script of the project has to be listed in \`files\``
    : `\`${program}\` was not found in the container's image; correct the first word of the command, or choose an image that has it`;
}

/** Why the engine would not start it, in words that lead on. */
export function startRefusal(message: string, program: string): string {
  if (/could not select device driver|nvidia-container-cli/i.test(message)) {
    return `the engine cannot give GPUs to containers: install the NVIDIA Container Toolkit and run \`nvidia-ctk runtime configure\` (the engine says: ${message})`;
  }
  if (/executable file not found|no such file or directory/i.test(message)) {
    return notFound(program, message);
  }
  if (/bind source path does not exist/i.test(message)) {
    return `the engine does not see this machine's files (${message}); Sluice needs an engine on the same machine`;
  }
  return `the engine did not start it: ${message}`;
}

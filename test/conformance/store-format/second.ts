/** The second implementation, second.py, as a test calls it. Unaware of what it is held against. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Artifact } from '../../../schema/trace.ts';

// No bytecode beside its sources.
const SECOND = ['-B', join(import.meta.dirname, 'second.py')];

export const isHere = spawnSync('python3', ['--version']).status === 0;

if (!isHere) {
  const message = 'the format of the store is NOT tested here: there is no python3';
  if (process.env['CI']) throw new Error(message);
  process.stderr.write(`\n!!! ${message}\n\n`);
}

/** What `check` finds in a store. */
export type Findings = {
  /** Key → names of its traces. */
  readonly traces: Readonly<Record<string, readonly string[]>>;
  /** Files in the place of traces that are none. */
  readonly ignored: readonly string[];
  /** Traces that are not written as the document says. */
  readonly misshapen: readonly string[];
  readonly damaged: readonly string[];
  /** Why an output of some trace cannot be had. */
  readonly missing: readonly string[];
  /** Blobs that no trace reaches. */
  readonly loose: readonly string[];
};

type Commands = {
  readonly canonical: string;
  readonly key: string;
  readonly vectors: readonly string[];
  readonly digest: Artifact;
  readonly check: Findings;
  readonly find: string | null;
  readonly 'take-out': null;
  readonly record: string;
  readonly collect: readonly string[];
};

/** Its answer. Throws what it refuses. `input` is what it reads: JSON, as text or to be written. */
export function second<Command extends keyof Commands>(
  command: Command,
  args: readonly string[],
  input: unknown = null,
): Commands[Command] {
  const text = typeof input === 'string' ? input : JSON.stringify(input);
  const { stdout, stderr } = spawnSync('python3', [...SECOND, command, ...args], {
    input: text,
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(stderr);
  const answer = JSON.parse(stdout);
  if (answer?.refused !== undefined) throw new Error(`refused: ${answer.refused}`);
  return answer;
}

/** It holds a lock of a store until it is let go. */
export async function holding(
  store: string,
  lock: string,
): Promise<{ readonly letGo: () => Promise<unknown> }> {
  const child: ChildProcess = spawn('python3', [...SECOND, 'hold', store, lock], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [said] = child.stdout === null ? [] : await once(child.stdout, 'data');
  if (String(said) !== '"held"\n') throw new Error(String(said));
  return {
    letGo: () => {
      child.stdin?.end();
      return ended;
    },
  };
}

/**
 * Runs one attempt of one step, somewhere. Unaware of graphs, caches and retries. conformance.ts
 * holds every implementation to this:
 *
 * 1. It rejects only for our own bugs. Whatever the step or the machine does is a `Termination`.
 * 2. When the promise settles the work is gone (no process of it is left) and its output handed over.
 * 3. After an abort the answer is `cancelled`, even if the step won the race.
 */
import type { StepId } from '../../schema/id.ts';
import type { Container, Resources } from '../../schema/plan.ts';

export interface Executor {
  readonly name: string;
  execute(attempt: Attempt, signal: AbortSignal): Promise<Termination>;
}

export type Attempt = {
  readonly step: StepId;
  readonly command: readonly [program: string, ...args: string[]];
  /** Absolute. The command's working directory; what it may write lies below it. */
  readonly workdir: string;
  /** Complete: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly resources: Resources;
  readonly timeoutMs: number | null;
  readonly container: Container | null;
  /** Calls come in the order of the stream's bytes. The chunk is the callee's to keep. */
  readonly onOutput: (stream: 'stdout' | 'stderr', chunk: Buffer) => void;
  /** Called once, when a local process leads the attempt: for finding orphans after a crash. */
  readonly onStarted?: (pid: number) => void;
  /** Aborted when the user is done waiting: no grace period for what is being ended. */
  readonly kill?: AbortSignal;
};

export type Termination =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: string }
  | { readonly kind: 'cancelled' | 'timed-out' | 'out-of-memory' }
  /** Never began: no such program, image pull failed, submission refused. */
  | { readonly kind: 'not-started'; readonly message: string }
  /** Began, then the machine lost it: node failure, preemption. Safe to retry. */
  | { readonly kind: 'lost'; readonly message: string };

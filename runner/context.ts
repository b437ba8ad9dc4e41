/**
 * What the parts of the runner share during one run: where things are, who does them, and what is
 * known by now. Made in run.ts; unaware of the order in which steps come.
 */
import { join } from 'node:path';
import type { RunId, StepId } from '../schema/id.ts';
import type { Plan } from '../schema/plan.ts';
import type { Artifact } from '../schema/trace.ts';
import type { Lock } from '../store/lock.ts';
import type { Result, Store } from '../store/store.ts';
import type { BuiltTrees } from './built-trees.ts';
import type { Clock } from './clock.ts';
import type { Emit } from './event-stream.ts';
import type { Executor } from './executors/executor.ts';
import type { Latest } from './latest.ts';
import type { Leavings } from './leavings.ts';
import type { Secrets } from './secrets.ts';
import type { StepCommands } from './step-commands.ts';
import type { Strays } from './strays.ts';

/** Port → artifact. */
export type Outputs = Readonly<Record<string, Artifact>>;

/** Enough to judge a step; what `forecast` has. */
export type Context = {
  readonly plan: Plan;
  /** Absolute root of the project, and its `.sluice`. */
  readonly project: string;
  readonly home: string;
  /** Absolute `steps/` of the installed Sluice. */
  readonly libraryFolder: string;
  readonly store: Store;
  readonly executor: Executor;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly force: 'all' | ReadonlySet<string> | undefined;
  /** Of the steps that have ended with something to give. */
  readonly outputs: Map<StepId, Outputs>;
  readonly latest: Latest;
  /** Steps that have to have their bytes, because somebody asked for them and did not get them. */
  readonly bytesNeeded: Set<StepId>;
  /** Answers that hold for a whole run, by question. */
  readonly memory: Map<string, Promise<unknown>>;
};

/** Enough to execute one. */
export type RunContext = Context & {
  readonly run: RunId;
  readonly clock: Clock;
  readonly secrets: Secrets;
  readonly signal: AbortSignal;
  readonly kill: AbortSignal;
  /** Nothing new starts; what executes goes on. */
  readonly finishUp?: AbortSignal | undefined;
  /** What is asked of single steps meanwhile. */
  readonly commands?: StepCommands | undefined;
  readonly emit: Emit;
  /** Hints that the run has given, so that none is given twice. */
  readonly hinted: Set<string>;
  readonly host: string;
  readonly user: string;
  /** Of the project, for the records of effects; undefined where there is no repository. */
  readonly commit: Commit | undefined;
  /**
   * The lock of its working folder. Without it another run takes this one for dead: then nothing is
   * begun there.
   */
  readonly claim: Result<Lock | undefined>;
  /** Attempts of dead runs that this one may go on with. */
  readonly strays: Strays;
  /** Work that nobody waits for until the run ends: removing what is no longer needed. */
  readonly later: (work: Promise<void>) => void;
  /** Takes working directories that are no longer needed. */
  readonly leavings: Leavings;
  /** Folders that steps have made, for all whom they can be shown. */
  readonly trees: BuiltTrees;
  /** A number that no other working directory of this run has. */
  readonly nextNumber: () => number;
};

export type Commit = { readonly id: string; readonly dirty: boolean };

/** Where the run's working directories lie. */
export const workFolder = ({ home, run }: Pick<RunContext, 'home' | 'run'>): string =>
  join(home, 'work', run);

/** Asks a question once per run. */
export function once<T>(context: Context, question: string, answer: () => Promise<T>): Promise<T> {
  const known = context.memory.get(question);
  // The question's text decides the answer's type; each text stands in one place only.
  if (known !== undefined) return known as Promise<T>;
  const asked = answer();
  context.memory.set(question, asked);
  return asked;
}

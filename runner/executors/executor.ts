/**
 * Runs one attempt of one step, somewhere. Unaware of graphs, caches and retries. conformance.ts
 * holds every implementation to this:
 *
 * 1. It rejects only for our own bugs. Whatever the step or the machine does is a `Termination`.
 * 2. When the promise settles the work is gone (no process of it is left) and its output handed over.
 *    What runs already (`adopts`) may be left running by an answer that is not how it ended itself.
 * 3. After an abort the answer is `cancelled`, even if the step won the race.
 */
import type { Usage } from '../../schema/event.ts';
import type { StepId } from '../../schema/id.ts';
import type { Container, Resources } from '../../schema/plan.ts';

export interface Executor {
  readonly name: string;
  execute(attempt: Attempt, signal: AbortSignal): Promise<Termination>;
  /**
   * There when steps that name a container run in one: the identity of its image by content, for
   * their keys. Executes and fetches nothing; a step without a container runs on this machine.
   */
  readonly imageOf?: (container: Container) => Promise<ImageAnswer>;
  /**
   * What dead runs of the project at `home` have left where this machine's processes do not show it.
   */
  readonly orphans?: (
    home: string,
    isDead: (run: string) => Promise<boolean>,
  ) => Promise<readonly Orphan[]>;
  /**
   * There where an attempt may see files and folders of this machine in place. True: this one can be
   * shown, and for a folder also one that is made in it later; what lies at the target until then is
   * of no use to anybody. False: nothing is there.
   */
  readonly prepareShare?: (share: Share) => Promise<boolean>;
  /**
   * There where an attempt in a container may be shown inputs in place. True: it may be given more
   * binds than are known of it now. False: its container may stand already.
   */
  readonly bindsInputs?: (coming: Reservation) => boolean;
  /**
   * There where attempts may find a place that is ready for them. Tells of one to come: what then
   * lies at its `workdir` is nothing, or folders where it will write and no file.
   */
  readonly reserve?: (coming: Reservation) => Promise<void>;
  /**
   * Nobody needs what lies at `workdir` any more. Called once for each that was told of, executed or
   * not; what still lies there when it settles is the caller's to remove.
   */
  readonly release?: (workdir: string) => Promise<void>;
}

/** What is known of an attempt before anything is laid out for it. */
export type Reservation = Pick<Attempt, 'workdir' | 'container' | 'resources' | 'binds' | 'labels'>;

/** An attempt whose run has died. */
export type Orphan = {
  /** As the attempt was given them. */
  readonly labels: Readonly<Record<string, string>>;
  /** For an attempt that goes on with it; undefined where none can. */
  readonly handle: Handle | undefined;
  /** False where that was not possible. */
  readonly end: () => Promise<boolean>;
};

export type Handle = {
  readonly id: string;
  readonly startedAt: Date;
  /** GPUs that it was given, by UUID. */
  readonly devices: readonly string[];
};

export type ImageAnswer =
  | { readonly ok: true; readonly image: string }
  | { readonly ok: false; readonly message: string };

/** A file or folder of this machine and where the attempt sees it. Both absolute. */
export type Bind = {
  readonly source: string;
  readonly target: string;
  readonly writable: boolean;
  /**
   * `device:inode` of the only one that may be shown, whatever lies at `source` by then, and without
   * what is mounted below it.
   */
  readonly identity?: string | undefined;
};

/** A file or folder that is shown read-only where it is wanted, and not copied. */
export type Share = Omit<Bind, 'writable'> & {
  /** What its author calls it. Left out: the source. */
  readonly name?: string;
};

export type Attempt = {
  readonly step: StepId;
  readonly command: readonly [program: string, ...args: string[]];
  /** Absolute. The command's working directory; what it may write lies below it. */
  readonly workdir: string;
  /** Complete: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly resources: Resources;
  /** From now on, also for what runs already. */
  readonly timeoutMs: number | null;
  readonly container: Container | null;
  /** For a container: all that it sees of this machine. Left out: the working directory. */
  readonly binds?: readonly Bind[];
  /** For a local process: what to show in place, each target made by `prepareShare` before. */
  readonly shared?: readonly Share[];
  /** For finding it again after a crash: `home`, `run`, `key`, `workdir`. */
  readonly labels?: Readonly<Record<string, string>>;
  /** GPUs that are leased to it, by UUID. */
  readonly devices?: readonly string[];
  /**
   * It runs already: started by a run that has died. Lost where it has ended meanwhile, or is not
   * what the resources ask for any more.
   */
  readonly adopts?: Handle;
  /** Calls come in the order of the stream's bytes. The chunk is the callee's to keep. */
  readonly onOutput: (stream: 'stdout' | 'stderr', chunk: Buffer) => void;
  /** What is done before it can begin: an image is fetched or built. From 0 to 1. */
  readonly onProgress?: (progress: number, message: string) => void;
  /** Called once, when a local process leads the attempt: for finding orphans after a crash. */
  readonly onStarted?: (pid: number) => void;
  /** Called once, when it runs: how to read what it uses until it has ended. Costs little unread. */
  readonly onRunning?: (gauge: Gauge) => void;
  /** Samples of what it uses, from whoever reads its gauge. */
  readonly onUsage?: (usage: Usage) => void;
  /** A part of that cannot be told any more; called once. */
  readonly onUnsampled?: (message: string) => void;
  /** Aborted when the user is done waiting: no grace period for what is being ended. */
  readonly kill?: AbortSignal;
};

export type Gauge = {
  /** Undefined where it cannot be told; `exact` may cost more. Never rejects. */
  readonly read: (precision: 'quick' | 'exact') => Promise<Reading | undefined>;
  /** The kernel holds the attempt to its memory; otherwise whoever reads has to. */
  readonly holdsMemory: boolean;
};

/** Of all processes of an attempt together. */
export type Reading = {
  /** Processor time since it began. */
  readonly cpuMs: number;
  /** In memory, without what the kernel could drop at once. */
  readonly memoryBytes: number;
};

export type Termination =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: string }
  | { readonly kind: 'cancelled' | 'timed-out' | 'out-of-memory' }
  /** It wrote more than its resources say, to its working directory and to what outlives that. */
  | { readonly kind: 'out-of-disk'; readonly usedBytes: number }
  /** Never began: no such program, image pull failed, submission refused. */
  | { readonly kind: 'not-started'; readonly message: string }
  /** Never began: where what was to be shown had been lay something else, for a moment or for good. */
  | { readonly kind: 'input-replaced'; readonly path: string }
  /** Began, then the machine lost it: node failure, preemption. Safe to retry. */
  | { readonly kind: 'lost'; readonly message: string };

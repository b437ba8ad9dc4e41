/**
 * The Plan: what the compiler hands to the runner. Plain JSON, deterministic (same sources, same
 * bytes, on any machine and locale). Everything that can be known before a run is decided here;
 * what depends on a result is a `Late` value. Unaware of caches, executors and time.
 */
import type { Json } from './canonical-json.ts';
import type { Late } from './expression.ts';
import type { StepId } from './id.ts';

export const PLAN_FORMAT = 1;

export type Plan = {
  readonly format: typeof PLAN_FORMAT;
  readonly pipeline: {
    readonly name: string;
    /** Project-relative path of the pipeline's file. */
    readonly path: string;
    readonly description: string | null;
  };
  /** The plan is for a slice of the data; absent for all of it. */
  readonly sample?: { readonly fraction: number };
  readonly params: Readonly<Record<string, PlannedParam>>;
  /** In an order in which each step comes after all it needs; ties in the order written. */
  readonly steps: readonly PlanStep[];
  /** `outputs:` of the pipeline: name → port. */
  readonly outputs: Readonly<Record<string, OutputRef>>;
};

export type PlannedParam = {
  readonly value: Json;
  /** For people: `pipelines/digits.yaml`, `configs/fast.yaml`, `SLUICE_PARAM_LR`, `-p`. */
  readonly origin: string;
};

export type OutputRef = { readonly step: StepId; readonly port: string };

export type PlanStep = {
  readonly id: StepId;
  /** The name the author wrote; the same for all instances of a matrix step. */
  readonly name: string;
  readonly kind: 'pure' | 'source' | 'effect';
  readonly description: string | null;
  readonly definition: StepDefinition;
  readonly command: Command;
  /** As the step's manifest declares them; empty for a `run` step. */
  readonly params: Readonly<Record<string, Late>>;
  readonly inputs: Readonly<Record<string, PlannedInput>>;
  readonly outputs: Readonly<Record<string, PlannedOutput>>;
  /** Project files laid out at their own paths in the working directory: expanded and sorted. */
  readonly files: readonly string[];
  /** Declared environment: the pipeline's and the step's, merged. */
  readonly env: Readonly<Record<string, Late<string>>>;
  /** Names only. Values come from the environment or `.env` when the step starts. */
  readonly secrets: readonly string[];
  /** False skips the step and all that consumes it. Undecided at compile time when late. */
  readonly condition: Late<boolean>;
  /** Every step this one waits for: from `in`, from expressions, and from `needs`. Sorted. */
  readonly needs: readonly StepId[];
  readonly cache: { readonly enabled: boolean; readonly salt: string | null };
  readonly policy: Policy;
  readonly container: Container | null;
  /** For `source`: prints a token that names the state of the world. Null for other kinds. */
  readonly probe: Command | null;
  /** For `effect`: how to see that the effect is in place. Null for other kinds. */
  readonly check: Check | null;
  /** Effects only: folder below `.sluice/` that the step may write, e.g. `deployments`. */
  readonly state: string | null;
  /**
   * What it is given is made of a slice, so nothing it says is about the whole. An effect is
   * `left-out`: it does not happen. Absent where everything is as in a run on all of the data.
   */
  readonly onSample?: 'runs' | 'left-out';
};

/** Where the step's program is written down; its content is part of every key. */
export type StepDefinition =
  | { readonly kind: 'inline' }
  | {
      readonly kind: 'folder';
      /** `train`, or the folder's own name. */
      readonly step: string;
      readonly version: string;
      /** `library:train` for the shipped library, `project:steps/crop` for one of the project's. */
      readonly folder: string;
      /** Further folders or files, relative to `folder`, that the program uses: part of the key. */
      readonly includes: readonly string[];
      /** npm packages the program uses; their installed versions are part of the key. */
      readonly packages: readonly string[];
    };

/** `shell`: one text for `/bin/sh -c`. `argv`: no shell; a `folder` step's runs in its workdir. */
export type Command =
  | { readonly kind: 'shell'; readonly text: Late<string> }
  | { readonly kind: 'argv'; readonly words: readonly Late<string>[] };

export type PlannedInput = {
  /** As the port declares it: `dataset/table@labelled`. */
  readonly type: string;
  /** True for a port declared as many: its path is a folder of numbered entries. */
  readonly many: boolean;
  readonly from: readonly InputSource[];
  /** Where it lies in the working directory: see workdir.ts. */
  readonly paths: readonly string[];
};

export type InputSource =
  | ({ readonly kind: 'output' } & OutputRef)
  /** A file or folder of the project, relative to its root, without `./`. */
  | { readonly kind: 'project'; readonly path: string };

export type PlannedOutput = {
  readonly type: string;
  /** Where the command writes it in its working directory. */
  readonly path: string;
  /** Project-relative path at which a copy is placed; null for none. */
  readonly to: string | null;
  readonly description: string | null;
};

export type Check =
  /** The step wrote a receipt of what it put into its state folder; the runner verifies that. */
  { readonly kind: 'receipt' } | { readonly kind: 'command'; readonly command: Command };

/** How a step runs. Nothing in here is part of a key. */
export type Policy = {
  readonly resources: Resources;
  readonly timeoutMs: number | null;
  readonly retries: Retries;
  readonly pool: string | null;
};

export type Resources = {
  /** May be fractional; what the scheduler grants and the step sees in SLUICE_STEP. */
  readonly cpus: number;
  /** The same, where its author has written it: then it is a limit as well. */
  readonly cpuLimit?: number;
  readonly memoryBytes: number | null;
  readonly gpus: number;
  readonly gpuMemoryBytes: number | null;
  readonly shmBytes: number | null;
  readonly diskBytes: number | null;
};

export type RetryCause = 'exit' | 'timeout' | 'oom' | 'lost';

export type Retries = {
  readonly max: number;
  readonly on: readonly RetryCause[];
  /** Wait before the first retry; doubles with each. */
  readonly backoffMs: number;
  /** What its memory is multiplied with after each time that it ran out of it; absent for 1. */
  readonly memoryFactor?: number;
};

export type Container = {
  readonly image: string | null;
  /** Project-relative path of a Dockerfile. */
  readonly build: string | null;
  readonly user: string | null;
  readonly entrypoint: readonly string[] | null;
  readonly network: 'none' | 'host' | 'bridge';
  /** What the author loosens of the default confinement; absent for nothing. */
  readonly writableRoot?: boolean;
  /** Linux capabilities given back, as `SYS_PTRACE`. */
  readonly capabilities?: readonly string[];
  /** Most processes and threads at a time. */
  readonly pids?: number;
};

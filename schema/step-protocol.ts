/**
 * What a step and the runner say to each other (language.md §8). `SLUICE_STEP` names a JSON file of
 * type StepCall; the step appends StepReport lines to the file that `SLUICE_EVENTS` names. All
 * paths in a call are relative to the working directory, except `state`.
 */
import type { Json } from './canonical-json.ts';

export const STEP_CALL_FORMAT = 1;

export type StepCall = {
  readonly format: typeof STEP_CALL_FORMAT;
  /** The step's address in the run: `train[lr=0.1]`. */
  readonly step: string;
  readonly params: Readonly<Record<string, Json>>;
  readonly in: Readonly<Record<string, CallInput>>;
  readonly out: Readonly<Record<string, { readonly path: string; readonly type: string }>>;
  /** The `seed` parameter where there is one, else 0. */
  readonly seed: number;
  /** 1 for the first try. */
  readonly attempt: number;
  readonly resources: { readonly cpus: number; readonly memoryBytes: number | null };
  /**
   * A folder that survives a failed or killed attempt of the same key, for checkpoints; empty when
   * nothing was saved. It is removed once the step has succeeded.
   */
  readonly scratch: string;
  /** Effects only: absolute path of the folder that the step may write. */
  readonly state: string | null;
  /** Effects only: where this run comes from, for their records. Null for other kinds. */
  readonly provenance: Provenance | null;
};

export type CallInput = {
  readonly type: string;
  readonly many: boolean;
  /** One entry unless `many`. */
  readonly items: readonly { readonly path: string; readonly digest: string }[];
};

export type Provenance = {
  readonly run: string;
  readonly pipeline: string;
  readonly commit: string | null;
  readonly dirty: boolean;
  readonly user: string;
  readonly host: string;
  /** ISO 8601, UTC. */
  readonly at: string;
};

/** One line of SLUICE_EVENTS. Lines that are none of these are ignored and counted. */
export type StepReport =
  /** 0..1, and what it is about. */
  | { readonly progress: number; readonly message?: string }
  | { readonly metric: Readonly<Record<string, number>>; readonly step?: number }
  | { readonly warning: string };

/**
 * What an effect with `check: receipt` leaves at `out/.receipt.json`: the files below its state
 * folder that its effect consists of. The runner hashes them to see whether it is still in place.
 */
export type Receipt = {
  /** Path relative to the state folder → SHA-256 of the file's bytes, or `link:<target>`. */
  readonly files: Readonly<Record<string, string>>;
};

export const RECEIPT_PATH = 'out/.receipt.json';

/** What watching a pipeline takes from the world and gives to it, as types; see session.ts. */
import type { Plan } from '../../schema/plan.ts';
import type { PlannedProject } from '../compilation.ts';
import type { Wish } from './keys.ts';
import type { Round } from './round.ts';
import type { Sight } from './sight.ts';
import type { WatchSet } from './watch-set.ts';

export type Notice =
  /** Something at these paths, or below them, may have changed. */
  | { readonly kind: 'changed'; readonly paths: ReadonlySet<string> }
  | { readonly kind: 'wished'; readonly wish: Wish }
  | { readonly kind: 'ended'; readonly round: Round };

export type Compiled = {
  readonly planned: PlannedProject | undefined;
  /** What is wrong with the pipeline, and warnings; '' for nothing. */
  readonly diagnostics: string;
  /** For a broken pipeline: with what the steps of the last good plan read. */
  readonly set: WatchSet;
};

/** Which steps a round is about, undefined for all; and which execute whatever is known of them. */
export type RoundSteps = {
  readonly only: ReadonlySet<string> | undefined;
  readonly force: ReadonlySet<string> | undefined;
};

export type SessionPorts = {
  /** `good`: the last plan that compiled. */
  readonly compile: (good: Plan | undefined) => Promise<Compiled>;
  readonly lookAgain: (before: Sight, paths: Iterable<string>, set: WatchSet) => Promise<Sight>;
  /** Settles when no change of the set can be missed any more: true where that took new watches. */
  readonly follow: (set: WatchSet) => Promise<boolean>;
  /** Undefined: it cannot be run here, and that has been said. */
  readonly startRound: (planned: PlannedProject, steps: RoundSteps) => Promise<Round | undefined>;
  readonly wait: (timeMs: number) => Promise<void>;
  /** Is somebody known to be in the middle of something: does git hold its lock? */
  readonly isMoving: () => boolean;
  /** Has everything looked at, once nothing is on the move: a change may have gone unnoticed. */
  readonly checkAll: () => void;
  readonly tell: SessionWords;
};

/** What there is to say, wherever it then is shown. */
export type SessionWords = {
  readonly broken: (diagnostics: string, hasGoodPlan: boolean) => void;
  readonly warned: (diagnostics: string) => void;
  readonly changed: (paths: readonly string[], kept: readonly string[]) => void;
  readonly unchanged: () => void;
  readonly notice: (text: string) => void;
  readonly roundEnded: (round: Round) => Promise<void>;
  readonly idle: (filter: string) => void;
};

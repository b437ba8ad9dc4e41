/**
 * What the end of a step means for those that need it. Pure; unaware of when they are told.
 */
import type { Outcome } from '../schema/event.ts';
import type { StepId } from '../schema/id.ts';

/** A need that has ended. */
type EndedNeed = { readonly step: StepId; readonly outcome: Outcome };

export const notReached: Outcome = { kind: 'skipped', because: 'not-reached', need: null };

/** How a step ends that `consumes` outputs of these steps: undefined when it may go on. */
export function consequence(
  { step, outcome }: EndedNeed,
  consumes: ReadonlySet<string>,
): Outcome | undefined {
  if (outcome.kind === 'failed') return { kind: 'skipped', because: 'need-failed', need: step };
  if (outcome.kind === 'cancelled') {
    return { kind: 'skipped', because: 'need-cancelled', need: step };
  }
  if (outcome.kind !== 'skipped') return undefined;
  switch (outcome.because) {
    case 'need-failed':
    case 'need-cancelled':
      return outcome;
    case 'not-reached':
      return notReached;
    case 'condition':
    case 'sample':
    case 'need-skipped': {
      // A need for order alone has nothing to give that could be missed.
      if (!consumes.has(step)) return undefined;
      const root = outcome.because === 'need-skipped' ? outcome.need : step;
      return { kind: 'skipped', because: 'need-skipped', need: root };
    }
    default:
      return undefined;
  }
}

/** Did what the step took decide how it ended? Then something else may end it otherwise. */
export const isRevocable = (outcome: Outcome): boolean =>
  outcome.kind === 'skipped'
    ? outcome.because === 'condition' || outcome.because === 'need-skipped'
    : outcome.kind !== 'cancelled';

/**
 * What each step has printed, kept together until it is told in one piece: steps that run beside one
 * another take turns in printing. Bounded; the rest is in the step's log.
 */
import type { RunEvent } from '../schema/event.ts';
import type { StepId } from '../schema/id.ts';
import { logLines } from './log-text.ts';

export type Gathered = {
  readonly add: (event: Extract<RunEvent, { type: 'step-output' }>) => void;
  /** Everything it printed, of a progress bar its last state; forgotten by then. */
  readonly take: (step: StepId) => string;
};

/** Of one step: the runner sends about as much. */
const LIMIT = 512 * 1024;

export function gather(): Gathered {
  const printed = new Map<StepId, string>();
  return {
    add: ({ step, text }) => {
      const before = printed.get(step) ?? '';
      if (before.length < LIMIT) printed.set(step, before + text);
    },
    take: step => {
      const text = printed.get(step) ?? '';
      printed.delete(step);
      return logLines(text).join('\n');
    },
  };
}

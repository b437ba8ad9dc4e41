/**
 * Which steps of a running plan no longer hold once another plan has taken its place. Errs on the
 * side of stale: what is kept must be what the new plan would have made. Pure. A wrong answer costs
 * time and never a wrong result: the runner judges every step by its key.
 */
import { selectSteps } from '../../runner/selection.ts';
import type { StepId } from '../../schema/id.ts';
import type { Plan, PlanStep } from '../../schema/plan.ts';
import { isWithin, type Places, treesOf } from './watch-set.ts';

export type Change = {
  readonly before: Plan;
  readonly after: Plan;
  /** Absolute paths whose content is not what it was. */
  readonly changed: readonly string[];
  /** What of the plan after is to run; undefined for all of it. */
  readonly only: ReadonlySet<string> | undefined;
};

export function staleSteps(
  { before, after, changed, only }: Change,
  places: Places,
): ReadonlySet<StepId> {
  const now = new Map(selectSteps(after.steps, only).map(step => [step.id, step]));
  const stale = new Set<StepId>();
  // A plan has needs before those who need them: one pass carries staleness all the way down.
  for (const step of before.steps) {
    const successor = now.get(step.id);
    const holds =
      successor !== undefined &&
      essence(step) === essence(successor) &&
      !step.needs.some(need => stale.has(need)) &&
      !treesOf(step, places).some(tree => changed.some(path => isWithin(path, tree)));
    if (!holds) stale.add(step.id);
  }
  return stale;
}

/** All of a step but what is only for people, and how it is scheduled. */
function essence(step: PlanStep): string {
  const { description, policy, ...rest } = step;
  return JSON.stringify(rest); // Plans are deterministic: the same step is the same text.
}

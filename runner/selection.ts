/** Which steps of a plan a run is about. */
import type { StepId } from '../schema/id.ts';
import type { PlanStep } from '../schema/plan.ts';

/** The chosen steps, by address or by name, and all that they need; in the plan's order. */
export function selectSteps(
  steps: readonly PlanStep[],
  only: ReadonlySet<string> | undefined,
): readonly PlanStep[] {
  if (only === undefined) return steps;
  const wanted = new Set<string>();
  // The plan's order has needs first, so that one pass from the end finds all of them.
  for (const step of steps.toReversed()) {
    if (!isNamed(step, only) && !wanted.has(step.id)) continue;
    wanted.add(step.id);
    for (const need of step.needs) wanted.add(need);
  }
  return steps.filter(({ id }) => wanted.has(id));
}

/** Steps that the user asks for by name: for what they make, not for its being known. */
export const namedSteps = (
  steps: readonly PlanStep[],
  only: ReadonlySet<string> | undefined,
): Set<StepId> =>
  new Set(steps.filter(step => only !== undefined && isNamed(step, only)).map(({ id }) => id));

const isNamed = ({ id, name }: PlanStep, only: ReadonlySet<string>): boolean =>
  only.has(id) || only.has(name);

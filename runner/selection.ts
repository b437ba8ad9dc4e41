/** Which steps of a plan a run is about. */
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
    if (!only.has(step.id) && !only.has(step.name) && !wanted.has(step.id)) continue;
    wanted.add(step.id);
    for (const need of step.needs) wanted.add(need);
  }
  return steps.filter(({ id }) => wanted.has(id));
}

/** Which steps the next rounds are about, and in words. Pure. */
import type { StepId } from '../../schema/id.ts';
import type { Plan } from '../../schema/plan.ts';

export type Filter =
  | { readonly kind: 'all' }
  /** As `--step` names them: addresses, or names of all instances. */
  | { readonly kind: 'steps'; readonly names: readonly string[] }
  /** Part of an address, as somebody typed it. */
  | { readonly kind: 'text'; readonly text: string };

/** Undefined: the whole plan. `none`: the filter fits no step of it. */
export function chosenSteps(plan: Plan, filter: Filter): ReadonlySet<string> | undefined | 'none' {
  if (filter.kind === 'all') return undefined;
  const fits = (id: StepId, name: string) =>
    filter.kind === 'steps'
      ? filter.names.some(wanted => wanted === id || wanted === name)
      : id.includes(filter.text);
  const chosen = plan.steps.filter(({ id, name }) => fits(id, name)).map(({ id }) => id);
  return chosen.length === 0 ? 'none' : new Set(chosen);
}

export function describeFilter(filter: Filter): string {
  if (filter.kind === 'all') return '';
  return filter.kind === 'steps' ? filter.names.join(', ') : `*${filter.text}*`;
}

/**
 * Tells of secrets that have no value before the turn of the steps that want them: after hours of
 * training it is too late to learn that nothing can be deployed. A run that executes nothing needs
 * none, and is told nothing. Unaware of values.
 */
import type { StepId } from '../schema/id.ts';
import type { PlanStep } from '../schema/plan.ts';
import type { Secrets } from './secrets.ts';

export type MissingSecret = { readonly name: string; readonly steps: readonly StepId[] };

/** How many steps are named. */
const NAMED = 3;

export function missingText({ name, steps }: MissingSecret): string {
  const more = steps.length - NAMED;
  const named = steps.slice(0, NAMED).map(step => `\`${step}\``);
  const who = `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return `${who} will fail when ${steps.length === 1 ? 'its' : 'their'} turn comes: the secret \`${name}\` is set neither in the environment nor in .env`;
}

export class MissingSecrets {
  readonly #steps: readonly PlanStep[];
  /** Those that nobody was told of yet, with the steps that want them. */
  readonly #untold: Map<string, readonly StepId[]>;

  /** `steps` in the plan's order. */
  constructor(steps: readonly PlanStep[], secrets: Secrets) {
    this.#steps = steps;
    const lacking = steps.flatMap(({ id, secrets: wanted }) =>
      wanted.filter(name => !secrets.has(name)).map(name => ({ name, id })),
    );
    const byName = Map.groupBy(lacking, ({ name }) => name);
    this.#untold = new Map([...byName].map(([name, steps]) => [name, steps.map(({ id }) => id)]));
  }

  /** What steps will lack that come after this one, which executes. Each secret once. */
  before(first: StepId): readonly MissingSecret[] {
    if (this.#untold.size === 0) return [];
    const coming = this.#after(first);
    const missing = [...this.#untold].map(([name, steps]) => ({
      name,
      steps: steps.filter(step => coming.has(step)),
    }));
    const told = missing.filter(({ steps }) => steps.length > 0);
    for (const { name } of told) this.#untold.delete(name);
    return told;
  }

  /** The plan's order has needs first, so that one pass finds all of them. */
  #after(first: StepId): ReadonlySet<StepId> {
    const reached = new Set([first]);
    for (const { id, needs } of this.#steps) {
      if (needs.some(need => reached.has(need))) reached.add(id);
    }
    reached.delete(first); // It says so itself.
    return reached;
  }
}

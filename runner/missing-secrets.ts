/**
 * Tells of secrets that have no value before the turn of the steps that want them: after hours of
 * training it is too late to learn that nothing can be deployed. A run that executes nothing needs
 * none, and is told nothing. Unaware of values.
 */
import type { StepId } from '../schema/id.ts';
import type { PlanStep } from '../schema/plan.ts';
import { type Secrets, unsetText } from './secrets.ts';

export type MissingSecret = { readonly name: string; readonly steps: readonly StepId[] };

export class MissingSecrets {
  /** Those that nobody was told of yet, with the steps that want them. */
  readonly #untold = new Map<string, Set<StepId>>();
  /** What is missing for a step, or for one that comes after it. */
  readonly #atOrAfter = new Map<StepId, Set<string>>();

  /** `steps` in the plan's order, which has needs first. */
  constructor(steps: readonly PlanStep[], secrets: Secrets) {
    const lacking = steps.filter(isEverReached).flatMap(({ id, secrets: wanted }) => {
      return wanted.filter(name => !secrets.has(name)).map(name => ({ id, name }));
    });
    for (const { id, name } of lacking) added(this.#untold, name, id);
    for (const { id, name } of lacking) added(this.#atOrAfter, id, name);
    if (lacking.length === 0) return;
    for (const { id, needs } of steps.toReversed()) {
      for (const name of this.#atOrAfter.get(id) ?? []) {
        for (const need of needs) added(this.#atOrAfter, need, name);
      }
    }
  }

  /**
   * What steps will lack that come after this one, which executes: each secret once, with all that
   * want it and have not ended. What the step itself lacks it says itself.
   */
  before(first: StepId, hasEnded: (step: StepId) => boolean): readonly MissingSecret[] {
    const missing: MissingSecret[] = [];
    for (const name of this.#atOrAfter.get(first) ?? []) {
      const wanting = [...(this.#untold.get(name) ?? [])];
      const steps = wanting.filter(step => step !== first && !hasEnded(step));
      if (steps.length === 0) continue;
      this.#untold.delete(name);
      missing.push({ name, steps });
    }
    return missing;
  }
}

function added<K, V>(sets: Map<K, Set<V>>, key: K, value: V): void {
  const known = sets.get(key) ?? new Set();
  sets.set(key, known.add(value));
}

const isEverReached = ({ condition }: PlanStep): boolean =>
  condition.kind !== 'known' || condition.value;

/** How many steps are named. */
const NAMED = 3;

export function missingText({ name, steps }: MissingSecret): string {
  const more = steps.length - NAMED;
  const named = steps.slice(0, NAMED).map(step => `\`${step}\``);
  const who = `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  const fails = steps.length === 1 ? 'fails if it has' : 'fail if they have';
  return `${who} ${fails} to execute: the ${unsetText(name)}`;
}

/**
 * What each step measured in its latest round, so that the next one can be compared with it. For a
 * step that has only been hit so far, that is what the run measured that made it.
 */
import { readEvents } from '../../runner/history.ts';
import type { RunEvent } from '../../schema/event.ts';
import type { RunId, StepId } from '../../schema/id.ts';
import type { Metrics } from '../../ui/metric-change.ts';

export class MetricMemory {
  readonly #part: string;
  readonly #known = new Map<StepId, Metrics>();
  readonly #madeBy = new Map<StepId, RunId>();
  #fresh = new Map<StepId, Metrics>();

  constructor(part: string) {
    this.#part = part;
  }

  read(event: RunEvent): void {
    if (event.type === 'step-metric') {
      this.#fresh.set(event.step, { ...this.#fresh.get(event.step), ...event.values });
    } else if (event.type === 'step-finished' && 'madeBy' in event.outcome) {
      // Kept from another round, its figures have been heard already.
      this.#madeBy.set(event.step, event.outcome.madeBy);
    }
  }

  /** Of the steps that have measured something since the last call. */
  async comparisons(): Promise<ReadonlyMap<StepId, { before: Metrics; after: Metrics }>> {
    const compared = new Map<StepId, { before: Metrics; after: Metrics }>();
    const fresh = this.#fresh;
    this.#fresh = new Map();
    for (const [step, after] of fresh) {
      compared.set(step, { before: this.#known.get(step) ?? (await this.#recorded(step)), after });
      this.#known.set(step, after);
    }
    return compared;
  }

  async #recorded(step: StepId): Promise<Metrics> {
    const run = this.#madeBy.get(step);
    let metrics: Metrics = {};
    if (run === undefined) return metrics;
    for await (const event of readEvents(this.#part, run)) {
      if (event.type === 'step-metric' && event.step === step)
        metrics = { ...metrics, ...event.values };
    }
    return metrics;
  }
}

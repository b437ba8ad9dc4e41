/**
 * A run as a trace for Chrome, Perfetto or speedscope: when each attempt ran, beside which others.
 * Reads events as they come; unaware of where the file goes.
 */
import type { RunEvent, Stamped } from '../schema/event.ts';
import type { StepId } from '../schema/id.ts';

type Open = { readonly lane: number; readonly at: number; readonly attempt: number };

/** Microseconds, as the format wants them. */
const MICRO = 1000;

export class ChromeTrace {
  readonly #entries: object[] = [];
  readonly #open = new Map<StepId, Open>();

  read(event: Stamped<RunEvent>): void {
    const { at } = event;
    switch (event.type) {
      case 'run-started':
        this.#name(`${event.pipeline} ${event.run}`);
        break;
      case 'step-started': {
        const { step, attempt } = event;
        this.#open.set(step, { lane: this.#freeLane(), at, attempt });
        break;
      }
      case 'step-retried':
        this.#close(event.step, at, { failed: event.failure.class });
        break;
      case 'step-reopened':
        this.#close(event.step, at, { outcome: 'begun anew' });
        break;
      case 'step-finished': {
        const { step, key, outcome } = event;
        if (this.#open.has(step)) this.#close(step, at, { outcome: outcome.kind, key });
        else this.#mark(`${step}: ${outcome.kind}`, at, { key });
        break;
      }
      case 'step-metric':
        for (const [name, value] of Object.entries(event.values))
          this.#count(event.step, name, at, value);
        break;
      case 'step-usage':
        this.#count(event.step, 'cores', at, event.cpuCores);
        this.#count(event.step, 'memory', at, event.memoryBytes);
        for (const { index, utilization } of event.gpus)
          if (utilization !== null) this.#count(event.step, `GPU ${index}`, at, utilization);
        break;
    }
  }

  /** The whole file, as JSON. */
  file(): string {
    return `${JSON.stringify({ traceEvents: this.#entries, displayTimeUnit: 'ms' })}\n`;
  }

  #name(name: string): void {
    this.#entries.push({ name: 'process_name', ph: 'M', pid: 1, args: { name } });
  }

  /** The lowest lane that is free: what runs at the same time stands side by side. */
  #freeLane(): number {
    const taken = new Set([...this.#open.values()].map(({ lane }) => lane));
    let lane = 1;
    while (taken.has(lane)) lane += 1;
    return lane;
  }

  #close(step: StepId, at: number, args: object): void {
    const begun = this.#open.get(step);
    if (begun === undefined) return;
    this.#open.delete(step);
    const { lane, attempt } = begun;
    const name = attempt > 1 ? `${step} (try ${attempt})` : step;
    const dur = Math.max(0, at - begun.at) * MICRO;
    const when = { tid: lane, ts: begun.at * MICRO, dur };
    this.#entries.push({ name, cat: 'step', ph: 'X', pid: 1, ...when, args });
  }

  #mark(name: string, at: number, args: object): void {
    const when = { tid: 0, ts: at * MICRO };
    this.#entries.push({ name, cat: 'cache', ph: 'i', s: 'p', pid: 1, ...when, args });
  }

  #count(step: StepId, name: string, at: number, value: number): void {
    const entry = { name: `${step} ${name}`, ph: 'C', pid: 1, ts: at * MICRO, args: { value } };
    this.#entries.push(entry);
  }
}

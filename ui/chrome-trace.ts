/**
 * A run as a trace for Chrome, Perfetto or speedscope: when each attempt ran, beside which others.
 * Reads events as they come; unaware of where the file goes.
 */
import type { RunEvent, Stamped } from '../schema/event.ts';
import type { StepId } from '../schema/id.ts';

export type TraceReader = {
  readonly read: (event: Stamped<RunEvent>) => void;
  /** The whole file, as JSON. */
  readonly file: () => string;
};

type Open = { readonly lane: number; readonly at: number; readonly attempt: number };

/** Microseconds, as the format wants them. */
const MICRO = 1000;

export function chromeTrace(): TraceReader {
  const entries: object[] = [];
  const open = new Map<StepId, Open>();

  /** The lowest lane that is free: what runs at the same time stands side by side. */
  const freeLane = (): number => {
    const taken = new Set([...open.values()].map(({ lane }) => lane));
    let lane = 1;
    while (taken.has(lane)) lane += 1;
    return lane;
  };
  const close = (step: StepId, at: number, args: object): void => {
    const begun = open.get(step);
    if (begun === undefined) return;
    open.delete(step);
    const { lane, attempt } = begun;
    const duration = Math.max(0, at - begun.at) * MICRO;
    const name = attempt > 1 ? `${step} (try ${attempt})` : step;
    entries.push({
      name,
      cat: 'step',
      ph: 'X',
      pid: 1,
      tid: lane,
      ts: begun.at * MICRO,
      dur: duration,
      args,
    });
  };
  const mark = (name: string, at: number, args: object): void => {
    entries.push({ name, cat: 'cache', ph: 'i', s: 'p', pid: 1, tid: 0, ts: at * MICRO, args });
  };

  const count = (step: StepId, name: string, at: number, value: number): void => {
    entries.push({ name: `${step} ${name}`, ph: 'C', pid: 1, ts: at * MICRO, args: { value } });
  };

  return {
    read: event => {
      const { at } = event;
      switch (event.type) {
        case 'run-started':
          entries.push({
            name: 'process_name',
            ph: 'M',
            pid: 1,
            args: { name: `${event.pipeline} ${event.run}` },
          });
          break;
        case 'step-started':
          open.set(event.step, { lane: freeLane(), at, attempt: event.attempt });
          break;
        case 'step-retried':
          close(event.step, at, { failed: event.failure.class });
          break;
        case 'step-reopened':
          close(event.step, at, { outcome: 'begun anew' });
          break;
        case 'step-finished': {
          const { kind } = event.outcome;
          if (open.has(event.step)) close(event.step, at, { outcome: kind, key: event.key });
          else mark(`${event.step}: ${kind}`, at, { key: event.key });
          break;
        }
        case 'step-metric':
          for (const [name, value] of Object.entries(event.values))
            count(event.step, name, at, value);
          break;
        case 'step-usage':
          count(event.step, 'cores', at, event.cpuCores);
          count(event.step, 'memory', at, event.memoryBytes);
          for (const { index, utilization } of event.gpus) {
            if (utilization !== null) count(event.step, `GPU ${index}`, at, utilization);
          }
          break;
      }
    },
    file: () => `${JSON.stringify({ traceEvents: entries, displayTimeUnit: 'ms' })}\n`,
  };
}

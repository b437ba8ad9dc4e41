/**
 * One emitter, one order: stamps events with a gapless `seq` and a monotonic `at`, and hands each
 * to every listener. Unaware of what the events mean.
 */
import type { RunEvent, Stamped } from '../schema/event.ts';
import type { Clock } from './clock.ts';

export type Emit = (event: RunEvent) => void;

export function eventStream(clock: Clock, listeners: readonly ((event: Stamped) => void)[]): Emit {
  const start = clock.elapsed();
  let seq = 0;
  return event => {
    const stamped = { ...event, seq, at: Math.max(0, Math.round(clock.elapsed() - start)) };
    seq += 1;
    for (const listener of listeners) listener(stamped);
  };
}

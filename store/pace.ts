/**
 * Lets long work on many small things give way, so that a screen keeps moving and Ctrl-C is heard.
 * Unaware of the work.
 */
import { setImmediate } from 'node:timers/promises';

/** How long other work may be kept waiting. */
const SLICE_MS = 10;

/** Reading the clock is not free either: only now and then. */
const STRIDE = 64;

/** To be called, and awaited when it answers with a promise, after each small thing. */
export function pacer(): () => Promise<void> | undefined {
  let [count, since] = [0, performance.now()];
  return () => {
    if (++count % STRIDE !== 0 || performance.now() - since < SLICE_MS) return undefined;
    return setImmediate().then(() => {
      since = performance.now();
    });
  };
}

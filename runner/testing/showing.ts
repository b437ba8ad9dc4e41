/** An executor that says yes to everything that may be shown to its attempts in place. */
import type { HeldExecutor } from './held-executor.ts';
import { type Part, playing } from './playing.ts';

/** Bytes from which on a file or folder is shown and not copied. */
export const LARGE = 32 * 1024 * 1024;

export const showing = (parts: Readonly<Record<string, Part>>): HeldExecutor => ({
  ...playing(parts),
  prepareShare: () => Promise.resolve(true),
});

/** Executors that play their steps by a table: what each writes, and how it ends. */
import type { HeldExecutor, HeldStep } from './held-executor.ts';
import { heldExecutor } from './held-executor.ts';

export type Part =
  /** Path → content below the working directory; the step then exits with 0. */
  Readonly<Record<string, string>> | ((step: HeldStep) => void);

/** A step without a part ends well and writes nothing. */
export const playing = (parts: Readonly<Record<string, Part>> = {}): HeldExecutor =>
  heldExecutor(step => {
    const part = parts[step.step] ?? {};
    if (typeof part === 'function') {
      part(step);
      return true;
    }
    for (const [path, content] of Object.entries(part)) step.write(path, content);
    step.exit(0);
    return true;
  });

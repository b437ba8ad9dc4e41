/**
 * How many files this process may hold open at once, as far as the system says. Unaware of who holds
 * them.
 */
import { readFileSync } from 'node:fs';

/** Infinity where there is no limit, or nobody says. */
export const descriptorLimit = (): number => limitIn(procLimits());

/** The soft limit, of the lines in `/proc/self/limits`. */
export function limitIn(text: string): number {
  const [, soft] = /^Max open files\s+(\d+)/m.exec(text) ?? [];
  return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
}

function procLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return ''; // Other systems.
  }
}

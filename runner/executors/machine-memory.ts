/** What the kernel tells about memory that ran out. Unaware of who was killed. */
import { readFileSync } from 'node:fs';

/** The kernel counts much to answer: attempts that begin this close together ask once. */
const SHARED_MS = 100;

let known = { kills: 0, at: Number.NEGATIVE_INFINITY };

/** As of a moment ago, for comparison with what it will be. */
export function recentOutOfMemoryKills(): number {
  const now = performance.now();
  if (now - known.at > SHARED_MS) known = { kills: outOfMemoryKills(), at: now };
  return known.kills;
}

/** How often the kernel has killed for want of memory; 0 where it does not tell. */
export function outOfMemoryKills(): number {
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'latin1'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** What the kernel tells about memory that ran out. Unaware of who was killed. */
import { readFileSync } from 'node:fs';

/** How often the kernel has killed for want of memory; 0 where it does not tell. */
export function outOfMemoryKills(): number {
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'latin1'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

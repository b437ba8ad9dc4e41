/**
 * Waits for what is half done: a file that is just being saved, a checkout that has only begun.
 * Unaware of what follows from what is then found.
 */
import type { SessionPorts } from './session-ports.ts';
import { ABSENT, differences, EMPTY, type Sight } from './sight.ts';
import type { WatchSet } from './watch-set.ts';

const PAUSE_MS = 80;
/** A file that has vanished or is empty is mostly one that is being saved. */
const PAUSES_FOR_A_SAVE = 3;
/** For who is known to be at work; a lock that was left behind must not stop us for ever. */
const PAUSES_FOR_GIT = 100;

export async function lookUntilWhole(
  { lookAgain, wait }: SessionPorts,
  seen: Sight,
  paths: Iterable<string>,
  set: WatchSet,
): Promise<Sight> {
  for (let pauses = PAUSES_FOR_A_SAVE; ; pauses -= 1) {
    const now = await lookAgain(seen, paths, set);
    const isTorn = differences(seen, now).some(path =>
      [ABSENT, EMPTY].includes(now.get(path) ?? ''),
    );
    if (!isTorn || pauses === 0) return now;
    await wait(PAUSE_MS);
  }
}

/** At least a moment, and then until git lets go of its lock. */
export async function waitUntilStill({ wait, isMoving }: SessionPorts): Promise<void> {
  let pauses = PAUSES_FOR_GIT;
  do {
    await wait(PAUSE_MS);
    pauses -= 1;
  } while (isMoving() && pauses > 0);
}

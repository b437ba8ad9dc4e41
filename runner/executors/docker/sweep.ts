/**
 * Containers that a run left behind because it died: found by their labels and removed. Unaware of
 * what they did.
 */
import { ask, type Engine } from './engine.ts';
import { LABEL } from './specification.ts';

/** Returns how many there were. `home` is the project's `.sluice`; `isDead` asks about a run's id. */
export async function removeOrphans(
  { client }: Engine,
  home: string,
  isDead: (run: string) => Promise<boolean>,
): Promise<number> {
  const filters = { label: [`${LABEL}home=${home}`] };
  // Where no engine answers there is nothing to remove, and a step that needs it will say so.
  const found = await ask(() => client.listContainers({ all: true, filters }));
  if (!found.ok) return 0;
  let removed = 0;
  for (const { Id, Labels } of found.value) {
    const run = Labels[`${LABEL}run`];
    if (run === undefined || !(await isDead(run))) continue;
    const gone = await ask(() => client.getContainer(Id).remove({ force: true, v: true }));
    if (gone.ok) removed += 1;
  }
  return removed;
}

/**
 * Containers that a run left behind because it died: found by their labels. Unaware of
 * what they did.
 */
import type { Orphan } from '../executor.ts';
import { ask, type Engine } from './engine.ts';
import { LABEL } from './specification.ts';

/** `home` is the project's `.sluice`; `isDead` asks about a run's id. */
export async function findOrphans(
  { client }: Engine,
  home: string,
  isDead: (run: string) => Promise<boolean>,
): Promise<readonly Orphan[]> {
  const filters = { label: [`${LABEL}home=${home}`] };
  // Where no engine answers there is nothing to find, and a step that needs it will say so.
  const found = await ask(() => client.listContainers({ all: true, filters }));
  if (!found.ok) return [];
  const orphans: Orphan[] = [];
  for (const { Id, Labels, State, Created } of found.value) {
    const labels = ownLabels(Labels);
    const { run, key, devices = '', warm } = labels;
    if (run === undefined || !(await isDead(run))) continue;
    // One that has ended may have been ended by the engine: nobody saw how.
    const canGoOn = State === 'running' && key !== undefined && warm === undefined;
    const startedAt = new Date(Created * 1_000);
    const handle = { id: Id, startedAt, devices: devices.split(',').filter(Boolean) };
    const end = async () =>
      (await ask(() => client.getContainer(Id).remove({ force: true, v: true }))).ok;
    orphans.push({ labels, handle: canGoOn ? handle : undefined, end });
  }
  return orphans;
}

const ownLabels = (labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(labels).flatMap(([name, value]) =>
      name.startsWith(LABEL) ? [[name.slice(LABEL.length), value]] : [],
    ),
  );

/**
 * Containers that a run left behind because it died: found by their labels. Unaware of
 * what they did.
 */
import type Docker from 'dockerode';
import type { Orphan } from '../executor.ts';
import { ask, type Engine, removeContainer } from './engine.ts';
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
  for (const { Id, Labels } of found.value) {
    const labels = ownLabels(Labels);
    const { run, key, warm } = labels;
    if (run === undefined || !(await isDead(run))) continue;
    const container = client.getContainer(Id);
    const canGoOn = key !== undefined && warm === undefined;
    const handle = canGoOn ? await handleOf(container, labels) : undefined;
    const end = async () => (await removeContainer(container)).ok;
    orphans.push({ labels, handle, end });
  }
  return orphans;
}

/** Undefined for one that has ended: the engine may have ended it, and nobody saw how. */
async function handleOf(
  container: Docker.Container,
  { devices = '' }: Orphan['labels'],
): Promise<Orphan['handle']> {
  const found = await ask(() => container.inspect());
  if (!found.ok || !found.value.State.Running) return undefined;
  const { Id, State } = found.value;
  const startedAt = new Date(State.StartedAt);
  return { id: Id, startedAt, devices: devices.split(',').filter(Boolean) };
}

const ownLabels = (labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(labels).flatMap(([name, value]) =>
      name.startsWith(LABEL) ? [[name.slice(LABEL.length), value]] : [],
    ),
  );

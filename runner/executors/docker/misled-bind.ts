/**
 * Whether a container sees what it was meant to: the engine mounts by path, and a path may have led
 * elsewhere at that moment. Unaware of what is shown, and why.
 */
import type Docker from 'dockerode';
import { identityAt } from '../../file-identity.ts';
import type { Bind } from '../executor.ts';
import { askWithin } from './engine.ts';

/** A busy engine takes seconds to answer. */
const ANSWER_MS = 20_000;

/**
 * The first of those with an identity that is not it. What the container sees can be told while it
 * runs, by its user and by root; else the path has to do.
 */
export async function misledBind(
  container: Docker.Container,
  binds: readonly Bind[] = [],
): Promise<Bind | undefined> {
  const meant = binds.filter(({ identity }) => identity !== undefined);
  if (meant.length === 0) return undefined;
  const found = await askWithin(ANSWER_MS, () => container.inspect());
  const pid = found.ok ? found.value.State.Pid : 0;
  const seen = ({ source, target }: Bind) =>
    (pid > 0 ? identityAt(`/proc/${pid}/root${target}`) : undefined) ?? identityAt(source);
  return meant.find(bind => seen(bind) !== bind.identity);
}

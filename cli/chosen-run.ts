/** Which recorded run a command means: `latest`, an id, or the unique start or end of one. */
import { runIds } from '../runner/history.ts';
import type { RunId } from '../schema/id.ts';
import { usageError } from './usage.ts';

export async function chooseRun(home: string, named: string | undefined): Promise<RunId> {
  const ids = await runIds(home);
  const [latest] = ids;
  if (latest === undefined) throw usageError('there is no run yet', '`sluice run` makes one');
  if (named === undefined || named === 'latest') return latest;
  const matching = ids.filter(id => id.startsWith(named) || id.endsWith(named));
  const [match, ...others] = matching;
  if (match === undefined)
    throw usageError(`there is no run \`${named}\``, '`sluice runs` lists them');
  if (others.length > 0) {
    throw usageError(`\`${named}\` may be ${matching.slice(0, 4).join(', ')}`, 'write more of it');
  }
  return match;
}

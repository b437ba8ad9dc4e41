/** Which recorded run a command means: `latest`, an id, or the unique start or end of one. */
import { isRecorded, readRecordedRun, runIds } from '../runner/history.ts';
import type { RunId } from '../schema/id.ts';
import { sampleText, shareText } from '../ui/words.ts';
import { usageError, worldError } from './usage.ts';

export function chooseRun(
  part: string,
  named: string | undefined,
  help = '`sluice runs` lists them',
): RunId {
  const ids = runIds(part);
  const none = () => usageError('there is no run yet', '`sluice run` makes one');
  if (ids.length === 0) throw none();
  if (named === undefined || named === 'latest') {
    const latest = ids.find(id => isRecorded(part, id));
    if (latest !== undefined) return latest;
    throw none();
  }
  const matching = ids.filter(id => id.startsWith(named) || id.endsWith(named));
  const [match, ...others] = matching;
  if (match === undefined) throw usageError(`there is no run \`${named}\``, help);
  if (others.length > 0) {
    throw usageError(`\`${named}\` may be ${matching.slice(0, 4).join(', ')}`, 'write more of it');
  }
  if (isRecorded(part, match)) return match;
  throw worldError(
    `the record of run ${match} is empty or damaged: nothing of it can be told`,
    '`sluice runs` lists those that can',
  );
}

/**
 * As `chooseRun`; left to choose, those that were on all of the data, or on just this slice, newest
 * first. At least one.
 */
export function chooseRunsOn(
  part: string,
  named: string | undefined,
  sample: number | undefined,
): readonly [RunId, ...RunId[]] {
  if (named !== undefined) return [chooseRun(part, named)];
  const ids = runIds(part);
  const [match, ...older] = ids.filter(id => {
    const run = readRecordedRun(part, id);
    return run !== undefined && run.sample === sample;
  });
  if (match !== undefined) return [match, ...older];
  if (ids.length === 0) return [chooseRun(part, named)];
  throw sample === undefined
    ? usageError(
        'there is no run on all of the data yet, only on samples',
        '`--run latest` takes the latest of them',
      )
    : usageError(
        `there is no run ${sampleText(sample)} yet`,
        `\`sluice run --sample ${shareText(sample)}\` makes one; \`sluice runs\` lists what there is`,
      );
}

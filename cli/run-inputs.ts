/**
 * What `run`, `plan` and `why` tell the runner beside the plan: the machine, the limits, the
 * environment. Flags win over the profile, the profile over `sluice.yaml`, that over the machine.
 */
import { randomInt } from 'node:crypto';
import type { Compilation } from '../compiler/compile.ts';
import { type RunId, runId } from '../schema/id.ts';
import { positiveInteger } from './options.ts';

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';

export function newRunId(): RunId {
  const random = Array.from({ length: 4 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return runId(new Date(), random);
}

/** How many steps may run at once: undefined leaves it to resources. */
export function parallelLimit(
  flag: string | undefined,
  { settings }: Pick<Compilation, 'settings'>,
): number | undefined {
  return flag === undefined ? settings.parallel?.value : positiveInteger('--parallel', flag);
}

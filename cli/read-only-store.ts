/**
 * A store that may not be written still answers; what would have to execute or be put in its place
 * is refused before anything begins, in one sentence instead of one failure a step.
 */
import { accessSync, constants } from 'node:fs';
import { type ForecastRequest, forecast } from '../runner/forecast.ts';
import { describeStoreError } from './store-words.ts';
import { worldError } from './usage.ts';

/** How many steps the message names. */
const NAMED = 3;

/** Throws CommandError. */
export async function refuseIfReadOnly(request: ForecastRequest): Promise<void> {
  const { home } = request;
  if (mayWrite(home)) return;
  const wanting = (await forecast(request)).filter(
    ({ answer }) =>
      answer.kind === 'execute' ||
      answer.kind === 'restore' ||
      answer.kind === 'known-later' ||
      answer.kind === 'asked-later',
  );
  if (wanting.length === 0) return;
  const { help } = describeStoreError({ kind: 'denied', path: home });
  const names = wanting.slice(0, NAMED).map(({ step }) => `\`${step}\``);
  const others = wanting.length > NAMED ? ` and ${wanting.length - NAMED} more` : '';
  throw worldError(
    `${home} may not be written, and not everything is up to date: ${names.join(', ')}${others}`,
    help,
  );
}

function mayWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

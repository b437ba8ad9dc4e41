/** What is mounted on this machine, as far as this process sees it. Linux alone tells. */
import { readFileSync, realpathSync } from 'node:fs';
import { quietly } from './quietly.ts';

/**
 * Places in the folder where something is mounted, in the order in which that was done. On the folder
 * itself, too: a step may mount over the one it stands in.
 */
export function mountsIn(folder: string): readonly string[] {
  const root = quietly(() => realpathSync(folder)) ?? folder;
  const table = quietly(() => readFileSync('/proc/self/mountinfo', 'utf8')) ?? '';
  return table
    .split('\n')
    .map(line => plainPath(line.split(' ')[4] ?? ''))
    .filter(point => `${point}/`.startsWith(`${root}/`));
}

/** Spaces, tabs, line ends and backslashes stand there in octal. */
const plainPath = (text: string): string =>
  text.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)));

/**
 * Options that several commands share, spelled once; and how their texts are read. Unaware of what
 * the values mean to a pipeline.
 */
import { Option } from '@commander-js/extra-typings';
import { usageError } from './usage.ts';

export const jsonOption = () => new Option('--json', 'machine-readable output');

export const configOption = () =>
  new Option('-c, --config <name>', 'parameters from configs/<name>.yaml; repeatable, later wins')
    .argParser(collected)
    .default([] as readonly string[], 'none');

export const paramOption = () =>
  new Option('-p, --param <name=value>', 'set a parameter; repeatable')
    .argParser(collected)
    .default([] as readonly string[], 'none');

export const profileOption = () =>
  new Option('--profile <name>', 'a profile of sluice.yaml').env('SLUICE_PROFILE');

/** All of it is no slice: see `sliceOf`. */
export const sampleOption = (
  what = 'run on a slice of each dataset; effects behind it do not happen',
) =>
  new Option('--sample <share>', `${what}: \`5%\`, \`0.05\` or \`1/20\``).argParser(sampleFraction);

/** As the step `sample` has it. */
const LEAST_SHARE = 0.000001;

export function sampleFraction(text: string): number {
  const fraction = shareOf(text);
  if (fraction >= LEAST_SHARE && fraction <= 1) return fraction;
  const isBare = /^[\d.]+$/.test(text);
  const meant = isBare && fraction > 1 && fraction <= 100 ? `; did you mean \`${fraction}%\`?` : '';
  throw usageError(
    `\`--sample ${text}\` is no share of the data`,
    `write \`5%\`, \`0.05\` or \`1/20\`: at least 0.0001%, at most all of it${meant}`,
  );
}

/** Undefined for all of the data: then everything is as without the option. */
export const sliceOf = (sample: number | undefined): number | undefined =>
  sample === 1 ? undefined : sample;

/** Not a number where it says nothing. Percent are read as decimals, so that 0.7% is exactly 0.007. */
function shareOf(text: string): number {
  const [, number = '', sign] = /^(\d+(?:\.\d*)?|\.\d+)(%?)$/.exec(text) ?? [];
  if (number !== '') return Number(sign === '%' ? `${number}e-2` : number);
  const [, part, whole] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  return Number(part) / Number(whole);
}

/** Two options: said neither way, the settings decide, and what the command is for. */
export const warmOptions = () =>
  [
    new Option('--warm', 'keep containers warm between steps'),
    new Option('--no-warm', 'a container for each attempt'),
  ] as const;

export const stepOption = () =>
  new Option('-s, --step <step>', 'only this step and what it needs; repeatable')
    .argParser(collected)
    .default([] as readonly string[], 'all steps');

const collected = (value: string, earlier: readonly string[]): readonly string[] => [
  ...earlier,
  value,
];

/** `lr=0.1` → its two halves; the value may hold further `=`. */
export function splitAssignment(text: string): { readonly name: string; readonly text: string } {
  const equals = text.indexOf('=');
  if (equals > 0) return { name: text.slice(0, equals), text: text.slice(equals + 1) };
  throw usageError(`\`-p ${text}\` sets nothing`, 'write `-p name=value`');
}

export function positiveInteger(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw usageError(`${flag} takes a whole number from 1, not \`${text}\``);
}

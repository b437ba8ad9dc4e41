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

/**
 * What a half-written command line waits for: a command, an option, or the value of one of its
 * places. Reads the commands as commander knows them. Unaware of shells and of what values there are.
 */
import type { Argument, CommandUnknownOpts as Command, Option } from '@commander-js/extra-typings';

export type Slot =
  | { readonly kind: 'command'; readonly of: Command }
  | { readonly kind: 'option'; readonly of: Command }
  /** `prefix`: what stands before the value in the same word, as `--ui=`. */
  | {
      readonly kind: 'value';
      readonly of: Command;
      readonly place: Option | Argument;
      readonly prefix: string;
    }
  | { readonly kind: 'nothing' };

export type Line = {
  readonly slot: Slot;
  /** What stands in the line already: values by the long name of their option, and arguments. */
  readonly options: ReadonlyMap<string, readonly string[]>;
  readonly arguments: readonly string[];
};

type Reading = {
  command: Command;
  /** The option whose value is the next word. */
  awaiting: Option | undefined;
  /** Behind `--` nothing is an option. */
  isOver: boolean;
  readonly options: Map<string, readonly string[]>;
  readonly arguments: string[];
};

/** `words`: those that are complete, without `sluice` itself; `current`: what is being written. */
export function readLine(program: Command, words: readonly string[], current: string): Line {
  const reading: Reading = {
    command: program,
    awaiting: undefined,
    isOver: false,
    options: new Map(),
    arguments: [],
  };
  for (const word of words) take(reading, word, program);
  const slot = slotOf(reading, current, program);
  return { slot, options: reading.options, arguments: reading.arguments };
}

function take(reading: Reading, word: string, program: Command): void {
  const { awaiting, command } = reading;
  reading.awaiting = undefined;
  if (awaiting !== undefined && !(awaiting.optional && word.startsWith('-'))) {
    note(reading, awaiting, word);
  } else if (!reading.isOver && word === '--') {
    reading.isOver = true;
  } else if (!reading.isOver && word.length > 1 && word.startsWith('-')) {
    takeOption(reading, word, program);
  } else {
    const sub = reading.arguments.length === 0 ? named(command, word) : undefined;
    if (sub === undefined) reading.arguments.push(word);
    else reading.command = sub;
  }
}

function takeOption(reading: Reading, word: string, program: Command): void {
  const { flag, value } = split(word);
  const option = findOption(reading.command, program, flag);
  if (option === undefined || !(option.required || option.optional)) return;
  if (value === undefined) reading.awaiting = option;
  else note(reading, option, value);
}

const note = ({ options }: Reading, option: Option, value: string): void =>
  void options.set(option.name(), [...(options.get(option.name()) ?? []), value]);

function slotOf(reading: Reading, current: string, program: Command): Slot {
  const { command: of, awaiting, isOver } = reading;
  const isFlag = !isOver && current.startsWith('-');
  if (awaiting !== undefined && (awaiting.required || !isFlag)) {
    return { kind: 'value', of, place: awaiting, prefix: '' };
  }
  if (isFlag && current.includes('=')) {
    const { flag } = split(current);
    const place = findOption(of, program, flag);
    if (place === undefined) return { kind: 'nothing' };
    return { kind: 'value', of, place, prefix: `${flag}=` };
  }
  if (isFlag) return { kind: 'option', of };
  if (of.commands.length > 0 && reading.arguments.length === 0) return { kind: 'command', of };
  const { registeredArguments: places } = of;
  const last = places.at(-1);
  const place = places[reading.arguments.length] ?? (last?.variadic === true ? last : undefined);
  return place === undefined ? { kind: 'nothing' } : { kind: 'value', of, place, prefix: '' };
}

const named = (command: Command, word: string): Command | undefined =>
  command.commands.find(sub => sub.name() === word);

/** Global options may stand anywhere. */
const findOption = (command: Command, program: Command, flag: string): Option | undefined =>
  [...command.options, ...program.options].find(
    ({ short, long }) => flag === short || flag === long,
  );

/** `--ui=plain` → both halves; `-p` has its value in the next word. */
function split(word: string): { readonly flag: string; readonly value: string | undefined } {
  const equals = word.startsWith('--') ? word.indexOf('=') : -1;
  if (equals < 0) return { flag: word, value: undefined };
  return { flag: word.slice(0, equals), value: word.slice(equals + 1) };
}

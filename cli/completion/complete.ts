/**
 * `sluice complete`, which shells call at every press of Tab: answers what may follow, a line each.
 * Says nothing where it knows nothing or something is wrong: an error would land in the middle of
 * the line that a user is writing.
 *
 *   sluice complete words -- <word>…          `value<Tab>description` (zsh, fish)
 *   sluice complete bash <line> <breaks>      values, as bash inserts them
 */
import { resolve } from 'node:path';
import type { Argument, CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import type { Program } from '../command.ts';
import { forBash, splitShellWords } from './shell-words.ts';
import { type Line, readLine } from './slot.ts';
import { type Asked, type Suggestion, sourceOf } from './values.ts';

type Open = (words: readonly string[]) => Promise<Program>;

export async function complete(
  [form, ...rest]: readonly string[],
  { stdout }: Pick<NodeJS.Process, 'stdout'>,
  open: Open,
): Promise<number> {
  try {
    const lines = form === 'bash' ? await answerBash(rest, open) : await answerWords(rest, open);
    if (lines.length > 0) stdout.write(`${lines.join('\n')}\n`);
  } catch {
    // No project, a pipeline that does not compile, a folder that may not be read: no answer.
  }
  return 0;
}

async function answerWords(rest: readonly string[], open: Open): Promise<readonly string[]> {
  const words = rest.slice(rest[0] === '--' ? 1 : 0);
  const found = await suggest(words.slice(0, -1), words.at(-1) ?? '', open);
  return found.map(({ value, description }) => `${value}\t${description.replace(/\s+/g, ' ')}`);
}

async function answerBash([line = '', breaks = '']: readonly string[], open: Open) {
  const typed = splitShellWords(line);
  const found = await suggest(typed.words.slice(1), typed.current, open);
  return found.map(({ value }) => forBash(value, typed, breaks));
}

async function suggest(
  words: readonly string[],
  current: string,
  open: Open,
): Promise<readonly Suggestion[]> {
  const { program, invocation } = await open(words);
  const line = readLine(program, words, current);
  const cwd = resolve(invocation().cwd, line.options.get('directory')?.[0] ?? '.');
  const all = await candidates(program, { invocation: { ...invocation(), cwd }, line });
  return all.filter(({ value }) => value.startsWith(current));
}

async function candidates(
  program: CommandUnknownOpts,
  asked: Asked,
): Promise<readonly Suggestion[]> {
  const { slot } = asked.line;
  switch (slot.kind) {
    case 'command':
      return slot.of.commands.map(command => ({
        value: command.name(),
        description: command.description(),
      }));
    case 'option':
      return optionsOf(slot.of, program);
    case 'value':
      return (await valuesOf(slot, asked)).map(({ value, description }) => ({
        value: slot.prefix + value,
        description,
      }));
    case 'nothing':
      return [];
  }
}

const optionsOf = (
  command: CommandUnknownOpts,
  program: CommandUnknownOpts,
): readonly Suggestion[] =>
  [...new Set([...command.options, ...program.options])]
    .filter(({ hidden }) => !hidden)
    .map(({ long, short, description }) => ({ value: long ?? short ?? '', description }));

type ValueSlot = Extract<Line['slot'], { kind: 'value' }>;

async function valuesOf({ of, place }: ValueSlot, asked: Asked): Promise<readonly Suggestion[]> {
  const choices: readonly string[] | undefined = place.argChoices;
  if (choices !== undefined) return choices.map(value => ({ value, description: '' }));
  return (await sourceOf(of.name(), nameOf(place))?.(asked)) ?? [];
}

const nameOf = (place: Option | Argument): string => place.name();

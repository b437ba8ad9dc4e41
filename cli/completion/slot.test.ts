/** What a half-written line waits for, by table, on a command line like ours. */
import { Argument, Command, Option } from '@commander-js/extra-typings';
import { expect, test } from 'vitest';
import { readLine } from './slot.ts';

function commandLine() {
  const program = new Command('sluice').option('-C, --directory <dir>').option('-q, --quiet');
  program
    .command('run')
    .addArgument(new Argument('[pipeline]'))
    .option('-p, --param <name=value>')
    .option('-f, --force [step]')
    .addOption(new Option('--ui <reader>').choices(['plain', 'json']));
  program.command('check').argument('[pipeline...]');
  program.command('store').command('gc').option('--dry-run');
  return program;
}

/** `command`, `run: option`, `run: value of param`, `nothing`. */
function waitsFor(text: string): string {
  const words = text.split(' ');
  const { slot } = readLine(commandLine(), words.slice(0, -1), words.at(-1) ?? '');
  if (slot.kind === 'nothing') return 'nothing';
  if (slot.kind !== 'value') return `${slot.of.name()}: ${slot.kind}`;
  return `${slot.of.name()}: ${slot.prefix}${slot.place.name()}`;
}

test.each([
  ['', 'sluice: command'],
  ['ru', 'sluice: command'],
  ['-', 'sluice: option'],
  ['-C ', 'sluice: directory'],
  ['-C there ru', 'sluice: command'],
  ['-q run ', 'run: pipeline'],
  ['run digits ', 'nothing'],
  ['run --', 'run: option'],
  ['run -p ', 'run: param'],
  ['run -p a=1 ', 'run: pipeline'],
  ['run -p a=1 digits --param ', 'run: param'],
  ['run --ui pl', 'run: ui'],
  ['run --ui=pl', 'run: --ui=ui'],
  ['run --ui=plain ', 'run: pipeline'],
  ['run --nonsense=', 'nothing'],
  ['run --force ', 'run: force'],
  ['run --force --', 'run: option'],
  ['run --force --ui ', 'run: ui'],
  ['run -- --', 'run: pipeline'],
  ['run -q ', 'run: pipeline'],
  ['check a b ', 'check: pipeline'],
  ['store ', 'store: command'],
  ['store gc --', 'gc: option'],
  ['store gc ', 'nothing'],
])('`sluice %s` waits for: %s', (text, expected) => {
  expect(waitsFor(text)).toBe(expected);
});

test('what stands in the line already is kept by option and place', () => {
  const words = ['-C', 'there', 'run', '-p', 'a=1', '--param', 'b=2', '--ui=json', 'digits'];
  const { options, arguments: places } = readLine(commandLine(), words, '');
  expect([...options]).toEqual([
    ['directory', ['there']],
    ['param', ['a=1', 'b=2']],
    ['ui', ['json']],
  ]);
  expect(places).toEqual(['digits']);
});

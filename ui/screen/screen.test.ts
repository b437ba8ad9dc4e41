import { expect, onTestFinished, test, vi } from 'vitest';
import type { RunEvent } from '../../schema/event.ts';
import { stepId } from '../../schema/id.ts';
import {
  begun,
  ended,
  failed,
  judged,
  over,
  printed,
  RUN,
  stamped,
  started,
} from '../../test/harness/run-events.ts';
import { PlainReader } from '../plain.ts';
import { makeStyle } from '../style.ts';
import type { Frame } from './app.ts';
import { RunScreen, type ScreenOptions } from './screen.ts';
import type { Stage } from './stage.ts';
import type { Command, Key } from './view.ts';

const style = makeStyle({ color: false, unicode: true });
const again = (step: string) => `sluice run p --step ${step}`;
const hit = { kind: 'up-to-date', madeBy: RUN } as const;

/** A screen whose stage the test holds: it sees the frames, presses the keys, and may break. */
function staged(options: Partial<ScreenOptions> & { readonly draw?: (frame: Frame) => void } = {}) {
  const { promise: broken, resolve: breakDown } = Promise.withResolvers<unknown>();
  const output: string[] = [];
  const commands: Command[] = [];
  const frames: Frame[] = [];
  let onKey: ((key: Key) => void) | undefined;
  let opened = 0;
  const stage: Stage = {
    broken,
    draw: frame => {
      options.draw?.(frame);
      frames.push(frame);
    },
    close: async () => {
      // What was drawn for good stays on the terminal.
      output.push(
        ...(frames.findLast(({ written }) => written.length > 0)?.written ?? []).map(
          ({ text }) => text,
        ),
      );
    },
  };
  const screen = new RunScreen({
    style,
    verbosity: 'normal',
    again,
    open: async keys => {
      opened += 1;
      onKey = keys;
      return stage;
    },
    size: () => ({ columns: 80, rows: 24 }),
    now: () => 0,
    print: text => output.push(text),
    command: command => commands.push(command),
    logs: { pathOf: step => `${step}.log`, sizeOf: () => 0, read: () => Buffer.alloc(0) },
    history: () => new Map(),
    spoken: false,
    keys: true,
    browse: false,
    ...options,
  });
  return {
    screen,
    output: () => output.join('\n').split('\n'),
    commands,
    frames,
    opened: () => opened,
    breakDown,
    press: (key: Key) => onKey?.(key),
    tell: async (...events: readonly RunEvent[]) => {
      for (const event of stamped(events)) screen.read(event);
      await new Promise(resolve => setImmediate(resolve));
    },
  };
}

/** What the plain reader makes of the same events. */
function plainly(events: readonly RunEvent[]): readonly string[] {
  const lines: string[] = [];
  const write = (line: string) => lines.push(line);
  const reader = new PlainReader({ write, style, verbosity: 'normal', again, failures: 'last' });
  for (const event of stamped(events)) reader.read(event);
  return lines
    .filter(line => line !== '')
    .join('\n')
    .split('\n');
}

const run = [
  started({ a: [], b: ['a'] }),
  begun('a'),
  printed('a', 'hello\n'),
  failed('a'),
  ended('b', { kind: 'skipped', because: 'need-failed', need: null }),
  over('failed'),
];

test('a run in which everything is known opens no screen', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { screen, tell, opened, output } = staged();
  const events = [started({ a: [] }), ended('a', hit), over()];
  await tell(...events);
  vi.advanceTimersByTime(60_000);
  await screen.end();
  expect(opened()).toBe(0);
  expect(output()).toEqual(plainly(events));
});

test.each([
  [
    'a step is executed by another run',
    { type: 'warning', step: stepId('a'), code: 'waits-for-run', message: 'waiting' } as const,
    0,
  ],
  ['nothing has been said for a second', judged('a'), 1_000],
])('before any step has begun the screen is there when %s', async (_, event, later) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { screen, tell, opened, frames } = staged();
  await tell(started({ a: [] }), judged('a'));
  expect(opened()).toBe(0);
  vi.advanceTimersByTime(later);
  await tell(event);
  expect(opened()).toBe(1);
  expect(frames.at(-1)?.lines.join('\n')).toContain('· a  ');
  await screen.end();
});

test('in the end the terminal holds what the plain reader says, failures last', async () => {
  const { screen, tell, output, opened } = staged();
  await tell(...run);
  await screen.end();
  expect(opened()).toBe(1);
  expect(output()).toEqual(plainly(run));
  expect(output().at(-1)).toBe('    more:  sluice explain exit');
});

test('a fault in drawing ends the drawing and tells the rest in plain lines', async () => {
  const { screen, tell, output } = staged({
    draw: () => {
      throw new Error('no such colour');
    },
  });
  await tell(...run.slice(0, 2));
  for (const event of stamped(run).slice(2)) screen.read(event);
  await screen.end();
  const said = 'The screen has ended (no such colour); the run goes on in plain lines.';
  expect(output()).toContain(said);
  expect(output().filter(line => line !== said)).toEqual(plainly(run));
});

test('when the stage breaks later, nothing is lost and nothing told twice', async () => {
  const { screen, tell, output, breakDown } = staged();
  await tell(...run.slice(0, 3));
  breakDown(new Error('gone'));
  await new Promise(resolve => setImmediate(resolve));
  for (const event of stamped(run).slice(3)) screen.read(event);
  await screen.end();
  expect(output().filter(line => !line.startsWith('The screen'))).toEqual(plainly(run));
});

test('a screen that cannot be opened is none', async () => {
  const { screen, tell, output } = staged({ open: () => Promise.reject(new Error('no module')) });
  await tell(...run);
  await screen.end();
  expect(output().filter(line => !line.startsWith('The screen'))).toEqual(plainly(run));
});

test('who reads a log when the run ends leaves it in their own time', async () => {
  const { screen, tell, press, output } = staged();
  await tell(...run.slice(0, 3));
  press({ kind: 'enter' });
  await tell(...run.slice(3));
  let isOver = false;
  const end = screen.end().then(() => {
    isOver = true;
  });
  await new Promise(resolve => setImmediate(resolve));
  expect(isOver).toBe(false);
  press({ kind: 'character', text: 'q' });
  await end;
  expect(output().at(-1)).toBe('    more:  sluice explain exit');
});

test('a record is looked around in until a key leaves, and then told in lines', async () => {
  const { screen, tell, press, output, frames, commands } = staged({ browse: true });
  await tell(...run);
  const end = screen.end();
  await new Promise(resolve => setImmediate(resolve));
  expect(frames.at(-1)?.lines.join('\n')).toMatch(/❯ ✗ a\s+FAILED/);
  press({ kind: 'enter' });
  press({ kind: 'character', text: 'q' });
  press({ kind: 'character', text: 'q' });
  await end;
  expect(commands).toEqual([]);
  expect(output()).toEqual(plainly(run));
});

test('an announcement goes to the foot of the screen, or is printed where there is none', async () => {
  const { screen, tell, frames, output } = staged();
  screen.announce('early');
  expect(output()).toEqual(['early']);
  await tell(...run.slice(0, 2));
  screen.announce('Stopping.');
  expect(frames.at(-1)?.lines).toContain('Stopping.');
  await screen.end();
});

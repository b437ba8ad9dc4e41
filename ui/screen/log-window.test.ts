import { expect, test } from 'vitest';
import { stepId } from '../../schema/id.ts';
import { glance, type LogFiles, LogWindow } from './log-window.ts';

const train = stepId('train');

/** A log that the test writes to. */
function growing() {
  let content = Buffer.alloc(0);
  const files: LogFiles = {
    pathOf: step => `logs/${step}.log`,
    sizeOf: () => content.length,
    read: (_, from, to) => content.subarray(from, to),
  };
  return {
    files,
    write: (text: string | Buffer) => {
      content = Buffer.concat([content, Buffer.from(text)]);
    },
    clear: () => {
      content = Buffer.alloc(0);
    },
  };
}

test('a log is read from its start, and what comes after joins on', () => {
  const log = growing();
  log.write('one\ntw');
  const window = new LogWindow(train, log.files);
  window.refresh();
  expect(window.lines()).toEqual({ first: 0, lines: ['one', 'tw'] });
  log.write('o\nthree\n');
  window.refresh();
  window.refresh();
  expect(window.lines()).toEqual({ first: 0, lines: ['one', 'two', 'three'] });
  expect(window.isCut).toBe(false);
});

test('a character that two looks share is whole', () => {
  const log = growing();
  const bytes = Buffer.from('größe\n');
  const window = new LogWindow(train, log.files);
  for (const byte of bytes) {
    log.write(Buffer.from([byte]));
    window.refresh();
  }
  expect(window.lines().lines).toEqual(['größe']);
});

test('of a progress bar that redraws itself, the last state is kept', () => {
  const log = growing();
  log.write(' 10%\r 20%\r 30%');
  const window = new LogWindow(train, log.files);
  window.refresh();
  expect(window.lines().lines).toEqual([' 30%']);
  log.write('\r100%\ndone\n');
  window.refresh();
  expect(window.lines().lines).toEqual(['100%', 'done']);
});

test('of a flood only the end is held, whole lines of it', () => {
  const log = growing();
  const line = `${'x'.repeat(99)}\n`;
  log.write(line.repeat(100_000));
  log.write('last\n');
  const window = new LogWindow(train, log.files);
  window.refresh();
  const { lines } = window.lines();
  expect(window.isCut).toBe(true);
  expect(lines.at(-1)).toBe('last');
  expect(lines.length).toBeLessThanOrEqual(50_000);
  expect(lines[0]).toBe('x'.repeat(99));
});

test('numbers of lines go on when earlier ones are forgotten', () => {
  const log = growing();
  const window = new LogWindow(train, log.files);
  for (let round = 0; round < 6; round += 1) {
    log.write(Array.from({ length: 10_000 }, (_, index) => `${round * 10_000 + index}\n`).join(''));
    window.refresh();
  }
  const { first, lines } = window.lines();
  expect(lines[0]).toBe(String(first));
  expect(first).toBe(10_000);
});

test('a log that is begun anew is shown anew', () => {
  const log = growing();
  log.write('a long first attempt\n');
  const window = new LogWindow(train, log.files);
  window.refresh();
  log.clear();
  log.write('second\n');
  window.refresh();
  expect(window.lines().lines).toEqual(['second']);
});

test('a glance reads the end of a large log, from a whole line on', () => {
  const log = growing();
  log.write(`${'y'.repeat(20_000)}\nfirst whole\nlast\n`);
  expect(glance(train, log.files)).toEqual(['first whole', 'last']);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { colorText, cutText, logLines, logText, plainText } from './log-text.ts';

test.each([
  ['plain', 'plain'],
  ['\x1b[31mred\x1b[0m', 'red'],
  ['a\tb', 'a   b'],
  ['\x1b[2J\x1b[Hgone', 'gone'],
  ['\x1b]0;title\x07text', 'text'],
  ['50%\r', '50%'],
  ['bell\x07', 'bell␇'],
])('%j is shown as %j', (line, shown) => {
  expect(logText(line)).toBe(shown);
});

test('with colours, only colours are kept, and they end with the line', () => {
  expect(colorText('\x1b[1;31mred\x1b[2Jder', 80)).toBe('\x1b[1;31mredder\x1b[0m');
  expect(colorText('plain', 80)).toBe('plain');
});

test.each([
  [3, 0, '\x1b[31mabc\x1b[0m\x1b[0m'],
  [3, 2, '\x1b[31mcd\x1b[0me\x1b[0m'],
])('%d columns from column %d on', (width, from, shown) => {
  expect(colorText('\x1b[31mabcd\x1b[0mefgh', width, from)).toBe(shown);
});

test.each([
  ['abcdef', 6, 'abcdef'],
  ['abcdef', 4, 'abc…'],
  ['数据数据', 5, '数据…'],
  ['数据数据', 4, '数…'],
  ['abc', 0, ''],
])('%s cut to %d is %s', (text, width, cut) => {
  expect(cutText(text, width, '…')).toBe(cut);
});

test('a progress bar that redraws itself is the last line it drew', () => {
  expect(logLines('a\n 1%\r 2%\r\nb\n')).toEqual(['a', ' 2%', 'b']);
});

test('a whole log is plain text in the end, however it comes in', async () => {
  const log = 'start\n\x1b[32m 1%\r 50%\r100%\x1b[0m\r\nno end of line';
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(log.length)), async cuts => {
      const at = [0, ...cuts.sort((x, y) => x - y), log.length];
      const chunks = at.slice(1).map((end, index) => log.slice(at[index], end));
      async function* coming() {
        yield* chunks;
      }
      const told = await Array.fromAsync(plainText(coming()));
      expect(told.join('')).toBe('start\n100%\nno end of line\n');
    }),
  );
});

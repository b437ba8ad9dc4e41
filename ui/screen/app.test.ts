import { render } from 'ink-testing-library';
import { createElement as h } from 'react';
import { expect, test } from 'vitest';
import { App, type Frame } from './app.ts';
import type { Key } from './view.ts';

const frame = (lines: readonly string[], written: readonly string[] = []): Frame => ({
  lines,
  written: written.map(text => ({ text, width: text.length })),
});

/** Ink handles input after the current turn. */
const turn = () => new Promise(resolve => setImmediate(resolve));

test('what lives stands below what has been written for good', () => {
  const { lastFrame, rerender, unmount } = render(
    h(App, { frame: frame(['row', '', 'foot'], ['head']), onKey: undefined }),
  );
  expect(lastFrame()).toBe('head\nrow\n \nfoot'.replace(' \n', '\n'));
  rerender(h(App, { frame: frame(['foot'], ['head', 'done']), onKey: undefined }));
  expect(lastFrame()).toBe('head\ndone\nfoot');
  unmount();
});

test('a line that leaves is not broken, however long it is', () => {
  const long = 'x '.repeat(200).trim();
  const { lastFrame, unmount } = render(
    h(App, { frame: frame(['foot'], [long]), onKey: undefined }),
  );
  expect(lastFrame()?.split('\n')).toEqual([long, 'foot']);
  unmount();
});

test.each([
  ['j', [{ kind: 'character', text: 'j' }]],
  [
    'jk',
    [
      { kind: 'character', text: 'j' },
      { kind: 'character', text: 'k' },
    ],
  ],
  ['\r', [{ kind: 'enter' }]],
  ['j\r', [{ kind: 'character', text: 'j' }, { kind: 'enter' }]],
  ['q\x03', [{ kind: 'character', text: 'q' }, { kind: 'interrupt' }]],
  ['\x1b[A', [{ kind: 'up' }]],
  ['\x1b[B', [{ kind: 'down' }]],
  ['\x1b[5~', [{ kind: 'page-up' }]],
  ['\x7f', [{ kind: 'backspace' }]],
  ['\x03', [{ kind: 'interrupt' }]],
  ['\x01', []],
])('%j is read as keys', async (input, keys) => {
  const read: Key[] = [];
  const { stdin, unmount } = render(
    h(App, { frame: frame(['row']), onKey: key => read.push(key) }),
  );
  await turn();
  stdin.write(input);
  await turn();
  expect(read).toEqual(keys);
  unmount();
});

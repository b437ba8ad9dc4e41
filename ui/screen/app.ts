/**
 * The screen as Ink draws it: what has been written for good, and below it the lines that live. A
 * pure function of one frame; keys are named here and handed on.
 */
import { Box, type Key as InkKey, Static, Text, useInput } from 'ink';
import { createElement as h, type ReactElement } from 'react';
import type { Key } from './view.ts';

/** One line or more for the scrollback; `width` of the longest. */
export type Written = { readonly text: string; readonly width: number };

export type Frame = {
  /** Append-only. */
  readonly written: readonly Written[];
  /** Painted, and fitting the terminal. */
  readonly lines: readonly string[];
};

export type AppProps = {
  readonly frame: Frame;
  /** Undefined where no keys can be read. */
  readonly onKey: ((key: Key) => void) | undefined;
};

export function App({ frame, onKey }: AppProps): ReactElement {
  useInput(
    (input, key) => {
      for (const pressed of keysOf(input, key)) onKey?.(pressed);
    },
    { isActive: onKey !== undefined },
  );
  const live = frame.lines.map((line, index) => h(Row, { key: index, line }));
  return h(Box, { flexDirection: 'column' }, h(ScrollBack, { items: frame.written }), ...live);
}

const Row = ({ line }: { readonly line: string }): ReactElement =>
  h(Text, { wrap: 'truncate-end' }, line === '' ? ' ' : line);

/** Frames that React may draw as one; their new entries are the last ones. */
const LATEST = 8;

/**
 * Lines that leave are as long as they are: the terminal breaks them, so that a command can be
 * copied from it whole.
 */
function ScrollBack({ items }: { readonly items: readonly Written[] }): ReactElement {
  const width = items.slice(-LATEST).reduce((most, item) => Math.max(most, item.width), 1);
  return h(Static<Written>, {
    items: [...items],
    style: { width },
    // biome-ignore lint/correctness/noChildrenProp: a function, which is no child in React's types
    children: (item, index) => h(Text, { key: index }, item.text),
  });
}

const NAMED = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'page-up'],
  ['pageDown', 'page-down'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'escape'],
  ['backspace', 'backspace'],
  ['delete', 'backspace'],
] as const;

/** Keys that arrive as characters when others come with them. */
const TYPED: ReadonlyMap<string, Key> = new Map([
  ['\r', { kind: 'enter' }],
  ['\n', { kind: 'enter' }],
  ['\x7f', { kind: 'backspace' }],
  ['\b', { kind: 'backspace' }],
  ['\x03', { kind: 'interrupt' }],
]);

/** Keys pressed in quick succession, and pasted text, arrive as one input. */
function keysOf(input: string, key: InkKey): readonly Key[] {
  if (key.ctrl && input === 'c') return [{ kind: 'interrupt' }];
  const named = NAMED.find(([name]) => key[name]);
  if (named !== undefined) return [{ kind: named[1] }];
  if (key.ctrl || key.meta) return [];
  return [...input].map(text => TYPED.get(text) ?? { kind: 'character', text });
}

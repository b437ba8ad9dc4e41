import { expect, test } from 'vitest';
import { keysIn, press, type Typing } from './keys.ts';

/** What a row of keys leads to: the wishes, and what is being typed at its end. */
function type(text: string): { wishes: unknown[]; typing: Typing } {
  const wishes: unknown[] = [];
  let typing: Typing;
  for (const key of keysIn(text)) {
    const pressed = press(typing, key);
    typing = pressed.typing;
    if (pressed.wish !== undefined) wishes.push(pressed.wish);
  }
  return { wishes, typing };
}

test.each([
  ['a', [{ kind: 'all' }]],
  ['f', [{ kind: 'failed' }]],
  ['\r', [{ kind: 'now' }]],
  ['q', [{ kind: 'quit' }]],
  ['\u0003', [{ kind: 'interrupt' }]],
  ['x', []],
  ['\u001b[A', []],
  ['ptrain\r', [{ kind: 'filter', text: 'train' }]],
  ['p\r', [{ kind: 'filter', text: '' }]],
  ['pab\u007fc\r', [{ kind: 'filter', text: 'ac' }]],
  ['p\u007f\u007fa\r', [{ kind: 'filter', text: 'a' }]],
  ['ptrain[lr=0.1]\r', [{ kind: 'filter', text: 'train[lr=0.1]' }]],
  ['rtra\u007f\r', [{ kind: 'rerun', text: 'tr' }]],
  ['rp\r', [{ kind: 'rerun', text: 'p' }]],
  ['pq\u0003', [{ kind: 'interrupt' }]],
  ['paf\rq', [{ kind: 'filter', text: 'af' }, { kind: 'quit' }]],
])('%j', (text, wishes) => {
  expect(type(text)).toEqual({ wishes, typing: undefined });
});

test('escape gives up what is typed, and arrows type nothing', () => {
  const typing = { for: 'filter', text: 'tra' } as const;
  expect(press(typing, '\u001b')).toEqual({ typing: undefined });
  expect(press(typing, '\u001b[D')).toEqual({ typing });
});

import { expect, test } from 'vitest';
import { metricChangeLines } from './metric-change.ts';
import { makeStyle } from './style.ts';

const unicode = makeStyle({ color: false, unicode: true });
const ascii = makeStyle({ color: false, unicode: false });

const steps = new Map([
  ['train', { before: { loss: 0.5, acc: 0.958 }, after: { loss: 0.25, acc: 0.962 } }],
  ['evaluate', { before: { f1: 0.9, gone: 1 }, after: { f1: 0.9, fresh: 2 } }],
  ['first', { before: {}, after: { acc: 1 } }],
]);

test('each metric stands with its way from the one before, the main one first', () => {
  expect(metricChangeLines(steps, unicode)).toEqual([
    '  train     acc 0.962 ▲0.004  loss 0.25 ▼0.25',
    '  evaluate  f1 0.9 =  fresh 2',
  ]);
});

test('without signs of its own the terminal gets plus and minus', () => {
  expect(metricChangeLines(steps, ascii)[0]).toBe('  train     acc 0.962 +0.004  loss 0.25 -0.25');
});

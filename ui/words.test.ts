import { expect, test } from 'vitest';
import type { Hint } from '../schema/event.ts';
import { sha256 } from '../schema/id.ts';
import { describeChange, describeHint } from './words.ts';

const long = (epochs: number) =>
  `python3 src/train.py --train in/train.csv --lr 0.005 --epochs ${epochs} --seed 7 --out out/model.json`;

test.each([
  ['param epochs', '40', '60', 'param epochs 40 → 60'],
  ['param lr', undefined, '0.1', 'param lr added (0.1)'],
  ['env SEED', '7', undefined, 'env SEED removed'],
  ['input data', `file:${sha256('a')}`, `file:${sha256('b')}`, 'input data changed'],
  ['command', long(300), long(400), 'command … --epochs 300 → 400 …'],
  [
    'command',
    long(300),
    `${long(300)} --fast`,
    'command … --out out/model.json → out/model.json --fast …',
  ],
])('a change of %s, case %#', (part, before, after, told) => {
  expect(describeChange({ part, before, after })).toBe(told);
});

const GIB = 1024 ** 3;

test.each<[Hint, RegExp]>([
  [
    { kind: 'gpu-starved', gpu: 2, utilization: 0.214, forMs: 60_000 },
    /^GPU 2 was busy 21% of the last 1m 00s: .*larger batch/,
  ],
  [
    { kind: 'gpu-memory-full', gpu: 0, usedBytes: 78 * GIB, totalBytes: 80 * GIB },
    /^GPU 0 has 78.0 of 80.0 GiB of its memory in use/,
  ],
  [{ kind: 'gpu-hot', gpu: 1, celsius: 88 }, /^GPU 1 is at 88 °C/],
  [
    { kind: 'memory-full', usedBytes: 15.5 * GIB, limitBytes: 16 * GIB },
    /^it uses 15.5 of 16.0 GiB of memory/,
  ],
])('a hint says what was seen and what helps, case %#', (hint, told) => {
  expect(describeHint(hint)).toMatch(told);
});

import { expect, test } from 'vitest';
import { sha256 } from '../schema/id.ts';
import { describeChange } from './words.ts';

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

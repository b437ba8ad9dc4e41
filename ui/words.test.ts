import { expect, test } from 'vitest';
import type { Failure, Hint } from '../schema/event.ts';
import { sha256, stepId } from '../schema/id.ts';
import {
  describeChange,
  describeFailure,
  describeHint,
  sampleText,
  shareText,
  skipReason,
} from './words.ts';

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

test('a step that a cancelled one takes with it names that one', () => {
  const need = stepId('fit[c=1]');
  expect(skipReason({ kind: 'skipped', because: 'need-cancelled', need })).toBe(
    'it needs `fit[c=1]`, which was cancelled',
  );
});

test('an input that moved before anything ran is not said to have left a result', () => {
  const moved = { class: 'unstable-input', paths: ['data'] } as const;
  expect(describeFailure(moved).what).toContain('before the step began');
  expect(describeFailure(moved).help).not.toContain('kept');
  const ran = describeFailure({ ...moved, kept: '.sluice/unpublished/r/a' });
  expect(ran.what).toContain('while it ran');
  expect(ran.help).toContain('kept in .sluice/unpublished/r/a');
});

const accuracy = {
  kind: 'result',
  step: 'eval',
  port: 'metrics',
  fields: ['accuracy'],
} as const;

const bound = {
  kind: 'binary',
  operator: '>=',
  left: accuracy,
  right: { kind: 'literal', value: 0.999 },
} as const;

test.each([
  [0.977_653_631, 'eval.metrics.accuracy (0.9777) >= 0.999 is false'],
  [0.998_99, 'eval.metrics.accuracy (0.99899) >= 0.999 is false'],
  [undefined, 'eval.metrics.accuracy >= 0.999 is false'],
])('a false condition is told with the value that decided: %s', (value, told) => {
  const values = value === undefined ? {} : { 'eval.metrics.accuracy': value };
  const condition = { expression: bound, values };
  expect(skipReason({ kind: 'skipped', because: 'condition', need: null, condition })).toBe(told);
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

test.each<[string, Failure, string]>([
  ['nothing is known', { class: 'out-of-memory' }, 'it ran out of memory'],
  [
    'the machine had no more',
    { class: 'out-of-memory', usedBytes: 30 * GIB },
    'it ran out of memory: the machine had no more, and it used 30.0 GiB',
  ],
  [
    'it was seen near its limit',
    { class: 'out-of-memory', usedBytes: 15.8 * GIB, limitBytes: 16 * GIB },
    'it ran out of memory: it used 15.8 of 16.0 GiB',
  ],
  [
    'it was last seen far from its limit',
    { class: 'out-of-memory', usedBytes: 2 * GIB, limitBytes: 16 * GIB },
    'it ran out of memory: it may use 16.0 GiB',
  ],
  [
    'it was seen beyond its limit',
    { class: 'out-of-memory', usedBytes: 17 * GIB, limitBytes: 16 * GIB },
    'it used 17.0 GiB of memory, and its resources allow 16.0 GiB',
  ],
  [
    'it wrote too much',
    { class: 'out-of-disk', usedBytes: 3 * GIB, limitBytes: 2 * GIB },
    'it wrote 3.0 GiB, and its resources allow 2.0 GiB of disk',
  ],
])('a failure says what was used, where %s', (_, failure, what) => {
  expect(describeFailure(failure).what).toBe(what);
});

test.each([
  [0.05, '5%', '5%'],
  [0.007, '0.7%', '0.7%'],
  [0.000001, '0.0001%', '0.0001%'],
  [1 / 3, '33.3%', '33.33333333333333%'],
])(
  'a slice of %d is %s to people, and %s in a command that repeats it',
  (fraction, said, exact) => {
    expect(sampleText(fraction)).toBe(`on a sample of ${said}`);
    expect(shareText(fraction)).toBe(exact);
  },
);

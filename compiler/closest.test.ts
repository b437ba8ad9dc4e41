import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closest } from './closest.ts';

test.each([
  ['featurise', ['featurize', 'train'], 'featurize'],
  ['tarin', ['train', 'eval'], 'train'],
  ['Train', ['train'], 'train'],
  ['metrcis', ['model', 'metrics'], 'metrics'],
  ['ib', ['in', 'if'], 'if'],
  ['deploy', ['train', 'eval'], undefined],
  ['x', ['y'], undefined],
  ['', ['a'], undefined],
  ['cats', ['bats', 'rats', 'cat'], 'bats'],
])('%s among %j is %s', (name, known, answer) => {
  expect(closest(name, known)).toBe(answer);
});

test('a swap of two neighbours is one mistake, so a three letter name survives it', () => {
  expect(closest('ofr', ['for'])).toBe('for');
});

test('the answer does not depend on the order of the known names', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ maxLength: 6 })),
      fc.string({ maxLength: 6 }),
      (known, name) => {
        expect(closest(name, [...known].reverse())).toBe(closest(name, known));
      },
    ),
  );
});

test('a name is never suggested for itself', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.string(), (known, name) => {
      expect(closest(name, [...known, name])).not.toBe(name);
    }),
  );
});

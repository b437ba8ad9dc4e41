import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closest, nearest } from './closest.ts';

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

test.each([
  ['cat', ['cats'], true],
  ['cats', ['bats', 'rats'], false],
  ['cats', ['bats', 'bats'], true],
  ['cats', ['rats', 'bats', 'cat', 'ca'], false],
  ['retires', ['retries', 'retire'], false],
])('that %s is near one alone of %j is %s', (name, known, alone) => {
  expect(nearest(name, known)?.alone).toBe(alone);
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

/** The whole table, as the books have it (restricted Damerau-Levenshtein). */
function distanceOf(a: string, b: string): number {
  const at = (row: number, column: number): number => table[row]?.[column] ?? 0;
  const table: number[][] = [];
  for (let row = 0; row <= a.length; row++) {
    const cells: number[] = [];
    table.push(cells);
    for (let column = 0; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1;
      const swapped =
        row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      cells.push(
        row === 0 || column === 0
          ? row + column
          : Math.min(
              at(row - 1, column) + 1,
              at(row, column - 1) + 1,
              at(row - 1, column - 1) + same,
              swapped ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
            ),
      );
    }
  }
  return at(a.length, b.length);
}

test('of two names the one within reach is found exactly where the whole table says so', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(letters, letters, (name, other) => {
      const distance = distanceOf(name, other);
      const reach = Math.min(5, Math.max(1, Math.floor(name.length / 3)));
      const near = distance > 0 && distance <= reach && distance < name.length;
      expect(closest(name, [other])).toBe(near ? other : undefined);
    }),
    { numRuns: 2_000 },
  );
});

test('a name is found among a hundred thousand', () => {
  const known = Array.from({ length: 100_000 }, (_, index) => `step-number-${index}`);
  expect(closest('step-nubmer-99999', known)).toBe('step-number-99999');
});

test('a name is never suggested for itself', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.string(), (known, name) => {
      expect(closest(name, [...known, name])).not.toBe(name);
    }),
  );
});

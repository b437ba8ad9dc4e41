import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Fix } from '../schema/diagnostic.ts';
import { applyFixes } from './fix.ts';

const fix = (...edits: readonly (readonly [start: number, end: number, text: string])[]): Fix => ({
  title: 'a repair',
  edits: edits.map(([start, end, text]) => ({
    at: { file: 'a.yaml', start, end, line: 1, column: 1 },
    text,
  })),
});

test.each<[string, readonly Fix[], string]>([
  ['stpes:  # mine\r\n', [fix([0, 5, 'steps'])], 'steps:  # mine\r\n'],
  ['a b c', [fix([4, 5, 'C']), fix([0, 1, 'A'])], 'A b C'],
  ['a b c', [fix([0, 1, ''], [4, 4, '+'])], ' b +c'],
  // The second touches what the first has changed; the third says the same as the first.
  ['abc', [fix([0, 2, 'X']), fix([1, 3, 'Y']), fix([0, 2, 'X'])], 'Xc'],
  // Made whole or not at all.
  ['abc', [fix([0, 1, 'X']), fix([0, 1, 'Z'], [2, 3, 'Z'])], 'Xbc'],
  ['abc', [fix([1, 1, 'x']), fix([1, 1, 'y'])], 'axbc'],
  ['abc', [fix([2, 9, 'x'])], 'abc'],
  ['\ufeffabc', [fix([0, 1, 'A'])], '\ufeffAbc'],
  ['abc', [], 'abc'],
])('%j with %j is %j', (source, fixes, expected) => {
  expect(applyFixes(source, fixes)).toBe(expected);
});

test('what no fix names stays as it is', () => {
  const edits = fc.array(fc.tuple(fc.nat(20), fc.nat(20), fc.constant('')));
  fc.assert(
    fc.property(fc.string(), edits, (source, all) => {
      const result = applyFixes(
        source,
        all.map(([start, length, text]) => fix([start, start + length, text])),
      );
      // Deletions only: what is left is what was there, in order.
      let at = 0;
      for (const letter of result) at = source.indexOf(letter, at) + 1 || Number.NaN;
      expect(at).not.toBeNaN();
    }),
  );
});

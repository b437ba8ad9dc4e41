import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cellsOf, visibleWidth } from './visible.ts';

/** Everything that a line may hold and still be laid out without looking for graphemes. */
const SIMPLE = [
  [0x20, 0x7e],
  [0xa1, 0xac],
  [0xae, 0x2ff],
  [0x2010, 0x2027],
  [0x2190, 0x21ff],
  [0x2500, 0x25fc],
  [0x2713, 0x2713],
  [0x2717, 0x2718],
  [0x2800, 0x28ff],
] as const;

const character = fc
  .oneof(...SIMPLE.map(([min, max]) => fc.integer({ min, max })))
  .map(code => String.fromCharCode(code));

test('a line of simple characters has the same columns with and without a look for graphemes', () => {
  fc.assert(
    fc.property(fc.string({ unit: character }), line => {
      // A wide letter in front takes the thorough way.
      const [, ...thorough] = cellsOf(`\u4e2d${line}`);
      expect(cellsOf(line)).toEqual(
        thorough.map(({ offset, ...cell }) => ({ ...cell, offset: offset - 1 })),
      );
    }),
  );
});

test('every simple character takes one column', () => {
  for (const [first, last] of SIMPLE) {
    for (let code = first; code <= last; code += 1) {
      expect(visibleWidth(`\u4e2d${String.fromCharCode(code)}`), code.toString(16)).toBe(3);
    }
  }
});

test.each([
  ['e\u0301', 1],
  ['\u2714\ufe0f', 2],
  ['\u{1f469}\u200d\u{1f680}', 2],
  ['a\tb', 5],
  ['\u202e', 8],
])('%j takes %i columns', (text, width) => {
  expect(visibleWidth(text)).toBe(width);
});

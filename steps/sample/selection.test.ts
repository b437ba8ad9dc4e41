import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LEAST, placeOf, type Row, selection } from './selection.ts';

const rows = fc.array(
  fc.record({ text: fc.string({ maxLength: 4 }), class: fc.constantFrom('a', 'b', 'rare') }),
  { maxLength: 60 },
);
const fractions = fc.double({ min: 1e-6, max: 1, noNaN: true });

type Written = { readonly text: string; readonly class: string };

const rowsOf = (written: readonly Written[], seed = 0): readonly Row[] =>
  written.map(row => ({ place: placeOf(`${row.text} ${row.class}`, seed), class: row.class }));

/** Which rows are kept, by index. */
function kept(all: readonly Row[], fraction: number): readonly number[] {
  const slice = selection(fraction);
  for (const row of all) slice.see(row);
  return all.flatMap((row, index) => (slice.has(row) ? [index] : []));
}

test('a smaller slice is part of a larger one, and all of it is everything', () => {
  fc.assert(
    fc.property(rows, fractions, fractions, (written, a, b) => {
      const all = rowsOf(written);
      const larger = kept(all, Math.max(a, b));
      for (const row of kept(all, Math.min(a, b))) expect(larger).toContain(row);
      expect(kept(all, 1).length).toBe(all.length);
    }),
  );
});

test('no class is lost: of each there are as many rows as a split has parts, or all there are', () => {
  fc.assert(
    fc.property(rows, fractions, (written, fraction) => {
      const all = rowsOf(written);
      const chosen = kept(all, fraction);
      for (const [name, members] of Map.groupBy(all, row => row.class)) {
        const own = chosen.filter(index => all[index]?.class === name);
        expect(own.length).toBeGreaterThanOrEqual(Math.min(LEAST, members.length));
      }
    }),
  );
});

test('what stands below the fraction stays in, whatever rows are added before or behind it', () => {
  fc.assert(
    fc.property(rows, rows, rows, fractions, (before, written, behind, fraction) => {
      const all = rowsOf([...before, ...written, ...behind]);
      const chosen = new Set(kept(all, fraction));
      for (const [index, row] of rowsOf(written).entries()) {
        if (row.place < fraction) expect(chosen.has(before.length + index)).toBe(true);
      }
    }),
  );
});

test('a row that is added moves out at most one of its class, and only one that was there as its few', () => {
  fc.assert(
    fc.property(rows, rows, fractions, (written, [added], fraction) => {
      fc.pre(added !== undefined);
      const before = rowsOf(written);
      const [row] = rowsOf([added]);
      const after = new Set(kept([...before, ...rowsOf([added])], fraction));
      const lost = kept(before, fraction).filter(index => !after.has(index));
      // Rows of one content stand at one place, and go together.
      expect(new Set(lost.map(index => before[index]?.place)).size).toBeLessThanOrEqual(1);
      for (const index of lost) {
        expect(before[index]?.class).toBe(row?.class);
        expect(before[index]?.place).toBeGreaterThanOrEqual(fraction);
      }
    }),
  );
});

test('of a rare class the first few move up: with a fourth row another may be out', () => {
  const rare = (...places: readonly number[]) => places.map(place => ({ place, class: 'rare' }));
  expect(kept(rare(0.4, 0.5, 0.6), 0.05)).toEqual([0, 1, 2]);
  expect(kept(rare(0.4, 0.5, 0.6, 0.3), 0.05)).toEqual([0, 1, 3]);
});

test('the order in which rows are seen decides nothing', () => {
  fc.assert(
    fc.property(rows, fractions, (written, fraction) => {
      const all = rowsOf(written);
      const last = all.length - 1;
      const turned = kept(all.toReversed(), fraction).map(index => last - index);
      expect(turned.toReversed()).toEqual(kept(all, fraction));
    }),
  );
});

test('about the share is kept that was asked for; another seed keeps others', () => {
  const written = Array.from({ length: 10_000 }, (_, index) => ({ text: `${index}`, class: 'a' }));
  const first = kept(rowsOf(written), 0.05);
  const other = kept(rowsOf(written, 1), 0.05);
  // Three standard deviations to either side.
  expect(first.length).toBeGreaterThan(434);
  expect(first.length).toBeLessThan(566);
  expect(other.filter(index => first.includes(index)).length).toBeLessThan(60);
});

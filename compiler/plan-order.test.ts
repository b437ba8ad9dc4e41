import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cycles, topologicalOrder } from './plan-order.ts';

/** Any graph; edges may go anywhere. */
const graphs = fc.integer({ min: 0, max: 12 }).chain(size =>
  fc.array(fc.uniqueArray(fc.integer({ min: 0, max: Math.max(0, size - 1) }), { maxLength: 4 }), {
    minLength: size,
    maxLength: size,
  }),
);

const acyclic = graphs.map(graph => graph.map((needs, node) => needs.filter(need => need < node)));

test('each node comes after all it needs', () => {
  fc.assert(
    fc.property(graphs, needs => {
      const order = topologicalOrder(needs);
      const place = new Map(order.map((node, at) => [node, at]));
      for (const node of order) {
        for (const need of needs[node] ?? []) {
          expect(place.get(need)).toBeLessThan(place.get(node) ?? 0);
        }
      }
    }),
  );
});

test('a graph without cycles is ordered whole; in written order where that is one', () => {
  fc.assert(
    fc.property(acyclic, needs => {
      expect(topologicalOrder(needs)).toEqual(needs.map((_, node) => node));
      expect(cycles(needs)).toEqual([]);
    }),
  );
});

test('among nodes that could come next the one written first comes', () => {
  fc.assert(
    fc.property(graphs, needs => {
      const order = topologicalOrder(needs);
      const done = new Set<number>();
      const orderable = new Set(order);
      for (const node of order) {
        const ready = needs.findIndex(
          (all, at) => orderable.has(at) && !done.has(at) && all.every(need => done.has(need)),
        );
        expect(node).toBe(ready);
        done.add(node);
      }
    }),
  );
});

test('what is left out stands in a cycle or behind one, and every knot gives a real cycle', () => {
  fc.assert(
    fc.property(graphs, needs => {
      const found = cycles(needs);
      expect(topologicalOrder(needs).length < needs.length).toBe(found.length > 0);
      for (const cycle of found) {
        expect(new Set(cycle).size).toBe(cycle.length);
        for (const [at, node] of cycle.entries()) {
          expect(needs[node]).toContain(cycle[(at + 1) % cycle.length]);
        }
      }
    }),
  );
});

test('the cycle shown is the shortest through its first node', () => {
  expect(cycles([[1], [2, 0], [0]])).toEqual([[0, 1]]);
  expect(cycles([[0, 1], [0]])).toEqual([[0]]);
});

test('a chain of 100,000 nodes neither overflows nor is slow', () => {
  const size = 100_000;
  const chain = Array.from({ length: size }, (_, node) => (node + 1 < size ? [node + 1] : []));
  expect(topologicalOrder(chain)[0]).toBe(size - 1);
  const ring = chain.map((needs, node) => (node === size - 1 ? [0] : needs));
  expect(cycles(ring)[0]?.length).toBe(size);
});

/**
 * An order in which each node comes after all it needs; among those that could come next, the one
 * written first. Iterative and near linear, so that a chain of any length is fine. Unaware of what
 * the nodes are.
 */

/** `needs[i]`: what node `i` waits for, without duplicates. What stands in a cycle or behind one is left out. */
export function topologicalOrder(needs: readonly (readonly number[])[]): readonly number[] {
  const waiting = new Int32Array(needs.length);
  const followers: number[][] = Array.from(needs, () => []);
  for (const [node, needed] of needs.entries()) {
    waiting[node] = needed.length;
    for (const need of needed) followers[need]?.push(node);
  }
  const ready: number[] = [];
  for (let node = 0; node < needs.length; node += 1) if (waiting[node] === 0) push(ready, node);
  const order: number[] = [];
  for (let node = pop(ready); node !== undefined; node = pop(ready)) {
    order.push(node);
    for (const follower of followers[node] ?? []) {
      const left = (waiting[follower] ?? 0) - 1;
      waiting[follower] = left;
      if (left === 0) push(ready, follower);
    }
  }
  return order;
}

/** A binary heap of node numbers, least on top. */
function push(heap: number[], node: number): void {
  let at = heap.length;
  heap.push(node);
  while (at > 0) {
    const above = (at - 1) >> 1;
    const other = heap[above] ?? 0;
    if (other <= node) break;
    heap[at] = other;
    at = above;
  }
  heap[at] = node;
}

function pop(heap: number[]): number | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (top === undefined || last === undefined || heap.length === 0) return top;
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    const right = left + 1;
    const below = (heap[right] ?? Infinity) < (heap[left] ?? Infinity) ? right : left;
    const other = heap[below];
    if (other === undefined || other >= last) break;
    heap[at] = other;
    at = below;
  }
  heap[at] = last;
  return top;
}

/**
 * One shortest cycle of each knot of nodes that need each other, as the nodes along it. Knots in the
 * order of their first node.
 */
export function cycles(needs: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const knots = knotsOf(needs);
  const seen = new Set<number>();
  const found: (readonly number[])[] = [];
  for (const [node, knot] of knots.entries()) {
    if (knot === -1 || seen.has(knot)) continue;
    seen.add(knot);
    found.push(shortestCycle(needs, knots, node));
  }
  return found;
}

/** Breadth first from `start` along needs, inside its knot, until it is reached again. */
function shortestCycle(
  needs: readonly (readonly number[])[],
  knots: Int32Array,
  start: number,
): readonly number[] {
  const cameFrom = new Map<number, number>();
  const queue = [start];
  for (const node of queue) {
    for (const need of needs[node] ?? []) {
      if (need === start) return path(cameFrom, start, node);
      if (knots[need] !== knots[start] || cameFrom.has(need)) continue;
      cameFrom.set(need, node);
      queue.push(need);
    }
  }
  throw new Error('bug: a knot without a cycle');
}

function path(cameFrom: ReadonlyMap<number, number>, start: number, end: number): number[] {
  const nodes = [end];
  for (let node = end; node !== start; ) {
    node = cameFrom.get(node) ?? start;
    nodes.push(node);
  }
  return nodes.reverse();
}

/** Tarjan's strongly connected components without recursion; -1 for nodes in no cycle. */
function knotsOf(needs: readonly (readonly number[])[]): Int32Array {
  const search: Search = {
    needs,
    index: new Int32Array(needs.length).fill(-1),
    low: new Int32Array(needs.length),
    knots: new Int32Array(needs.length).fill(OPEN),
    open: [],
    walk: [],
    counter: 0,
  };
  for (let root = 0; root < needs.length; root += 1) {
    if (search.index[root] !== -1) continue;
    enter(search, root);
    while (search.walk.length > 0) advance(search);
  }
  return search.knots;
}

const OPEN = -2;

type Search = {
  readonly needs: readonly (readonly number[])[];
  readonly index: Int32Array;
  readonly low: Int32Array;
  readonly knots: Int32Array;
  readonly open: number[];
  readonly walk: { readonly node: number; next: number }[];
  counter: number;
};

function enter(search: Search, node: number): void {
  search.index[node] = search.counter;
  search.low[node] = search.counter;
  search.counter += 1;
  search.open.push(node);
  search.walk.push({ node, next: 0 });
}

/** One step of the walk: down to a need, or back up from a node that is done. */
function advance(search: Search): void {
  const { needs, index, low, knots, walk } = search;
  const top = walk.at(-1);
  if (top === undefined) return;
  const { node } = top;
  const need = needs[node]?.[top.next];
  top.next += 1;
  if (need === undefined) {
    walk.pop();
    const below = walk.at(-1)?.node;
    if (below !== undefined) lower(low, below, low[node]);
    if (low[node] === index[node]) close(search, node);
  } else if (index[need] === -1) enter(search, need);
  else if (knots[need] === OPEN) lower(low, node, index[need]);
}

function lower(low: Int32Array, node: number, to: number | undefined): void {
  low[node] = Math.min(low[node] ?? 0, to ?? 0);
}

function close({ needs, knots, open }: Search, node: number): void {
  const members = open.splice(open.lastIndexOf(node));
  const knotted = members.length > 1 || needs[node]?.includes(node) === true;
  for (const member of members) knots[member] = knotted ? node : -1;
}

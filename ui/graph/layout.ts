/**
 * Places a layered graph: columns by layer, rows so that few edges cross (barycentres, a few
 * sweeps). Edges over several layers bend around what lies between. Unaware of looks.
 */
import type { Graph, GraphEdge, GraphNode } from './model.ts';

export type Point = { readonly x: number; readonly y: number };

export type Layout = {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly (Point & { readonly node: GraphNode; readonly width: number })[];
  /** From the right side of one box to the left side of another, through `points`. */
  readonly lines: readonly { readonly edge: GraphEdge; readonly points: readonly Point[] }[];
};

export const BOX_HEIGHT = 44;
const ROW_GAP = 26;
const COLUMN_GAP = 110;
const MARGIN = 24;
/** A thin place in a column through which an edge passes. */
const LANE_HEIGHT = 14;
const SWEEPS = 8;
/** Above this, edges run straight and rows stay in the plan's order: nobody reads such a picture. */
const MAX_PLACES = 5_000;

type Slot = {
  readonly node: GraphNode | undefined;
  readonly layer: number;
  readonly before: Slot[];
  readonly after: Slot[];
  /** Position in its column. */
  row: number;
  x: number;
  y: number;
};

export function layoutOf({ nodes, edges }: Graph, widthOf: (node: GraphNode) => number): Layout {
  const slots = new Map(nodes.map(node => [node.name, slot(node.layer, node)]));
  const columns: Slot[][] = [];
  for (const each of slots.values()) columnAt(columns, each.layer).push(each);
  const routes = edges.flatMap(edge => {
    const from = slots.get(edge.from);
    const to = slots.get(edge.to);
    return from && to ? [{ edge, route: route(from, to, columns) }] : [];
  });
  for (const column of columns) for (const [row, each] of column.entries()) each.row = row;
  const total = columns.reduce((sum, column) => sum + column.length, 0);
  if (total <= MAX_PLACES) untangle(columns);
  return placed(columns, routes, widthOf);
}

const slot = (layer: number, node?: GraphNode): Slot => ({
  node,
  layer,
  before: [],
  after: [],
  row: 0,
  x: 0,
  y: 0,
});

function columnAt(columns: Slot[][], layer: number): Slot[] {
  while (columns.length <= layer) columns.push([]);
  return columns[layer] ?? [];
}

/** The way of an edge, with a lane in each column that it crosses. */
function route(from: Slot, to: Slot, columns: Slot[][]): readonly Slot[] {
  const way = [from];
  const crossed = to.layer - from.layer - 1;
  if (crossed * columns.length <= MAX_PLACES) {
    for (let layer = from.layer + 1; layer < to.layer; layer++) {
      const lane = slot(layer);
      columnAt(columns, layer).push(lane);
      way.push(lane);
    }
  }
  way.push(to);
  for (const [index, each] of way.entries()) {
    const next = way[index + 1];
    if (next === undefined) break;
    each.after.push(next);
    next.before.push(each);
  }
  return way;
}

/** Each slot moves to the middle of its neighbours, forth and back. */
function untangle(columns: readonly Slot[][]): void {
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const forth = sweep % 2 === 0;
    for (const column of forth ? columns : columns.toReversed()) {
      const wanted = new Map(
        column.map(each => [each, middle(forth ? each.before : each.after, each)]),
      );
      column.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0) || a.row - b.row);
      for (const [row, each] of column.entries()) each.row = row;
    }
  }
}

const middle = (neighbours: readonly Slot[], own: Slot): number =>
  neighbours.length === 0
    ? own.row
    : neighbours.reduce((sum, each) => sum + each.row, 0) / neighbours.length;

function placed(
  columns: readonly Slot[][],
  routes: readonly { readonly edge: GraphEdge; readonly route: readonly Slot[] }[],
  widthOf: (node: GraphNode) => number,
): Layout {
  const heights = columns.map(column =>
    column.reduce((sum, each) => sum + heightOf(each) + ROW_GAP, -ROW_GAP),
  );
  const height = heights.reduce((most, each) => Math.max(most, each), 0);
  const boxes: Layout['boxes'][number][] = [];
  let x = MARGIN;
  for (const [index, column] of columns.entries()) {
    const widths = column.map(each => (each.node === undefined ? 0 : widthOf(each.node)));
    const widest = widths.reduce((most, each) => Math.max(most, each), 0);
    let y = MARGIN + (height - (heights[index] ?? 0)) / 2;
    for (const each of column) {
      each.x = x;
      each.y = y;
      if (each.node !== undefined) boxes.push({ node: each.node, x, y, width: widest });
      y += heightOf(each) + ROW_GAP;
    }
    x += widest + COLUMN_GAP;
  }
  const widthAt = new Map(boxes.map(box => [box.node.layer, box.width]));
  const lines = routes.map(({ edge, route }) => ({
    edge,
    points: route.flatMap((each, index) =>
      ends(each, index, route.length, widthAt.get(each.layer) ?? 0),
    ),
  }));
  return { width: Math.max(0, x - COLUMN_GAP) + MARGIN, height: height + 2 * MARGIN, boxes, lines };
}

const heightOf = ({ node }: Slot): number => (node === undefined ? LANE_HEIGHT : BOX_HEIGHT);

/** A box is left at its right side and entered at its left; a lane is crossed from side to side. */
function ends(each: Slot, index: number, length: number, width: number): readonly Point[] {
  const y = each.y + heightOf(each) / 2;
  const left = { x: each.x, y };
  const right = { x: each.x + width, y };
  if (index === 0) return [right];
  return index === length - 1 ? [left] : [left, right];
}

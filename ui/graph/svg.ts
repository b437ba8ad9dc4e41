/** The graph as a picture that stands by itself: no script, no font of its own, light and dark. */
import { visible, visibleWidth } from '../visible.ts';
import { BOX_HEIGHT, layoutOf, type Point } from './layout.ts';
import { type Graph, type GraphNode, titleOf } from './model.ts';

/** Plain rules, without variables: more viewers know them. */
const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2933; }
  .small { font-size: 10.5px; fill: #616e7c; }
  .port { paint-order: stroke; stroke: #f5f7fa; stroke-width: 4px; text-anchor: middle; }
  .line { fill: none; stroke: #9aa5b1; stroke-width: 1.5; }
  .order { stroke-dasharray: 4 4; }
  .tip { fill: #9aa5b1; }
  .back { fill: #f5f7fa; }
  .box { fill: #ffffff; stroke-width: 1.5; }
  .pure { stroke: #3e6ae1; } .source { stroke: #1f9d6b; } .effect { stroke: #c2620a; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f5f7fa; } .small { fill: #9aa5b1; } .port { stroke: #1f2933; }
    .line { stroke: #616e7c; } .tip { fill: #616e7c; } .back { fill: #1f2933; }
    .box { fill: #323f4b; }
    .pure { stroke: #7f9cf5; } .source { stroke: #68d5a4; } .effect { stroke: #f6ad55; }
  }
`;

const LETTER = 7.4;
const SMALL_LETTER = 6;

export function graphSvg(graph: Graph): string {
  const { width, height, boxes, lines } = layoutOf(graph, widthOf);
  const size = `viewBox="0 0 ${round(width)} ${round(height)}" width="${round(width)}" height="${round(height)}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-label="${xml(graph.name)}">`,
    `<style>${STYLE}</style>`,
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" class="tip"/></marker></defs>',
    '<rect width="100%" height="100%" class="back"/>',
    ...lines.map(({ edge, points }) => {
      const look = edge.ports.length === 0 ? 'line order' : 'line';
      return `<path class="${look}" d="${curve(points)}" marker-end="url(#tip)"/>`;
    }),
    ...lines.map(({ edge, points }) => portLabel(edge.ports, points)).filter(label => label !== ''),
    ...boxes.map(box => boxOf(box.node, box, box.width)),
    '</svg>',
  ].join('\n');
}

const subtitleOf = (node: GraphNode): string =>
  node.condition === null ? node.uses : `if ${node.condition}`;

const SMALL_LETTERS = 34;

const shortened = (text: string): string => {
  const letters = [...visible(text)];
  return letters.length <= SMALL_LETTERS
    ? letters.join('')
    : `${letters.slice(0, SMALL_LETTERS - 1).join('')}…`;
};

const widthOf = (node: GraphNode): number =>
  Math.max(
    90,
    24 + visibleWidth(titleOf(node)) * LETTER,
    24 + visibleWidth(shortened(subtitleOf(node))) * SMALL_LETTER,
  );

function boxOf(node: GraphNode, { x, y }: Point, width: number): string {
  const radius = node.kind === 'pure' ? 7 : BOX_HEIGHT / 2;
  const rect = (shift: number) =>
    `<rect class="box ${node.kind}" x="${round(x + shift)}" y="${round(y + shift)}" width="${round(width)}" height="${BOX_HEIGHT}" rx="${radius}"/>`;
  const middle = round(x + width / 2);
  return [
    `<g><title>${xml([titleOf(node), node.uses, ...(node.condition === null ? [] : [`if ${node.condition}`])].join('\n'))}</title>`,
    ...(node.instances > 1 ? [rect(4)] : []),
    rect(0),
    `<text x="${middle}" y="${round(y + 19)}" text-anchor="middle">${xml(titleOf(node))}</text>`,
    `<text class="small" x="${middle}" y="${round(y + 34)}" text-anchor="middle">${xml(shortened(subtitleOf(node)))}</text></g>`,
  ].join('');
}

/** Curves between columns, straight through them. */
function curve(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  let path = `M${round(first.x)} ${round(first.y)}`;
  let from = first;
  for (const [index, to] of rest.entries()) {
    const bend = (to.x - from.x) / 2;
    path +=
      index % 2 === 1
        ? ` L${round(to.x)} ${round(to.y)}`
        : ` C${round(from.x + bend)} ${round(from.y)} ${round(to.x - bend)} ${round(to.y)} ${round(to.x)} ${round(to.y)}`;
    from = to;
  }
  return path;
}

/** In the middle of the first stretch, where the edge has just left its step. */
function portLabel(ports: readonly string[], [from, to]: readonly Point[]): string {
  if (ports.length === 0 || from === undefined || to === undefined) return '';
  const x = round((from.x + to.x) / 2);
  const y = round((from.y + to.y) / 2 - 4);
  const all = ports.join(', ');
  const shown = shortened(all);
  const title = shown === visible(all) ? '' : `<title>${xml(all)}</title>`;
  return `<text class="small port" x="${x}" y="${y}">${title}${xml(shown)}</text>`;
}

const round = (value: number): number => Math.round(value * 10) / 10;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

const xml = (text: string): string =>
  visible(text).replace(/[&<>"]/g, letter => ENTITIES[letter] ?? letter);

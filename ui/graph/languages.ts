/** The graph in languages that other programs draw: Mermaid and Graphviz. */
import { visible } from '../visible.ts';
import { type Graph, type GraphNode, titleOf } from './model.ts';

const MERMAID_SHAPES = { pure: ['[', ']'], source: ['([', '])'], effect: ['{{', '}}'] } as const;
const DOT_SHAPES = { pure: 'box', source: 'cylinder', effect: 'hexagon' } as const;

const captionOf = (node: GraphNode): readonly string[] => [
  titleOf(node),
  ...(node.condition === null ? [] : [`if ${node.condition}`]),
];

export function graphMermaid({ nodes, edges }: Graph): string {
  const ids = new Map(nodes.map((node, index) => [node.name, `n${index}`]));
  const boxes = nodes.map(node => {
    const [open, close] = MERMAID_SHAPES[node.kind];
    const caption = captionOf(node).map(mermaidText).join('<br/>');
    return `  ${ids.get(node.name)}${open}"${caption}"${close}`;
  });
  const arrows = edges.map(({ from, to, ports }) => {
    const arrow = ports.length === 0 ? '-.->' : `-->|"${mermaidText(ports.join(', '))}"|`;
    return `  ${ids.get(from)} ${arrow} ${ids.get(to)}`;
  });
  return ['flowchart LR', ...boxes, ...arrows].join('\n');
}

/** Mermaid has its own entities, by decimal number. */
const mermaidText = (text: string): string =>
  visible(text).replace(/["#<>&;`]/g, letter => `#${letter.charCodeAt(0)};`);

export function graphDot({ name, nodes, edges }: Graph): string {
  const boxes = nodes.map(node => {
    const label = captionOf(node).map(dotText).join('\\n');
    return `  "${dotText(node.name)}" [label="${label}", shape=${DOT_SHAPES[node.kind]}];`;
  });
  const arrows = edges.map(({ from, to, ports }) => {
    const look = ports.length === 0 ? 'style=dashed' : `label="${dotText(ports.join(', '))}"`;
    return `  "${dotText(from)}" -> "${dotText(to)}" [${look}];`;
  });
  const settings = '  rankdir=LR;\n  node [fontname="sans-serif", style=rounded];';
  return [`digraph "${dotText(name)}" {`, settings, ...boxes, ...arrows, '}'].join('\n');
}

const dotText = (text: string): string => visible(text).replace(/[\\"]/g, '\\$&');

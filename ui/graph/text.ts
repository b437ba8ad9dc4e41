/** The graph for a terminal: steps by layer, each with what it takes from where. */
import { visible } from '../visible.ts';
import { type Graph, type GraphNode, titleOf } from './model.ts';

/** Steps of one layer do not wait for each other; the number in front is the layer. */
export function graphText({ name, nodes, edges }: Graph): string {
  const layers = (nodes.at(-1)?.layer ?? -1) + 1;
  const head = `${name}: ${counted(nodes.length, 'step')} in ${counted(layers, 'layer')}`;
  const gutter = String(layers).length;
  const orders = Map.groupBy(
    edges.filter(edge => edge.ports.length === 0),
    edge => edge.to,
  );
  let previous: number | undefined;
  const blocks = nodes.map(node => {
    const number = node.layer === previous ? '' : String(node.layer + 1);
    previous = node.layer;
    const after = (orders.get(node.name) ?? []).map(edge => edge.from);
    const [first = '', ...rest] = linesOf(node, after);
    const pad = ' '.repeat(gutter);
    return [`${number.padStart(gutter)}  ${first}`, ...rest.map(line => `${pad}    ${line}`)];
  });
  return visible([head, '', ...blocks.flat()].join('\n'));
}

const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : 's'}`;

function linesOf(node: GraphNode, after: readonly string[]): readonly string[] {
  const kind = node.kind === 'pure' ? '' : `, ${node.kind}`;
  const width = Math.max(0, ...node.inputs.map(({ port }) => port.length));
  return [
    `${titleOf(node)}  (${node.uses}${kind})`,
    ...node.inputs.map(({ port, from }) => `${port.padEnd(width)} ← ${from.join(', ')}`),
    ...(node.condition === null ? [] : [`if ${node.condition}`]),
    ...(after.length === 0 ? [] : [`after ${after.join(', ')}`]),
  ];
}

/** A compiled pipeline's graph in one of several forms, all deterministic. */
import { assertNever } from '../../schema/assert-never.ts';
import type { Plan } from '../../schema/plan.ts';
import { graphDot, graphMermaid } from './languages.ts';
import { graphOf } from './model.ts';
import { graphSvg } from './svg.ts';
import { graphText } from './text.ts';

export type GraphFormat = 'text' | 'mermaid' | 'dot' | 'json' | 'svg';

/** Steps of a matrix are one node with their number; edges carry the ports that flow. */
export function renderGraph(plan: Plan, format: GraphFormat): string {
  const graph = graphOf(plan);
  switch (format) {
    case 'text':
      return graphText(graph);
    case 'mermaid':
      return graphMermaid(graph);
    case 'dot':
      return graphDot(graph);
    case 'svg':
      return graphSvg(graph);
    case 'json':
      return JSON.stringify({ format: 1, ...graph }, null, 2);
    default:
      return assertNever(format);
  }
}

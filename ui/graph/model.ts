/**
 * A Plan as a picture has it: one node per step that an author wrote, however many instances its
 * matrix has, and what flows between them. Unaware of how it is drawn.
 */
import type { Late } from '../../schema/expression.ts';
import { formatExpression } from '../../schema/expression-text.ts';
import type { Plan, PlanStep } from '../../schema/plan.ts';

export type GraphNode = {
  readonly name: string;
  readonly kind: PlanStep['kind'];
  /** `train 1.2.0` for a step with a definition, `run` for a command. */
  readonly uses: string;
  readonly instances: number;
  /** The condition, where it is not known to hold. */
  readonly condition: string | null;
  /** 0 for what needs nothing; else one more than the deepest need. */
  readonly layer: number;
  /** In the order of the ports; project paths as `./path`. */
  readonly inputs: readonly { readonly port: string; readonly from: readonly string[] }[];
};

export type GraphEdge = {
  readonly from: string;
  readonly to: string;
  /** The output ports that are wired; none where only the order counts. */
  readonly ports: readonly string[];
};

export type Graph = {
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
};

export function graphOf(plan: Plan): Graph {
  const groups = Map.groupBy(plan.steps, step => step.name);
  const nameOf = new Map<string, string>(plan.steps.map(step => [step.id, step.name]));
  const layers = new Map<string, number>();
  const edges = new Map<string, { from: string; to: string; ports: Set<string> }>();
  for (const step of plan.steps) {
    const wired = (need: string, ports: readonly string[]) => {
      const from = nameOf.get(need);
      if (from === undefined || from === step.name) return;
      const key = JSON.stringify([from, step.name]);
      const edge = edges.get(key) ?? { from, to: step.name, ports: new Set() };
      for (const port of ports) edge.ports.add(port);
      edges.set(key, edge);
      layers.set(step.name, Math.max(layers.get(step.name) ?? 0, (layers.get(from) ?? 0) + 1));
    };
    for (const { from } of Object.values(step.inputs)) {
      for (const source of from) if (source.kind === 'output') wired(source.step, [source.port]);
    }
    for (const need of step.needs) wired(need, []);
  }
  const counts = new Map([...groups].map(([name, steps]) => [name, steps.length]));
  const nodes = [...groups.values()].flatMap(([first]) =>
    first === undefined ? [] : [nodeOf(first, layers, counts, nameOf)],
  );
  return {
    name: plan.pipeline.name,
    nodes: nodes.sort((a, b) => a.layer - b.layer),
    edges: [...edges.values()].map(({ from, to, ports }) => ({ from, to, ports: [...ports] })),
  };
}

function nodeOf(
  step: PlanStep,
  layers: ReadonlyMap<string, number>,
  counts: ReadonlyMap<string, number>,
  nameOf: ReadonlyMap<string, string>,
): GraphNode {
  const { definition } = step;
  const inputs = Object.entries(step.inputs).map(([port, { from }]) => {
    const sources = from.map(source => {
      if (source.kind === 'project') return `./${source.path}`;
      const name = nameOf.get(source.step) ?? source.step;
      const several = (counts.get(name) ?? 1) > 1 && from.length > 1;
      // One instance of several is named in full; all of them are `[*]`, as an author writes it.
      return `${several ? `${name}[*]` : source.step}.${source.port}`;
    });
    return { port, from: [...new Set(sources)] };
  });
  return {
    name: step.name,
    kind: step.kind,
    uses: definition.kind === 'inline' ? 'run' : `${definition.step} ${definition.version}`,
    instances: counts.get(step.name) ?? 1,
    condition: conditionOf(step.condition),
    layer: layers.get(step.name) ?? 0,
    inputs,
  };
}

function conditionOf(condition: Late<boolean>): string | null {
  if (condition.kind === 'known') return condition.value ? null : 'false';
  const texts = condition.parts.map(part =>
    part.kind === 'text' ? part.text : formatExpression(part.expression),
  );
  return texts.join('');
}

/** `train`, or `train ×3` for a matrix. */
export const titleOf = ({ name, instances }: GraphNode): string =>
  instances > 1 ? `${name} ×${instances}` : name;

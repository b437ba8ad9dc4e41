/**
 * A Plan as a picture has it: one node per step that an author wrote, however many instances its
 * matrix has, and what flows between them. Unaware of how it is drawn.
 */
import { canonicalJson } from '../../schema/canonical-json.ts';
import type { Expression, Late } from '../../schema/expression.ts';
import { formatExpression } from '../../schema/expression-text.ts';
import type { InputSource, Plan, PlanStep } from '../../schema/plan.ts';

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
  const nodes = [...groups.values()].map(steps => nodeOf(steps, layers, { groups, nameOf }));
  return {
    name: plan.pipeline.name,
    nodes: nodes.sort((a, b) => a.layer - b.layer),
    edges: [...edges.values()].map(({ from, to, ports }) => ({ from, to, ports: [...ports] })),
  };
}

type Names = {
  readonly groups: ReadonlyMap<string, readonly PlanStep[]>;
  readonly nameOf: ReadonlyMap<string, string>;
};

function nodeOf(
  steps: readonly PlanStep[],
  layers: ReadonlyMap<string, number>,
  names: Names,
): GraphNode {
  const [step] = steps;
  if (step === undefined) throw new Error('bug: a group without steps');
  const { name, kind, definition } = step;
  return {
    name,
    kind,
    uses: definition.kind === 'inline' ? 'run' : `${definition.step} ${definition.version}`,
    instances: steps.length,
    condition: conditionOf(steps, names),
    layer: layers.get(name) ?? 0,
    inputs: Object.keys(step.inputs).map(port => ({ port, from: wiresOf(port, steps, names) })),
  };
}

/** What all instances take; where each takes from another one, the steps alone. */
function wiresOf(port: string, steps: readonly PlanStep[], names: Names): readonly string[] {
  const sourcesOf = (step: PlanStep | undefined) => step?.inputs[port]?.from ?? [];
  const from = sourcesOf(steps[0]);
  const text = canonicalJson(from);
  if (steps.every(step => canonicalJson(sourcesOf(step)) === text)) return addressed(from, names);
  const bare = steps.flatMap(sourcesOf).map(source => sourceText(source, names.nameOf));
  return [...new Set(bare)];
}

/** As an author writes it: all instances of a step are `[*]`, any others are named in their order. */
function addressed(from: readonly InputSource[], { groups, nameOf }: Names): readonly string[] {
  const texts: string[] = [];
  for (let at = 0; at < from.length; ) {
    const source = from[at];
    if (source === undefined) break;
    const name = source.kind === 'output' ? nameOf.get(source.step) : undefined;
    const all = name === undefined ? [] : (groups.get(name) ?? []);
    const isAll =
      all.length > 1 &&
      all.every(({ id }, index) => {
        const other = from[at + index];
        return (
          other?.kind === 'output' &&
          source.kind === 'output' &&
          other.step === id &&
          other.port === source.port
        );
      });
    texts.push(
      isAll && source.kind === 'output' ? `${name}[*].${source.port}` : sourceText(source),
    );
    at += isAll ? all.length : 1;
  }
  return texts;
}

const sourceText = (source: InputSource, nameOf?: Names['nameOf']): string =>
  source.kind === 'project'
    ? `./${source.path}`
    : `${nameOf?.get(source.step) ?? source.step}.${source.port}`;

function conditionOf(steps: readonly PlanStep[], { nameOf }: Names): string | null {
  const [own, ...others] = new Set(steps.map(step => conditionText(step.condition)));
  if (own === undefined || others.length === 0) return own ?? null;
  const [first = null, ...more] = new Set(steps.map(step => conditionText(step.condition, nameOf)));
  return more.length === 0 ? first : `${first ?? 'true'} (others differ)`;
}

function conditionText(condition: Late<boolean>, nameOf?: Names['nameOf']): string | null {
  if (condition.kind === 'known') return condition.value ? null : 'false';
  const texts = condition.parts.map(part =>
    part.kind === 'text' ? part.text : formatExpression(shortened(part.expression, nameOf)),
  );
  return texts.join('');
}

/** Without what is settled; with the names of steps in place of addresses, where they are given. */
const shortened = (expression: Expression, nameOf?: Names['nameOf']): Expression =>
  JSON.parse(JSON.stringify(expression), (_, part: Expression) => {
    if (part?.kind === 'result') return { ...part, step: nameOf?.get(part.step) ?? part.step };
    const settled =
      part?.kind === 'binary' && part.operator === '&&' && part.left?.kind === 'literal';
    return settled && part.left.value === true ? part.right : part;
  });

/** `train`, or `train ×3` for a matrix. */
export const titleOf = ({ name, instances }: GraphNode): string =>
  instances > 1 ? `${name} ×${instances}` : name;

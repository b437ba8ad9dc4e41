/**
 * What else in a pipeline would fit a port: the remedy in messages about wires. Unaware of what is
 * wrong with the wire at hand.
 */
import type { InputDeclaration, PartRole } from '../schema/manifest.ts';
import { fits, type PortType, parsePortType } from '../schema/port-type.ts';
import { leftOut, namesLeftOut } from './broken.ts';
import type { Frame, Instance } from './instance.ts';
import type { Fitting, StateParam } from './problems/wire.ts';
import { LISTED } from './problems/words.ts';
import type { ResolvedPipeline } from './resolved.ts';

/** What an output holds. */
export type Artifact = {
  readonly type: PortType;
  readonly role: PartRole | undefined;
  /** Had this parameter been given, the state would be another. */
  readonly decided: StateParam | undefined;
};

/** By port; undefined where something upstream is wrong. */
export type Artifacts = ReadonlyMap<string, Artifact | undefined>;

/** By the step that makes them: thousands of steps ask what fits, each but for its own. */
type Makers = {
  readonly byStep: ReadonlyMap<string, readonly string[]>;
  readonly count: number;
  /** Of some steps it is not known what they make. */
  readonly partial: boolean;
};

const fittings = new WeakMap<Frame, Map<string, Makers>>();

/** Outputs of the same pipeline that a port would take, as an author would write them. */
export function fittingOutputs(
  { frame, step }: Instance,
  declared: InputDeclaration,
  artifacts: readonly Artifacts[],
): Fitting {
  const known = fittings.get(frame) ?? new Map<string, Makers>();
  fittings.set(frame, known);
  const { type, roles, many } = declared;
  const key = `${type} ${roles?.join(' ')} ${many}`;
  const makers = known.get(key) ?? makersOf(frame, declared, artifacts);
  known.set(key, makers);
  const { byStep, count, partial } = makers;
  const own = step.syntax.id.value;
  const first: string[] = [];
  for (const [maker, ports] of byStep) {
    if (first.length >= LISTED) break;
    if (maker !== own) first.push(...ports);
  }
  return { first, count: count - (byStep.get(own)?.length ?? 0), partial };
}

function makersOf(
  frame: Frame,
  { type, roles, many }: InputDeclaration,
  artifacts: readonly Artifacts[],
): Makers {
  const wanted = parsePortType(type);
  const byStep = new Map<string, readonly string[]>();
  const partial = isPartial(frame.pipeline);
  if (wanted === undefined) return { byStep, count: 0, partial };
  let count = 0;
  for (const [name, group] of frame.groups) {
    const [first] = group.members;
    const ports = first?.kind === 'instance' ? artifacts[first.index] : undefined;
    const one = first?.id.slice(frame.prefix.length) ?? name;
    const address = group.axes !== undefined && many ? `${name}[*]` : one;
    const fitting = [...(ports ?? [])].flatMap(([port, artifact]) => {
      if (artifact === undefined || !fits(artifact.type, wanted)) return [];
      const suits =
        roles === undefined || artifact.role === undefined || roles.includes(artifact.role);
      return suits ? [`${address}.${port}`] : [];
    });
    if (fitting.length > 0) byStep.set(name, fitting);
    count += fitting.length;
  }
  return { byStep, count, partial };
}

function isPartial({ steps, syntax: { broken } }: ResolvedPipeline): boolean {
  for (const [name, { body }] of steps)
    if (body.kind === 'broken' || leftOut(broken, `steps.${name}.out`)) return true;
  return broken.has('steps') || [...namesLeftOut(broken, 'steps')].some(name => !steps.has(name));
}

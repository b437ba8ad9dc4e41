/**
 * What else in a pipeline would fit a port: the remedy in messages about wires. Unaware of what is
 * wrong with the wire at hand.
 */
import type { InputDeclaration, PartRole } from '../schema/manifest.ts';
import { fits, type PortType, parsePortType } from '../schema/port-type.ts';
import type { Frame, Instance } from './instance.ts';
import type { StateParam } from './problems/wire.ts';

/** What an output holds. */
export type Artifact = {
  readonly type: PortType;
  readonly role: PartRole | undefined;
  /** Had this parameter been given, the state would be another. */
  readonly decided: StateParam | undefined;
};

/** By port; undefined where something upstream is wrong. */
export type Artifacts = ReadonlyMap<string, Artifact | undefined>;

const fittings = new WeakMap<Frame, Map<string, readonly string[]>>();

/** Outputs of the same pipeline that a port would take, as an author would write them. */
export function fittingOutputs(
  { frame, step }: Instance,
  { type, roles }: InputDeclaration,
  artifacts: readonly Artifacts[],
): readonly string[] {
  const known = fittings.get(frame) ?? new Map<string, readonly string[]>();
  fittings.set(frame, known);
  const key = `${type} ${roles?.join(' ')}`;
  const all = known.get(key) ?? outputsThatFit(frame, type, roles, artifacts);
  known.set(key, all);
  const own = step.syntax.id.value;
  return all.filter(name => !name.startsWith(`${own}.`) && !name.startsWith(`${own}[`));
}

function outputsThatFit(
  frame: Frame,
  type: string,
  roles: readonly PartRole[] | undefined,
  artifacts: readonly Artifacts[],
): readonly string[] {
  const wanted = parsePortType(type);
  if (wanted === undefined) return [];
  return [...frame.groups].flatMap(([name, group]) => {
    const [first] = group.members;
    const ports = first?.kind === 'instance' ? artifacts[first.index] : undefined;
    const address = group.axes === undefined ? name : `${name}[*]`;
    return [...(ports ?? [])].flatMap(([port, artifact]) => {
      if (artifact === undefined || !fits(artifact.type, wanted)) return [];
      const suits =
        roles === undefined || artifact.role === undefined || roles.includes(artifact.role);
      return suits ? [`${address}.${port}`] : [];
    });
  });
}

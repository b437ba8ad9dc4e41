/**
 * Decides what flows through each wire and whether it fits: types, dataset states, part roles,
 * counts. Goes through the instances in topological order, because an output may be like an input.
 * Unaware of files and commands.
 */
import type { Span } from '../schema/diagnostic.ts';
import type { InputDeclaration } from '../schema/manifest.ts';
import {
  DATASET_STATES,
  fits,
  formatPortType,
  type PortType,
  parsePortType,
} from '../schema/port-type.ts';
import { closest } from './closest.ts';
import type { Instance } from './instance.ts';
import { LIMITS } from './limits.ts';
import type { Linked, Wire } from './link.ts';
import { type Artifact, type Artifacts, fittingOutputs } from './link-fitting.ts';
import type { Source } from './link-source.ts';
import type { World } from './meaning.ts';
import { inputPorts, type OutputPort, outputPorts } from './ports.ts';
import type { Problem } from './problems/problem.ts';
import type { ResolvedStep } from './resolved.ts';

/** A wire whose ends are known: `undefined` in place of a source whose port is in doubt. */
export type TypedSource =
  | {
      readonly kind: 'output';
      readonly from: Instance;
      readonly port: string;
      readonly artifact: Artifact | undefined;
    }
  | Extract<Source, { readonly kind: 'project' }>;

export type Typing = {
  /** Outputs of an instance, by its index. */
  readonly artifacts: readonly Artifacts[];
  readonly sources: ReadonlyMap<Wire, readonly TypedSource[]>;
};

type Work = {
  readonly problems: Problem[];
  readonly artifacts: Artifacts[];
  readonly sources: Map<Wire, readonly TypedSource[]>;
  /** Lists of what would fit need all artifacts, so they are made at the end. */
  readonly later: (() => void)[];
  /** Steps that have been asked for what they miss. */
  readonly checked: Set<ResolvedStep>;
  readonly isSet: (instance: Instance, param: string) => boolean | undefined;
};

/** `isSet`: is a parameter of the instance given, and neither empty nor null? Undefined in doubt. */
export function typeWires(
  ordered: readonly Linked[],
  isSet: Work['isSet'],
  { problems, enough }: Pick<World, 'problems' | 'enough'>,
): Typing {
  const work: Work = {
    problems,
    artifacts: [],
    sources: new Map(),
    later: [],
    checked: new Set(),
    isSet,
  };
  for (const linked of ordered) {
    if (enough()) break;
    checkMissing(linked, work);
    for (const wire of linked.wires) {
      if (!work.sources.has(wire)) work.sources.set(wire, typedSources(linked, wire, work));
    }
    work.artifacts[linked.instance.index] = artifactsOf(linked, work);
  }
  for (const report of work.later) report();
  return work;
}

const shared = new WeakMap<ReadonlyMap<string, OutputPort>, Artifacts>();

function artifactsOf(linked: Linked, work: Work): Artifacts {
  const ports = outputPorts(linked.instance.step);
  const known = shared.get(ports);
  if (known !== undefined) return known;
  const made: Artifacts = new Map(
    [...ports].map(([name, port]) => [name, artifactOf(port, linked, work)] as const),
  );
  const own = [...ports.values()].some(
    ({ type, state }) => type.kind === 'like' || state?.kind === 'when',
  );
  if (!own) shared.set(ports, made);
  return made;
}

function artifactOf(port: OutputPort, linked: Linked, work: Work): Artifact | undefined {
  const artifact =
    port.type.kind === 'fixed'
      ? plainArtifact(port.type.type, port.role)
      : likeInput(port.type.port, port.role, linked, work);
  if (artifact === undefined || port.state === null) return artifact;
  const { instance } = linked;
  const { state } = port;
  const set = state.kind === 'when' && work.isSet(instance, state.param);
  if (set === undefined) return undefined;
  const name = state.kind === 'fixed' ? state.state : set ? state.set : state.unset;
  const decided =
    state.kind === 'fixed' || set
      ? undefined
      : { step: instance.step.syntax.id.value, param: state.param, state: state.set };
  const found = DATASET_STATES.find(one => one === name);
  return { ...artifact, decided, type: { ...artifact.type, state: found } };
}

function plainArtifact(type: string, role: Artifact['role']): Artifact | undefined {
  const parsed = parsePortType(type);
  return parsed && { type: parsed, role, decided: undefined };
}

/** What comes in goes out again; the role too, unless the output has one of its own. */
function likeInput(
  port: string,
  role: Artifact['role'],
  { instance, wires }: Linked,
  { sources }: Work,
): Artifact | undefined {
  const wire = wires.find(one => one.port.value === port);
  const source = wire && sources.get(wire)?.[0];
  if (source?.kind === 'output') {
    return source.artifact && { ...source.artifact, role: role ?? source.artifact.role };
  }
  const declared = inputPorts(instance.step)?.[port]?.type;
  return declared === undefined || wire?.broken ? undefined : plainArtifact(declared, role);
}

type Inputs = Readonly<Record<string, InputDeclaration>>;

const NO_INPUTS: Inputs = {};

const required = new WeakMap<Inputs, readonly (readonly [string, InputDeclaration])[]>();

function requiredOf(ports: Inputs): readonly (readonly [string, InputDeclaration])[] {
  const known = required.get(ports);
  if (known !== undefined) return known;
  const made = Object.entries(ports).filter(([, { optional }]) => !optional);
  required.set(ports, made);
  return made;
}

/** What is surely meant by a port that is none is not missing as well. */
const meantPorts = ({ syntax }: ResolvedStep, ports: Inputs): ReadonlySet<string> =>
  new Set(
    [...syntax.in.keys()].flatMap(port =>
      Object.hasOwn(ports, port) ? [] : (closest(port, Object.keys(ports)) ?? []),
    ),
  );

/** `[]` is written, and wires nothing. */
const isWired = ({ sources, broken }: Wire): boolean => sources.length > 0 || broken;

/** Once for all instances of a step, which have their wires at the same ports. */
function checkMissing({ instance, wires }: Linked, work: Work): void {
  const { step, frame } = instance;
  const { problems, later, artifacts } = work;
  if (work.checked.has(step) || later.length >= LIMITS.problems) return;
  work.checked.add(step);
  const { id } = step.syntax;
  const { broken } = frame.pipeline.syntax;
  const ports = inputPorts(step) ?? NO_INPUTS;
  const misspelt = meantPorts(step, ports);
  for (const [port, declared] of requiredOf(ports)) {
    const given = wires.some(wire => wire.port.value === port && isWired(wire));
    if (given || misspelt.has(port)) continue;
    const path = `steps.${id.value}.in`;
    if (broken.has(path) || broken.has(`${path}.${port}`)) continue;
    later.push(() => {
      const { type } = declared;
      const fitting = fittingOutputs(instance, declared, artifacts);
      problems.push({ kind: 'missing-input', step: id.value, at: id.span, port, type, fitting });
    });
  }
}

function typedSources({ instance }: Linked, wire: Wire, work: Work): readonly TypedSource[] {
  const declared = inputPorts(instance.step)?.[wire.port.value];
  const several = wire.sources.length > 1;
  if (declared !== undefined && !declared.many && several) {
    const step = instance.step.syntax.id.value;
    const { value: port, span: at } = wire.port;
    const given = wire.sources.length;
    work.problems.push({ kind: 'not-many', at, step, port, given });
  }
  return wire.sources.flatMap((source): readonly TypedSource[] => {
    if (source.kind === 'project') return [source];
    const port = source.port ?? chosenPort(source, declared, work);
    if (port === undefined) return [];
    const artifact = work.artifacts[source.from.index]?.get(port);
    if (artifact !== undefined && declared !== undefined) {
      checkFit({ instance, wire, declared, source, port, artifact }, work);
    }
    return [{ kind: 'output', from: source.from, port, artifact }];
  });
}

type OutputSource = Extract<Source, { readonly kind: 'output' }>;

/** The one output that fits, where the author named the step alone. */
function chosenPort(
  { from, reference }: OutputSource,
  declared: InputDeclaration | undefined,
  { artifacts, problems }: Work,
): string | undefined {
  const ports = artifacts[from.index];
  if (ports === undefined || from.step.body.kind === 'broken') return undefined;
  const outputs = [...ports.keys()];
  const wanted = declared && parsePortType(declared.type);
  const fitting = outputs.filter(port => {
    const artifact = ports.get(port);
    return wanted === undefined || artifact === undefined || fits(artifact.type, wanted);
  });
  const [only, ...others] = fitting;
  if (only !== undefined && others.length === 0) return only;
  problems.push({
    kind: 'which-output',
    step: reference,
    wanted: declared?.type,
    outputs,
    fitting,
  });
  return undefined;
}

type Fit = {
  readonly instance: Instance;
  readonly wire: Wire;
  readonly declared: InputDeclaration;
  readonly source: OutputSource;
  readonly port: string;
  readonly artifact: Artifact;
};

function checkFit(fit: Fit, work: Work): void {
  const wanted = parsePortType(fit.declared.type);
  if (wanted === undefined || fits(fit.artifact.type, wanted)) checkRole(fit, work);
  else work.later.push(() => work.problems.push(mismatch(fit, wanted, work)));
}

function mismatch(fit: Fit, wanted: PortType, { artifacts }: Work): Problem {
  const { instance, wire, declared, source, artifact } = fit;
  const sameTree = fits({ path: artifact.type.path }, { path: wanted.path });
  const { decided } = artifact;
  return {
    kind: sameTree ? 'state-mismatch' : 'type-mismatch',
    at: source.reference.span,
    input: `${instance.step.syntax.id.value}.${wire.port.value}`,
    wanted: declared.type,
    output: outputName(fit),
    given: formatPortType(artifact.type),
    declared: placeOf(fit),
    fitting: fittingOutputs(instance, declared, artifacts),
    decided: sameTree && decided?.state === wanted.state ? decided : undefined,
  };
}

function checkRole(fit: Fit, { problems, later, artifacts }: Work): void {
  const { instance, wire, declared, source, artifact } = fit;
  const { role } = artifact;
  const { roles } = declared;
  if (role === undefined || roles === undefined || roles.includes(role)) return;
  later.push(() =>
    problems.push({
      kind: 'role-mismatch',
      at: source.reference.span,
      step: instance.step.syntax.id.value,
      port: wire.port.value,
      source: outputName(fit),
      role,
      wanted: roles,
      declared: placeOf(fit),
      fitting: fittingOutputs(instance, declared, artifacts),
    }),
  );
}

const outputName = ({ source, port }: Fit): string => `${source.from.step.syntax.id.value}.${port}`;

/** Where the output is declared, in a file of the author's. */
function placeOf({ source, port }: Fit): Span | undefined {
  const place = outputPorts(source.from.step).get(port)?.at;
  return place?.file.startsWith('library:') ? undefined : place;
}

/**
 * What names mean at each place of a pipeline: which there are and of which type, the same for all
 * instances of a step (Scope), and their values for one instance (Bindings). Unaware of wires; what
 * needs them (`in`, `out`) is given by the caller.
 */

import type { Json } from '../schema/canonical-json.ts';
import type { Expression, Late } from '../schema/expression.ts';
import { leftOut } from './broken.ts';
import { expressionOf } from './expression/late.ts';
import { type Bindings, literal } from './expression/lower.ts';
import type { Meter } from './expression/meter.ts';
import { GIT_NAMES, type Scope } from './expression/scope.ts';
import type { Frame, Place } from './instance.ts';
import { namesOf } from './known-names.ts';
import {
  layered,
  matrixTypes,
  paramType,
  paramTypes,
  sharedTypes,
  textTypes,
} from './meaning-types.ts';
import type { Memory } from './memory.ts';
import { ownRecord, ownValue } from './params-value.ts';
import { stepResults } from './ports.ts';
import type { Problem } from './problems/problem.ts';
import type { ResolvedPipeline, ResolvedStep } from './resolved.ts';
import type { Entries, Text, ValidManifest } from './syntax.ts';
import { type Meaning, textValue } from './value.ts';

export type GitFacts = {
  readonly commit: string;
  readonly branch: string;
  readonly dirty: boolean;
};

type Known = Extract<Late<string>, { kind: 'known' }>;

export type World = {
  /** Undefined where there is no commit that they could be about. */
  readonly git: GitFacts | undefined;
  readonly problems: Problem[];
  /** So much is wrong that nothing more is looked for. */
  readonly enough: () => boolean;
  /** What may still be computed. */
  readonly meter: Meter;
  readonly memory: Memory;
};

/** For what is decided before there are instances: the matrix of a step. */
export function matrixMeaning(frame: Frame, step: ResolvedStep, world: World): Meaning {
  const scope = remembered<object, Scope>(matrixScopes, step, () => ({
    place: 'a matrix',
    roots: sharedTypes(frame.pipeline),
    ...ownEnv(step),
    steps: stepsOf(frame.pipeline),
    results: 'refused',
  }));
  return meaning(scope, world, { variable: variables(frame, undefined, world) });
}

/** For what shapes an instance: `in`, paths, a nested pipeline's `with`. */
export function memberMeaning(place: Place, world: World): Meaning {
  const { frame, step } = place;
  const scope = remembered<object, Scope>(memberScopes, step, () => ({
    place: `this value of \`${step.syntax.id.value}\``,
    roots: { ...sharedTypes(frame.pipeline), ...matrixTypes(step.syntax, frame.pipeline.syntax) },
    ...ownEnv(step),
    steps: stepsOf(frame.pipeline),
    results: 'refused',
  }));
  return meaning(scope, world, {
    variable: variables(frame, place, world),
    instance: instanceOf(place),
  });
}

/** What the wires of an instance add: its paths, its own environment, the addresses of results. */
export type Wired = {
  /** Port → path, for what can be said in `in.x` and `out.x`. */
  readonly in: ReadonlyMap<string, string>;
  readonly out: ReadonlyMap<string, string>;
  readonly env: Readonly<Record<string, Late<string>>>;
  readonly located: (expression: Expression) => Expression;
};

/** For what an instance does: its commands. */
export function stepMeaning(place: Place, wired: Wired, world: World): Meaning {
  const { env: own } = place.step.settings;
  const scope = remembered<object, Scope>(stepScopes, place.step, () => {
    const { ownEnv: _, roots, ...scope } = environmentScope(place, wired);
    const env = own && { env: layered(own, sharedTypes(place.frame.pipeline).env) };
    return { ...scope, roots: { ...roots, ...env } };
  });
  const shared = variables(place.frame, place, world);
  return wiredMeaning({ scope, place, wired, world }, (root, name) => {
    const known = root === 'env' ? ownValue(wired.env, name) : undefined;
    return known === undefined ? shared(root, name) : expressionOf(known);
  });
}

/** For its environment: what its commands know, but for the variables that are made here. */
export function environmentMeaning(place: Place, wired: Omit<Wired, 'env'>, world: World): Meaning {
  const scope = remembered<object, Scope>(environmentScopes, place.step, () =>
    environmentScope(place, wired),
  );
  return wiredMeaning({ scope, place, wired, world }, variables(place.frame, place, world));
}

type WiredPlace = {
  readonly scope: Scope;
  readonly place: Place;
  readonly wired: Omit<Wired, 'env'>;
  readonly world: World;
};

const wiredMeaning = ({ scope, place, wired, world }: WiredPlace, variable: Variable): Meaning => ({
  ...meaning(scope, world, {
    variable,
    path: (side, port) => wired[side].get(port),
    instance: instanceOf(place),
  }),
  located: wired.located,
});

const instanceOf = ({ id, name }: Place): string | undefined => (id === name ? undefined : id);

/** With the step's ports; what was left out of the text may still be named. */
function environmentScope({ frame, step }: Place, ports: Pick<Wired, 'in' | 'out'>): Scope {
  const { pipeline } = frame;
  const { broken } = pipeline.syntax;
  const path = `steps.${step.syntax.id.value}`;
  return {
    place: `the step \`${step.syntax.id.value}\``,
    roots: {
      ...sharedTypes(pipeline),
      ...matrixTypes(step.syntax, pipeline.syntax),
      in: textTypes(ports.in, broken, `${path}.in`),
      out: textTypes(ports.out, broken, `${path}.out`),
    },
    ...ownEnv(step),
    steps: stepsOf(pipeline),
    results: 'allowed',
  };
}

/** What the step declares itself may wait for what is computed here, or be made here. */
const ownEnv = ({
  settings: { env, secrets },
}: ResolvedStep): Pick<Scope, 'ownEnv' | 'secrets'> => ({
  ...(env !== undefined && { ownEnv: env }),
  ...(secrets !== undefined && { secrets: new Set(secrets.map(({ value }) => value)) }),
});

/** For what is given to a definition, and for conditions: results, but no paths. */
export function resultMeaning(place: Place, located: Wired['located'], world: World): Meaning {
  const { frame, step } = place;
  const scope = remembered<object, Scope>(resultScopes, step, () => ({
    place: `the step \`${step.syntax.id.value}\``,
    roots: { ...sharedTypes(frame.pipeline), ...matrixTypes(step.syntax, frame.pipeline.syntax) },
    ...ownEnv(step),
    steps: stepsOf(frame.pipeline),
    results: 'allowed',
  }));
  return { ...meaning(scope, world, { variable: variables(frame, place, world) }), located };
}

/** For the commands that a manifest writes: they know their own parameters and paths. */
export function manifestMeaning(
  manifest: ValidManifest,
  params: Readonly<Record<string, Late>>,
  { in: inputs, out }: Pick<Wired, 'in' | 'out'>,
  world: World,
): Meaning {
  const { manifest: declared } = manifest;
  const scope = remembered<object, Scope>(manifestScopes, manifest, () => ({
    place: `the definition of \`${declared.step}\``,
    roots: {
      params: new Map(Object.entries(declared.params).map(([name, one]) => [name, paramType(one)])),
      in: textTypes(new Map(Object.entries(declared.in)), manifest.broken, 'in'),
      out: textTypes(new Map(Object.entries(declared.out)), manifest.broken, 'out'),
    },
    steps: { names: () => [], find: () => undefined },
    results: 'refused',
  }));
  return meaning(scope, world, {
    variable: (root, name) => {
      const late = root === 'params' ? ownValue(params, name) : undefined;
      return late === undefined ? undefined : expressionOf(late);
    },
    // An optional input that is not wired has no path, and says so by being empty.
    path: (side, port) => (side === 'in' ? inputs : out).get(port) ?? '',
  });
}

/** Environment that a pipeline declares for all its steps, in this frame: one map for all of them. */
export function frameEnv(frame: Frame, world: World): Readonly<Record<string, Known>> {
  return remembered(environments, frame, () => {
    const scope: Scope = {
      place: 'the environment of the pipeline',
      roots: { params: paramTypes(frame.pipeline), git: GIT_NAMES },
      steps: stepsOf(frame.pipeline),
      results: 'refused',
    };
    const inner = meaning(scope, world, {
      variable: (root, name) => (root === 'env' ? undefined : shared(frame, root, name, world)),
    });
    return knownTexts(frame.pipeline.syntax.env, inner);
  });
}

const matrixScopes = new WeakMap<ResolvedStep, Scope>();
const memberScopes = new WeakMap<ResolvedStep, Scope>();
const resultScopes = new WeakMap<ResolvedStep, Scope>();
const manifestScopes = new WeakMap<ValidManifest, Scope>();
const stepScopes = new WeakMap<ResolvedStep, Scope>();
const environmentScopes = new WeakMap<ResolvedStep, Scope>();
const environments = new WeakMap<Frame, Readonly<Record<string, Known>>>();

function remembered<K extends object, V>(memory: WeakMap<K, V>, key: K, make: () => V): V {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const made = make();
  memory.set(key, made);
  return made;
}

function knownTexts(env: Entries<Text>, inner: Meaning): Readonly<Record<string, Known>> {
  const known: (readonly [string, Known])[] = [];
  for (const [name, { value: text }] of env) {
    const late = textValue(text, 'text', inner)?.late;
    if (late?.kind === 'known') known.push([name, { kind: 'known', value: String(late.value) }]);
  }
  return ownRecord(known);
}

const meaning = (
  scope: Scope,
  { problems, meter }: World,
  bindings: Pick<Bindings, 'variable'> & Partial<Bindings>,
): Meaning => ({
  scope,
  bindings: { path: () => undefined, step: name => name, meter, ...bindings },
  located: expression => expression,
  problems,
});

type Variable = Bindings['variable'];

function shared(frame: Frame, root: string, name: string, { git }: World): Expression | undefined {
  if (root === 'params') return known(frame.params.get(name)?.value);
  if (root !== 'git') return undefined;
  return known(Object.entries(git ?? {}).find(([key]) => key === name)?.[1]);
}

const variables =
  (frame: Frame, place: Place | undefined, world: World): Variable =>
  (root, name) => {
    if (root === 'env') return known(ownValue(frameEnv(frame, world), name)?.value);
    if (root === 'matrix' && place !== undefined) return axisValue(place, name);
    return shared(frame, root, name, world);
  };

/** An axis that only other combinations have is there, and empty. */
const axisValue = ({ matrix }: Place, name: string): Expression | undefined =>
  matrix && literal(matrix.get(name) ?? null);

const known = (value: Json | undefined): Expression | undefined =>
  value === undefined ? undefined : literal(value);

/** The steps that an expression can read results of. */
function stepsOf({ steps, syntax: { broken } }: ResolvedPipeline): Scope['steps'] {
  const isBroken = (name: string) => broken.has('steps') || broken.has(`steps.${name}`);
  // These decide which results a step has.
  const inDoubt = (name: string) =>
    ['out', 'matrix'].some(key => leftOut(broken, `steps.${name}.${key}`));
  return {
    names: () => namesOf(steps),
    find(name) {
      const step = steps.get(name);
      if (step === undefined) return isBroken(name) ? { kind: 'broken' } : undefined;
      return inDoubt(name) ? { kind: 'broken' } : stepResults(step);
    },
  };
}

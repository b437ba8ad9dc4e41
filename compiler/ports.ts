/**
 * The outputs and inputs that a step declares, whatever it is: a command, a definition, a pipeline.
 * Unaware of instances and of what is wired to them.
 */

import type { Span } from '../schema/diagnostic.ts';
import type { InputDeclaration, OutputDeclaration } from '../schema/manifest.ts';
import { leftOut } from './broken.ts';
import type { StepResults } from './expression/scope.ts';
import type { ResolvedStep } from './resolved.ts';
import type { Text, ValidManifest } from './syntax.ts';

export type OutputPort = {
  readonly type: OutputDeclaration['type'];
  readonly state: OutputDeclaration['state'];
  readonly role: OutputDeclaration['role'];
  readonly description: string | null;
  /** Where it is declared. */
  readonly at: Span;
  readonly path: Text | string | null;
  /** Where the path of a manifest is written, which is no text with places of its own. */
  readonly pathAt?: Span;
  readonly to: Text | null;
};

/** By the step; by its definition, which steps have in common, where there is one. */
const outputs = new WeakMap<object, ReadonlyMap<string, OutputPort>>();

/** Outputs of a step that is no pipeline. */
export function outputPorts(step: ResolvedStep): ReadonlyMap<string, OutputPort> {
  const manifest = step.body.kind === 'folder' ? step.body.manifest : undefined;
  const known = outputs.get(manifest ?? step);
  if (known !== undefined) return known;
  const ports = manifest === undefined ? written(step) : manifestOutputs(manifest);
  outputs.set(manifest ?? step, ports);
  return ports;
}

const written = ({ syntax }: ResolvedStep): ReadonlyMap<string, OutputPort> =>
  new Map(
    [...syntax.out].map(([port, { value }]) => [
      port,
      {
        type: { kind: 'fixed', type: value.type.value },
        state: value.state === undefined ? null : { kind: 'fixed', state: value.state },
        role: undefined,
        description: value.description,
        at: value.type.span,
        path: value.path,
        to: value.to,
      },
    ]),
  );

const manifestOutputs = ({ manifest, places, span }: ValidManifest) =>
  new Map(
    Object.entries(manifest.out).map(([port, { type, state, role, description, path }]) => {
      const at = places.get(`out.${port}`) ?? span;
      const pathAt = places.get(`out.${port}.path`) ?? at;
      return [port, { type, state, role, description, path, to: null, at, pathAt }] as const;
    }),
  );

/** Inputs of a definition; undefined for a `run` step, which takes whatever comes. */
export const inputPorts = ({
  body,
}: ResolvedStep): Readonly<Record<string, InputDeclaration>> | undefined =>
  body.kind === 'folder' ? body.manifest.manifest.in : undefined;

const results = new WeakMap<ResolvedStep, StepResults>();

/** What expressions may read of a step. */
export function stepResults(step: ResolvedStep): StepResults {
  const known = results.get(step);
  if (known !== undefined) return known;
  const made = resultsOf(step);
  results.set(step, made);
  return made;
}

function resultsOf(step: ResolvedStep): StepResults {
  const { body, syntax } = step;
  if (body.kind === 'broken') return { kind: 'broken' };
  if (body.kind === 'folder' && leftOut(body.manifest.broken, 'out')) return { kind: 'broken' };
  if (syntax.matrix !== null) return { kind: 'matrix' };
  if (body.kind !== 'pipeline') {
    // What is like an input is a dataset, or else whatever came: neither has fields to read.
    const types = [...outputPorts(step)].map(
      ([port, { type }]) => [port, type.kind === 'fixed' ? type.type : 'dataset'] as const,
    );
    return { kind: 'ports', ports: new Map(types) };
  }
  const { pipeline } = body;
  const types = [...pipeline.syntax.outputs].map(([name, { value }]) => {
    const [inner = '', port = ''] = value.value.split('.');
    const used = pipeline.steps.get(inner);
    const ports = used === undefined ? undefined : stepResults(used);
    const type = ports?.kind === 'ports' ? ports.ports.get(port) : undefined;
    return [name, type ?? 'value'] as const;
  });
  return { kind: 'ports', ports: new Map(types) };
}

/**
 * What each instance of a step has for itself in memory, told by what is written: a matrix that
 * multiplies too much is refused before it is made. Unaware of wires, which link.ts counts.
 */
import type { Frame } from './instance.ts';
import { countParams } from './plan-params.ts';
import { outputPorts } from './ports.ts';
import type { ResolvedStep } from './resolved.ts';
import type { Text } from './syntax.ts';
import { computed } from './value.ts';

/** Not exact: what `bench/hostile.ts` showed of a hundred thousand of each. */
const BYTES = { param: 50, output: 700, word: 110, variable: 120, inherited: 16 };

const known = new WeakMap<ResolvedStep, number>();

/** Of all but its wires and its address. */
export function ownBytes({ step, frame }: { readonly step: ResolvedStep; readonly frame: Frame }) {
  const before = known.get(step);
  if (before !== undefined) return before;
  const bytes =
    (step.with.size === 0 ? 0 : countParams(step) * BYTES.param) +
    ownOutputs(step) * BYTES.output +
    wordsOf(step) * BYTES.word +
    variableBytes(step, frame);
  known.set(step, bytes);
  return bytes;
}

/** Those that depend on nothing are kept once. */
function ownOutputs(step: ResolvedStep): number {
  if (step.body.kind === 'pipeline') return 0;
  const ports = outputPorts(step);
  const own = [...ports.values()].some(
    ({ type, state, path, to }) =>
      type.kind === 'like' || state?.kind === 'when' || isComputed(path) || isComputed(to),
  );
  return own ? ports.size : 0;
}

const isComputed = (text: Text | string | null): boolean =>
  text !== null && (typeof text === 'string' ? text : text.value).includes('${{');

function wordsOf({ body, syntax }: ResolvedStep): number {
  const run = body.kind === 'folder' ? body.manifest.run : 'run' in syntax.body && syntax.body.run;
  return run === false || 'part' in run ? 1 : run.length;
}

const variableBytes = ({ settings: { env } }: ResolvedStep, { pipeline }: Frame): number =>
  env === undefined || computed(env).length === 0
    ? 0
    : env.size * BYTES.variable + pipeline.syntax.env.size * BYTES.inherited;

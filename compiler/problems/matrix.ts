/**
 * What can be wrong with a matrix and with the instances it makes. Unaware of wiring.
 */
import type { Json } from '../../schema/canonical-json.ts';
import type { Span } from '../../schema/diagnostic.ts';
import { LIMITS, MOST } from '../limits.ts';
import type { Spanned } from '../syntax.ts';
import {
  choices,
  count,
  LISTED,
  mebibytes,
  raised,
  shown,
  suggestion,
  type Words,
} from './words.ts';

export type MatrixProblems = {
  'matrix-too-large': {
    readonly step: string;
    readonly at: Span;
    readonly size: number;
    /** Undefined where it is all steps together that are too many. */
    readonly axes: readonly { readonly name: string; readonly size: number }[] | undefined;
    readonly limit: number;
  };
  'plan-too-large': {
    readonly step: string;
    readonly at: Span;
    readonly of: 'links' | 'text' | 'memory';
    readonly limit: number;
  };
  'axis-not-a-list': { readonly axis: string; readonly at: Span; readonly found: string };
  'axis-empty': { readonly axis: string; readonly at: Span };
  'axis-value': { readonly axis: string; readonly at: Span };
  'matrix-empty': { readonly step: string; readonly at: Span; readonly excluded: boolean };
  'unknown-exclude-axis': { readonly name: Spanned<string>; readonly known: readonly string[] };
  'unknown-exclude-value': {
    readonly axis: string;
    readonly at: Span;
    readonly excluded: Json;
    readonly values: readonly Json[];
  };
  'duplicate-instance': { readonly address: string; readonly at: Span };
};

function tooManyHelp(limit: number, size: number): string {
  if (size > MOST.instances) return 'name the combinations that matter with `include` instead';
  const enough = Math.ceil(Math.max(size, limit * 2) / 100_000) * 100_000;
  const wanted = Math.min(enough, MOST.instances);
  return `if so many are meant, \`limits: { instances: ${wanted} }\` in sluice.yaml allows them`;
}

const TOO_LARGE = {
  links: (step: string, limit: number) => ({
    message: `with \`${step}\` the pipeline has more than ${count(limit, 'wire')} between instances, which is the limit`,
    help: 'let one step without a matrix gather the instances, and the others take what it makes',
  }),
  text: (step: string, limit: number) => ({
    message: `with \`${step}\` the plan holds more than ${mebibytes(limit)} of text, which is the limit`,
    help: 'every instance repeats what its command and parameters hold; put long texts into a file and take that as an input',
  }),
  memory: (step: string, limit: number) => ({
    message: `with \`${step}\` the instances take more than ${mebibytes(limit)} of memory beyond what they have in common, which is the limit`,
    help: `wires, paths, parameters and variables that are the same for all instances are kept once${raised(limit, LIMITS.ownBytes)}`,
  }),
};

export const matrixWords: {
  readonly [K in keyof MatrixProblems]: (problem: MatrixProblems[K]) => Words;
} = {
  'matrix-too-large': ({ step, at, size, axes, limit }) => ({
    at,
    message:
      axes === undefined
        ? `with \`${step}\` the pipeline has more than ${count(limit, 'instance')}, which is the limit`
        : `the matrix of \`${step}\` makes ${count(size, 'instance')}; the limit is ${count(limit, 'instance')} in all`,
    help: [
      ...(axes !== undefined && axes.length > 0
        ? [axes.map(axis => `${axis.name} (${axis.size})`).join(' × ')]
        : []),
      tooManyHelp(limit, size),
    ].join('; '),
  }),
  'plan-too-large': ({ step, at, of, limit }) => ({ at, ...TOO_LARGE[of](step, limit) }),
  'axis-not-a-list': ({ axis, at, found }) => ({
    at,
    message: `the axis \`${axis}\` is ${found}, not a list of values`,
    help: `write \`${axis}: [a, b]\` or an expression that gives a list, such as \`\${{ range(5) }}\``,
  }),
  'axis-empty': ({ axis, at }) => ({
    at,
    message: `the axis \`${axis}\` has no values, so the step would have no instances`,
    help: 'give it one value at least; `if: false` is what skips a step',
  }),
  'axis-value': ({ axis, at }) => ({
    at,
    message: `a value of \`${axis}\` is a list; the values of an axis are texts, numbers, booleans or maps`,
  }),
  'matrix-empty': ({ step, at, excluded }) => ({
    at,
    message: excluded
      ? `the matrix of \`${step}\` excludes every combination, so the step would have no instances`
      : `the matrix of \`${step}\` has no axes, so the step would have no instances`,
    help: excluded
      ? 'take something out of `exclude`; `if: false` is what skips a step'
      : 'give it an axis, `matrix: { lr: [0.1, 0.01] }`, or take it away',
  }),
  'unknown-exclude-axis': ({ name, known }) => ({
    at: name.span,
    message: `the matrix has no axis \`${name.value}\`, so this excludes nothing`,
    ...suggestion(name, known, 'its axes'),
  }),
  'unknown-exclude-value': ({ axis, at, excluded, values }) => ({
    at,
    message: `the axis \`${axis}\` has no value \`${shown(excluded)}\`, so this excludes nothing`,
    help: `it has: ${choices(values.slice(0, LISTED).map(shown), 'and', values.length)}`,
  }),
  'duplicate-instance': ({ address, at }) => ({
    at,
    message: `two instances have the address \`${address}\``,
    help: 'remove the value that stands twice',
  }),
};

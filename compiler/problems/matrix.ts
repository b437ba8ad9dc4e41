/**
 * What can be wrong with a matrix and with the instances it makes. Unaware of wiring.
 */
import type { Span } from '../../schema/diagnostic.ts';
import type { Spanned } from '../syntax.ts';
import { count, suggestion, type Words } from './words.ts';

export type MatrixProblems = {
  'matrix-too-large': {
    readonly step: string;
    readonly at: Span;
    readonly size: number;
    readonly axes: readonly { readonly name: string; readonly size: number }[];
    readonly limit: number;
  };
  'axis-not-a-list': { readonly axis: string; readonly at: Span; readonly found: string };
  'axis-empty': { readonly axis: string; readonly at: Span };
  'axis-value': { readonly axis: string; readonly at: Span };
  'matrix-empty': { readonly step: string; readonly at: Span };
  'unknown-exclude-axis': { readonly name: Spanned<string>; readonly known: readonly string[] };
  'duplicate-instance': { readonly address: string; readonly at: Span };
};

export const matrixWords: {
  readonly [K in keyof MatrixProblems]: (problem: MatrixProblems[K]) => Words;
} = {
  'matrix-too-large': ({ step, at, size, axes, limit }) => ({
    at,
    message: `the matrix of \`${step}\` makes ${count(size, 'instance')}; the limit is ${count(limit, 'instance')} in all`,
    ...(axes.length > 0 && { help: axes.map(axis => `${axis.name} (${axis.size})`).join(' × ') }),
  }),
  'axis-not-a-list': ({ axis, at, found }) => ({
    at,
    message: `the axis \`${axis}\` is ${found}, not a list of values`,
    help: `write \`${axis}: [a, b]\` or an expression that gives a list, such as \`\${{ range(5) }}\``,
  }),
  'axis-empty': ({ axis, at }) => ({
    at,
    message: `the axis \`${axis}\` has no values, so the step would have no instances`,
  }),
  'axis-value': ({ axis, at }) => ({
    at,
    message: `a value of \`${axis}\` is a list; the values of an axis are texts, numbers, booleans or maps`,
  }),
  'matrix-empty': ({ step, at }) => ({
    at,
    message: `the matrix of \`${step}\` excludes every combination, so the step would have no instances`,
  }),
  'unknown-exclude-axis': ({ name, known }) => ({
    at: name.span,
    message: `the matrix has no axis \`${name.value}\`, so this excludes nothing`,
    ...suggestion(name, known, 'its axes'),
  }),
  'duplicate-instance': ({ address, at }) => ({
    at,
    message: `two instances have the address \`${address}\``,
    help: 'remove the value that stands twice',
  }),
};

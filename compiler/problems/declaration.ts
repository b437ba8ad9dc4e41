/**
 * What can be wrong with what a pipeline or a step's manifest declares: parameters, and what refers
 * to them. Unaware of the values that are given.
 */
import type { Span } from '../../schema/diagnostic.ts';
import { PATTERN_FLAWS } from './phrases.ts';
import { suggestion, type Words } from './words.ts';

type At = { readonly at: Span };

export type DeclarationProblems = {
  'bad-pattern': At & { readonly text: string; readonly reason: keyof typeof PATTERN_FLAWS };
  'no-default': At & {
    readonly name: string;
    readonly type: string | undefined;
    /** A map that declares nothing: it was meant as the value. */
    readonly map?: string | undefined;
  };
  'default-and-required': At & { readonly name: string };
  /** Without bounds: of an `enum` that lists none. */
  'empty-range': At & { readonly bounds: readonly [min: string, max: string] | undefined };
  'constraint-mismatch': At & {
    readonly name: string;
    readonly key: string;
    readonly type: string;
  };
  /** Inside a manifest: `like` and `state.when` name something of the manifest's own. */
  'unknown-in-manifest': At & {
    readonly noun: 'input' | 'parameter';
    readonly name: string;
    readonly known: readonly string[];
  };
};

export const declarationWords: {
  readonly [K in keyof DeclarationProblems]: (problem: DeclarationProblems[K]) => Words;
} = {
  'bad-pattern': ({ at, text, reason }) => ({
    at,
    message: `\`${text.length > 60 ? `${text.slice(0, 59)}…` : text}\` is not a usable pattern`,
    help: PATTERN_FLAWS[reason],
  }),
  'no-default': ({ at, name, type = 'int', map }) => ({
    at,
    message: `parameter \`${name}\` has no value`,
    help:
      map !== undefined
        ? `a map here declares a parameter; for one whose value is a map: \`${name}: { type: map, default: ${map} }\``
        : `add a default to it, or \`required: true\`: \`${name}: { type: ${type}, required: true }\``,
  }),
  'default-and-required': ({ at, name }) => ({
    at,
    message: `parameter \`${name}\` is required and has a default, which would never be used`,
    help: 'keep one of `required: true` and `default`',
  }),
  'empty-range': ({ at, bounds }) => ({
    at,
    message:
      bounds === undefined
        ? 'no value is listed, so none could be given'
        : `no value lies between ${bounds.join(' and ')}`,
    help:
      bounds === undefined
        ? 'list the values that are meant, or take `enum` away'
        : '`min` is the smaller one',
  }),
  'constraint-mismatch': ({ at, name, key, type }) => ({
    at,
    message: `\`${key}\` says nothing about \`${name}\`, which is of type \`${type}\``,
    help:
      key === 'pattern'
        ? 'a pattern is for `string` and `path`'
        : '`min` and `max` are for `int`, `float`, `duration` and `size`',
  }),
  'unknown-in-manifest': ({ at, noun, name, known }) => ({
    at,
    message: `this manifest declares no ${noun} \`${name}\``,
    ...suggestion({ value: name, span: at }, known, 'it declares'),
  }),
};

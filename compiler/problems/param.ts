/**
 * What can be wrong with values: of a pipeline's parameters wherever they come from, of a step's
 * `with`, of resources. Unaware of the order in which sources win.
 */
import type { Json } from '../../schema/canonical-json.ts';
import type { Span } from '../../schema/diagnostic.ts';
import type { ParamType } from '../../schema/manifest.ts';
import { closest } from '../closest.ts';
import type { Spanned } from '../syntax.ts';
import {
  brief,
  choices,
  range,
  replacement,
  shown,
  suggestion,
  truthOf,
  type Words,
} from './words.ts';

export type ParamProblems = {
  'unknown-param': {
    readonly name: Spanned<string>;
    readonly known: readonly string[];
    /** The pipeline, or the step's definition. */
    readonly owner: string;
    /** It is what an input is called. */
    readonly isInput?: boolean;
  };
  'missing-param': {
    readonly name: string;
    readonly owner: string;
    readonly at: Span;
    readonly type: ParamType;
    readonly pipeline: boolean;
  };
  'param-type': {
    readonly name: string;
    readonly at: Span;
    readonly wanted: ParamType | 'resource';
    readonly found: string;
    readonly help?: string | undefined;
    /** By an expression, in whose place no value is to be written. */
    readonly computed: boolean;
  };
  'param-range': {
    readonly name: string;
    readonly at: Span;
    /** With their units, where they have some. */
    readonly value: string;
    readonly min: string | undefined;
    readonly max: string | undefined;
  };
  'param-choice': {
    readonly name: string;
    readonly at: Span;
    readonly value: Json;
    readonly choices: readonly Json[];
  };
  'param-pattern': {
    readonly name: string;
    readonly at: Span;
    readonly value: string;
    readonly pattern: string;
  };
  'param-exactness': { readonly name: string; readonly at: Span; readonly text: string };
  'result-in-map': { readonly at: Span; readonly name: string };
};

export const paramWords: {
  readonly [K in keyof ParamProblems]: (problem: ParamProblems[K]) => Words;
} = {
  'unknown-param': ({ name, known, owner, isInput = false }) => ({
    at: name.span,
    message: `${owner} has no parameter \`${name.value}\``,
    ...(isInput
      ? { help: `\`${name.value}\` is an input: \`in: { ${name.value}: … }\`` }
      : known.length === 0
        ? { help: `${owner} takes no parameters` }
        : suggestion(name, known, 'it has')),
  }),
  'missing-param': ({ name, owner, at, type, pipeline }) => ({
    at,
    message: `${owner} requires the parameter \`${name}\` (${type})`,
    help: pipeline
      ? `give it on the command line, \`-p ${name}=…\`, or in a config`
      : `add it: \`with: { ${name}: … }\``,
  }),
  'param-type': ({ name, at, wanted, found, help, computed }) => ({
    at,
    message: `\`${name}\` takes ${TYPE_NAMES[wanted]}, and this is ${brief(found, 60)}`,
    ...(help === undefined ? typeHelp(at, wanted, computed ? '' : found) : { help }),
  }),
  'param-range': ({ name, at, value, min, max }) => ({
    at,
    message: `\`${name}\` is ${brief(value)}; it must be ${range(min, max)}`,
  }),
  'param-choice': ({ name, at, value, choices: all }) => {
    const texts = all.map(item => (typeof item === 'string' ? item : shown(item)));
    const match = typeof value === 'string' ? closest(value, texts) : undefined;
    return {
      at,
      message: `\`${name}\` is ${shown(value)}; it can be ${choices(texts)}`,
      ...(match !== undefined && { help: `did you mean \`${match}\`?` }),
    };
  },
  'param-pattern': ({ name, at, value, pattern }) => ({
    at,
    message: `\`${name}\` is ${shown(value)}, which does not match its pattern`,
    help: `the pattern is \`${pattern}\``,
  }),
  'param-exactness': ({ name, at, text }) => ({
    at,
    message: `\`${name}\` is ${brief(text)}, which no computer number holds exactly`,
    help: 'integers reach from -9007199254740991 to 9007199254740991; write a longer one as a string',
  }),
  'result-in-map': ({ at, name }) => ({
    at,
    message: `\`${name}\` is a map, and a map cannot hold a value that is known only during the run`,
    help: 'give the result as a parameter of its own, or inside a list',
  }),
};

/** `found` is how a value that is written is called: `the text "5"`. */
function typeHelp(
  at: Span,
  wanted: ParamType | 'resource',
  found: string,
): Pick<Words, 'help' | 'fixes'> {
  const text = /^the text "(.*)"$/.exec(found)?.[1];
  const bare = text === undefined ? undefined : bareValue(wanted, text);
  if (bare !== undefined) return { help: `write \`${bare}\``, fixes: replacement(at, bare) };
  if (wanted === 'list' && text !== undefined && text.length <= 40)
    return { help: `write a list: \`[${text}]\`` };
  const help = TYPE_EXAMPLES[wanted];
  return help === undefined ? {} : { help };
}

/** The value that a text was meant to be. */
function bareValue(wanted: ParamType | 'resource', text: string): string | undefined {
  if (wanted === 'bool') return truthOf(text);
  const pattern = { int: /^[+-]?\d+$/, float: /^[+-]?\d+(?:\.\d+)?$/ };
  return (wanted === 'int' || wanted === 'float') && pattern[wanted].test(text) ? text : undefined;
}

const TYPE_NAMES: Readonly<Record<ParamType | 'resource', string>> = {
  int: 'a whole number',
  float: 'a number',
  bool: '`true` or `false`',
  string: 'a text',
  list: 'a list',
  map: 'a map',
  duration: 'a duration',
  size: 'a size',
  path: 'a path in the project',
  resource: 'a number',
};

const TYPE_EXAMPLES: Readonly<Record<ParamType | 'resource', string | undefined>> = {
  int: undefined,
  float: undefined,
  bool: undefined,
  string: undefined,
  list: 'write a list, such as `[first, second]`',
  map: 'write a map, such as `{ key: value }`',
  duration: 'write a number and its unit, such as `90s`, `15m` or `2h`',
  size: 'write a number and its unit, such as `500MB` or `8GiB`',
  path: "write it from the project's root, such as `./data/raw.csv`",
  resource: undefined,
};

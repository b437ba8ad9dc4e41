/**
 * Declarations of parameters in the JSON Schemas, the same in pipelines and in manifests
 * (docs/language.md). Unaware of where values come from.
 */
import { PARAM_TYPES, type ParamType } from '../manifest.ts';
import {
  choice,
  closed,
  description,
  has,
  list,
  named,
  type Schema,
  text,
  where,
} from './parts.ts';
import { CONSTANT, duration, name, projectPath, size } from './texts.ts';

const number: Schema = { type: 'number' };
const exact = { type: 'integer', minimum: 1 - 2 ** 53, maximum: 2 ** 53 - 1 };

/** A default of each type, and its bounds where it can have some. */
const TYPES: { readonly [T in ParamType]: { readonly value: Schema; readonly bound?: Schema } } = {
  int: { value: exact, bound: number },
  float: { value: number, bound: number },
  bool: { value: { type: 'boolean' } },
  string: { value: { type: ['string', 'number', 'boolean'] } },
  list: { value: { type: 'array' } },
  map: { value: { type: 'object' } },
  duration: { value: duration('A duration.'), bound: duration('A duration.') },
  size: { value: size('A size.'), bound: size('A size.') },
  path: { value: projectPath('A path in the project.') },
};

const orNothing = (value: Schema): Schema => ({ anyOf: [value, { type: 'null' }] });

/** What the other keys of a declaration may hold. */
function following(type: ParamType): Readonly<Record<string, Schema | boolean>> {
  const { value, bound = false } = TYPES[type];
  const patterned = type === 'string' || type === 'path';
  return {
    default: orNothing(value),
    enum: { items: orNothing(value) },
    min: bound,
    max: bound,
    ...(!patterned && { pattern: false }),
  };
}

const typed = PARAM_TYPES.map(type => where(has('type', type), { properties: following(type) }));

/** A number is an int or a float as it is written, which JSON does not tell. */
const SEEN = ['float', 'string', 'bool', 'list', 'map'] as const;

/** Without a type it is seen in the default, but not in an empty one. */
const inferred: Schema = {
  anyOf: [
    { required: ['type'] },
    ...SEEN.map(type => ({
      properties: {
        ...following(type),
        default: type === 'string' ? { type: 'string' } : TYPES[type].value,
      },
    })),
  ],
};

const declaration: Schema = {
  ...closed('A parameter, declared.', {
    type: choice('What its values are.', PARAM_TYPES),
    default: { description: 'Its value unless another is given.', allOf: [CONSTANT] },
    required: { type: 'boolean', default: false, description: 'There is no default.' },
    min: { type: ['number', 'string'], description: 'The smallest value.' },
    max: { type: ['number', 'string'], description: 'The largest value.' },
    enum: { ...list(CONSTANT, 'The only values there are.'), minItems: 1 },
    pattern: text('A regular expression that the whole value matches.', { maxLength: 1000 }),
    description,
  }),
  ...where(has('required', true), { required: ['type'], properties: { default: false } }),
  else: { required: ['default'] },
  allOf: [...typed, inferred],
};

export const params = (description: string): Schema =>
  named(description, name('Lower-case words joined by `-`.'), {
    description: 'A default, whose type is seen, or a declaration.',
    anyOf: [{ type: ['string', 'number', 'boolean', 'array'], allOf: [CONSTANT] }, declaration],
  });

/**
 * Parts that the JSON Schemas (draft-07) of the language share. The schemas are for editors and for
 * other programs; the compiler's own readers say the same with better words, and a test holds both
 * against each other. Unaware of which document uses a part.
 */
import type { Json } from '../canonical-json.ts';

export type Schema = { readonly [key: string]: Json };

/** Every map of the language: fixed keys, nothing else. */
export const closed = (
  description: string,
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[] = [],
): Schema => ({
  type: 'object',
  description,
  properties,
  ...(required.length > 0 && { required }),
  additionalProperties: false,
});

/** A map from names that the author gives; of most things no file has more than `most`. */
export const named = (
  description: string,
  names: Schema,
  values: Schema,
  most: number | undefined = MOST_NAMES,
): Schema => ({
  type: 'object',
  description,
  propertyNames: names,
  additionalProperties: values,
  ...(most !== undefined && { maxProperties: most }),
});

const MOST_NAMES = 2_000;

/** A map whose names somebody else knows. */
export const open = (description: string, values: Schema = {}): Schema => ({
  type: 'object',
  description,
  maxProperties: MOST_NAMES,
  ...values,
});

export const list = (items: Schema, description: string): Schema => ({
  type: 'array',
  description,
  items,
});

export const text = (description: string, more: Schema = {}): Schema => ({
  type: 'string',
  description,
  ...more,
});

export const choice = (description: string, values: readonly string[], more: Schema = {}): Schema =>
  text(description, { enum: values, ...more });

/** Taken as the text that is written, so that `1.10` stays `1.10`. */
export const written = (description: string): Schema => ({
  type: ['string', 'number', 'boolean'],
  description,
});

export const command = (description: string): Schema => ({
  description,
  anyOf: [
    {
      type: 'string',
      pattern: '\\S',
      description: 'For the shell; each expression becomes exactly one word.',
    },
    {
      type: 'array',
      description: 'A program and its arguments, without a shell.',
      minItems: 1,
      items: [{ ...written('The program.'), pattern: '\\S' }],
      additionalItems: written('One word.'),
    },
  ],
});

/** What holds for a map in which a condition does. */
export const where = (condition: Schema, then: Schema): Schema => ({ if: condition, then });

/** The map has this value under a key. */
export const has = (key: string, value: Json): Schema => ({
  required: [key],
  properties: { [key]: { const: value } },
});

export const description: Schema = text('For people; never part of a cache key.');

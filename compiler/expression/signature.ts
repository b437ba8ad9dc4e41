/**
 * What the functions of expressions take and give, for checking before anything is evaluated. What
 * they do is in schema/function.ts. Unaware of trees.
 */
import type { Type } from './scope.ts';

export type Signature = {
  /** One entry per argument; the last one repeats where `most` is larger. */
  readonly takes: readonly (readonly Type[])[];
  readonly least: number;
  readonly most: number;
  readonly gives: (given: readonly Type[]) => Type;
  /** For people. */
  readonly usage: string;
};

const NUMBER = ['int', 'float'] as const;
const TEXT = ['string', 'int', 'float', 'bool'] as const;
const ANY = ['string', 'int', 'float', 'bool', 'list', 'map', 'null'] as const;

const gives = (type: Type) => () => type;

/** Integers stay integers; of what a list holds nothing is known. */
const numeric = (given: readonly Type[]): Type => {
  if (given.some(type => type === 'list' || type === 'unknown')) return 'unknown';
  return given.every(type => type === 'int') ? 'int' : 'float';
};

const extreme = (name: string): Signature => ({
  takes: [[...NUMBER, 'list'], NUMBER],
  least: 1,
  most: Number.POSITIVE_INFINITY,
  gives: numeric,
  usage: `${name}(a, b, …) or ${name}(list)`,
});

export const SIGNATURES: ReadonlyMap<string, Signature> = new Map<string, Signature>([
  [
    'range',
    {
      takes: [['int'], ['int'], ['int']],
      least: 1,
      most: 3,
      gives: gives('list'),
      usage: 'range(stop), range(start, stop) or range(start, stop, step)',
    },
  ],
  [
    'len',
    {
      takes: [['list', 'map', 'string']],
      least: 1,
      most: 1,
      gives: gives('int'),
      usage: 'len(list)',
    },
  ],
  ['min', extreme('min')],
  ['max', extreme('max')],
  [
    'round',
    {
      takes: [NUMBER, ['int']],
      least: 1,
      most: 2,
      gives: given => (given.length === 1 ? 'int' : 'float'),
      usage: 'round(number) or round(number, digits)',
    },
  ],
  [
    'lower',
    { takes: [['string']], least: 1, most: 1, gives: gives('string'), usage: 'lower(text)' },
  ],
  [
    'upper',
    { takes: [['string']], least: 1, most: 1, gives: gives('string'), usage: 'upper(text)' },
  ],
  [
    'join',
    {
      takes: [['list'], ['string']],
      least: 1,
      most: 2,
      gives: gives('string'),
      usage: "join(list) or join(list, ' ')",
    },
  ],
  [
    'format',
    {
      takes: [['string'], TEXT],
      least: 1,
      most: Number.POSITIVE_INFINITY,
      gives: gives('string'),
      usage: "format('{} of {}', a, b)",
    },
  ],
  [
    'basename',
    {
      takes: [['string'], ['string']],
      least: 1,
      most: 2,
      gives: gives('string'),
      usage: "basename(path) or basename(path, '.csv')",
    },
  ],
  ['json', { takes: [ANY], least: 1, most: 1, gives: gives('string'), usage: 'json(value)' }],
  ['raw', { takes: [TEXT], least: 1, most: 1, gives: gives('string'), usage: 'raw(text)' }],
]);

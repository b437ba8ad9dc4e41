/**
 * Parts that the JSON Schemas (draft-07) of the language share. The schemas are for editors and for
 * other programs; the compiler's own readers say the same with better words, and a test holds both
 * against each other. Unaware of which document uses a part.
 */
import type { Json } from '../canonical-json.ts';
import { PARAM_TYPES } from '../manifest.ts';
import { DATASET_STATES, ROOT_TYPES } from '../port-type.ts';

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

/** A map from names that the author gives. */
export const named = (description: string, names: Schema, values: Schema): Schema => ({
  type: 'object',
  description,
  propertyNames: names,
  additionalProperties: values,
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

export const name = (description: string, reserved: readonly string[] = []): Schema => ({
  type: 'string',
  description,
  pattern: '^[a-z][a-z0-9]*(-[a-z0-9]+)*$',
  maxLength: 100,
  ...(reserved.length > 0 && { not: { enum: reserved } }),
});

export const variableName = (description: string): Schema => ({
  type: 'string',
  description,
  pattern: '^(?!SLUICE_)[A-Za-z_][A-Za-z0-9_]*$',
  maxLength: 100,
});

/** Must be known before anything is computed. */
export const literal = (description: string, more: Schema = {}): Schema => ({
  type: 'string',
  description,
  not: { pattern: '\\$\\{\\{' },
  ...more,
});

const DURATION =
  '^(?=.)(\\d+(\\.\\d+)?d)?(\\d+(\\.\\d+)?h)?(\\d+(\\.\\d+)?m)?(\\d+(\\.\\d+)?s)?(\\d+(\\.\\d+)?ms)?$';
export const SIZE = '\\d+(\\.\\d+)? ?(B|kB|KB|MB|GB|TB|KiB|MiB|GiB|TiB)';

export const duration = (description: string): Schema =>
  text(description, { pattern: DURATION, examples: ['90s', '15m', '2h', '1h30m'] });

/** Also an expression that gives one. */
const size = (description: string): Schema =>
  text(description, { pattern: `^${SIZE}$|\\$\\{\\{`, examples: ['500MB', '8GiB'] });

const numberOrExpression = (description: string, number: Schema, example: number): Schema => ({
  description,
  anyOf: [number, { type: 'string', pattern: '\\$\\{\\{' }],
  examples: [example],
});

export const portType = (description: string): Schema =>
  text(description, {
    pattern: `^(dataset(/[a-z][a-z0-9-]*)*(@(${DATASET_STATES.join('|')}))?|(${ROOT_TYPES.filter(root => root !== 'dataset').join('|')})(/[a-z][a-z0-9-]*)*)$`,
    examples: [...ROOT_TYPES, 'dataset/table', 'dataset@labelled', 'model/onnx'],
  });

export const datasetState = (description: string): Schema => choice(description, DATASET_STATES);

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

export const description: Schema = text('For people; never part of a cache key.');

const environment: Schema = named(
  'Environment variables. Part of the cache key. Nothing else of your environment reaches the step.',
  variableName('Letters, digits and `_`.'),
  written('Taken as the text that is written.'),
);

const container: Schema = {
  description: 'The image the step runs in. Without one it runs as a process of this machine.',
  anyOf: [
    text('An image, pinned to its digest when it is first used.', { examples: ['node:24-slim'] }),
    {
      ...closed('An image, or how to build one.', {
        image: text('An image, pinned to its digest when it is first used.'),
        build: text('A Dockerfile in the project.', { examples: ['./Dockerfile'] }),
        user: written('User that the command runs as.'),
        entrypoint: list(
          written('One word.'),
          'Words before the command; the entrypoint of the image is not used.',
        ),
        'writable-root': {
          type: 'boolean',
          default: false,
          description: 'The whole file system may be written, not only outputs and /tmp.',
        },
        capabilities: list(
          text('As `SYS_PTRACE`.'),
          'Linux capabilities that it is given; by default none.',
        ),
        pids: {
          type: 'integer',
          minimum: 1,
          default: 4096,
          description: 'Most processes and threads at a time.',
        },
      }),
      anyOf: [{ required: ['image'] }, { required: ['build'] }],
    },
  ],
};

const resources: Schema = closed('What the step needs to run. Never part of the cache key.', {
  cpus: numberOrExpression('Cores, may be a fraction.', { type: 'number', minimum: 0.01 }, 2),
  memory: size('Main memory.'),
  gpus: numberOrExpression('Whole GPUs.', { type: 'integer', minimum: 0 }, 1),
  'gpu-memory': size('Memory of each GPU.'),
  shm: size('Shared memory, /dev/shm.'),
  disk: size('Room in the working directory.'),
});

const count: Schema = { type: 'integer', minimum: 0, maximum: 100 };

const retries: Schema = {
  description: 'How often a failed attempt is repeated.',
  default: 0,
  anyOf: [
    { ...count, description: 'That many times, whatever the failure.' },
    closed(
      'When, how often and how soon.',
      {
        max: { ...count, description: 'That many times at most.' },
        on: list(
          choice('A failure after which it is tried again.', ['exit', 'timeout', 'oom', 'lost']),
          'The failures after which it is tried again.',
        ),
        backoff: duration('Wait before the first repetition; doubles with each.'),
        memory: {
          description: 'How much more memory it gets after each time that it ran out of it.',
          anyOf: [
            { type: 'number', minimum: 1, maximum: 10 },
            { type: 'string', pattern: '^([1-9]([.][0-9]+)?|10([.]0+)?)x$' },
          ],
          examples: ['1.5x'],
        },
      },
      ['max'],
    ),
  ],
};

/** What `defaults`, a step and a config's override share. */
export const settings: Readonly<Record<string, Schema>> = {
  container,
  resources,
  env: environment,
  secrets: list(
    variableName('Name of a variable.'),
    'Names of variables, taken from the environment or `.env`, masked everywhere and never hashed.',
  ),
  network: choice('The network of a container.', ['none', 'host', 'bridge'], { default: 'none' }),
  timeout: {
    ...duration('An attempt that takes longer is ended.'),
    not: { pattern: '^[0.dhms]*$' },
  },
  retries,
  pool: name('A named limit of `sluice.yaml` that the step counts against.'),
};

const declaration: Schema = {
  ...closed('A parameter, declared.', {
    type: choice('What its values are.', PARAM_TYPES),
    default: { description: 'Its value unless another is given.' },
    required: { type: 'boolean', default: false, description: 'There is no default.' },
    min: { type: ['number', 'string'], description: 'The smallest value.' },
    max: { type: ['number', 'string'], description: 'The largest value.' },
    enum: { ...list({}, 'The only values there are.'), minItems: 1 },
    pattern: text('A regular expression that the whole value matches.', { maxLength: 1000 }),
    description,
  }),
  if: { properties: { required: { const: true } }, required: ['required'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
  then: { required: ['type'], properties: { default: false } },
  else: { required: ['default'] },
  allOf: [
    // The type is seen in a default, but not in an empty one.
    { anyOf: [{ required: ['type'] }, { properties: { default: { not: { type: 'null' } } } }] },
    {
      if: { properties: { type: { enum: ['duration', 'size'] } }, required: ['type'] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
      then: { properties: { min: { type: 'string' }, max: { type: 'string' } } },
      else: { properties: { min: { type: 'number' }, max: { type: 'number' } } },
    },
  ],
};

export const params = (description: string): Schema =>
  named(description, name('Lower-case words joined by `-`.'), {
    description: 'A default, whose type is seen, or a declaration.',
    anyOf: [{ type: ['string', 'number', 'boolean', 'array'] }, declaration],
  });

/**
 * How a step runs, in the JSON Schemas: what `defaults`, a step and a config's override share
 * (docs/language.md). Unaware of what the step is.
 */
import { choice, closed, list, named, type Schema, written } from './parts.ts';
import {
  duration,
  image,
  literal,
  name,
  projectPath,
  roomOrExpression,
  timeLimit,
  variableName,
} from './texts.ts';

export const environment: Schema = named(
  'Environment variables. Part of the cache key. Nothing else of your environment reaches the step.',
  variableName('Letters, digits and `_`.'),
  written('Taken as the text that is written.'),
  1_000,
);

const container: Schema = {
  description: 'The image the step runs in. Without one it runs as a process of this machine.',
  anyOf: [
    image('An image, pinned to its digest when it is first used.'),
    {
      ...closed('An image, or how to build one.', {
        image: image('An image, pinned to its digest when it is first used.'),
        build: projectPath('A Dockerfile in the project.', { examples: ['./Dockerfile'] }),
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
          literal('As `SYS_PTRACE`.'),
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

const numberOrExpression = (description: string, number: Schema, example: number): Schema => ({
  description,
  anyOf: [number, { type: 'string', pattern: '\\$\\{\\{' }],
  examples: [example],
});

const resources: Schema = closed('What the step needs to run. Never part of the cache key.', {
  cpus: numberOrExpression('Cores, may be a fraction.', { type: 'number', minimum: 0.01 }, 2),
  memory: roomOrExpression('Main memory.'),
  gpus: numberOrExpression('Whole GPUs.', { type: 'integer', minimum: 0, maximum: 2 ** 53 - 1 }, 1),
  'gpu-memory': roomOrExpression('Memory of each GPU.'),
  shm: roomOrExpression('Shared memory, /dev/shm.'),
  disk: roomOrExpression('Room in the working directory.'),
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
  timeout: timeLimit('An attempt that takes longer is ended.'),
  retries,
  pool: name('A named limit of `sluice.yaml` that the step counts against.'),
};

/** The JSON Schema of the project's settings: `sluice.yaml` (docs/language.md). */
import { choice, closed, named, type Schema, text } from './parts.ts';
import { name } from './texts.ts';

const count = (description: string): Schema => ({
  type: 'integer',
  description,
  minimum: 1,
  maximum: 10_000,
});

/** How many bytes a small unit makes of a long number, the compiler alone counts. */
const UP_TO_64_MIB = [
  String.raw`\d+(\.\d+)? ?(B|kB|KB|KiB)`,
  String.raw`([0-5]?\d|6[0-3])(\.\d+)? ?(MB|MiB)`,
  String.raw`(64 ?MiB|6[4-6](\.\d+)? ?MB|67 ?MB)`,
];

const layer: Readonly<Record<string, Schema>> = {
  executor: choice('Where steps run.', ['process', 'docker', 'slurm', 'kubernetes'], {
    default: 'process',
  }),
  warm: {
    type: 'boolean',
    description:
      'Containers are kept for the next step that may use them. Default: in `sluice watch`.',
  },
  parallel: count('How many steps run side by side. Default: as many as resources allow.'),
  limits: closed('How much the compiler takes on before it refuses.', {
    instances: {
      type: 'integer',
      description: 'Instances that all matrices together may make.',
      default: 100_000,
      minimum: 1,
      maximum: 250_000,
    },
    file: text('Most that a pipeline file may hold, up to 64MiB.', {
      pattern: `^(${UP_TO_64_MIB.join('|')})$`,
      default: '1MiB',
      examples: ['16MiB'],
    }),
  }),
  pools: named('Named limits that steps count against.', name('A pool.'), count('Its size.')),
};

export const SETTINGS_SCHEMA: Schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'https://sluice.dev/schema/settings.schema.json',
  title: 'Sluice settings',
  ...closed('Settings of a project.', {
    ...layer,
    profiles: named(
      'Sets of settings that are laid over the others when they are chosen.',
      name('A profile.'),
      closed('What is different.', layer),
    ),
  }),
};

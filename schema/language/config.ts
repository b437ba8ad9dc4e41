/** The JSON Schema of a config: `configs/<name>.yaml` (docs/language.md). */
import { closed, description, name, named, type Schema, settings } from './parts.ts';

export const CONFIG_SCHEMA: Schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'https://sluice.dev/schema/config.schema.json',
  title: 'Sluice config',
  ...closed('Values laid over a pipeline with `-c`.', {
    description,
    params: { type: 'object', description: "Values for the pipeline's parameters." },
    steps: named(
      'What some steps do otherwise.',
      name('A step of the pipeline.', [
        'params',
        'matrix',
        'env',
        'git',
        'in',
        'out',
        'steps',
        'true',
        'false',
        'null',
      ]),
      closed('What this step does otherwise.', {
        with: { type: 'object', description: 'Parameters of the step.' },
        ...settings,
      }),
    ),
  }),
};

/** The JSON Schema of a config: `configs/<name>.yaml` (docs/language.md). */
import { closed, description, named, open, type Schema } from './parts.ts';
import { settings } from './policy.ts';
import { CONSTANT, definitions, stepName } from './texts.ts';

export const CONFIG_SCHEMA: Schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'https://sluice.dev/schema/config.schema.json',
  title: 'Sluice config',
  definitions,
  ...closed('Values laid over a pipeline with `-c`.', {
    description,
    params: open("Values for the pipeline's parameters.", { additionalProperties: CONSTANT }),
    steps: named(
      'What some steps do otherwise.',
      stepName('A step of the pipeline.'),
      closed('What this step does otherwise.', {
        with: open('Parameters of the step.'),
        ...settings,
      }),
      undefined,
    ),
  }),
};

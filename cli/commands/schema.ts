/** `sluice schema`: the JSON Schemas that editors complete and check YAML with. */
import { Argument } from '@commander-js/extra-typings';
import { type Define, examples } from '../command.ts';
import { SCHEMAS, schemaText } from '../editor-schemas.ts';

export const define: Define = (program, invocation) => {
  program
    .command('schema')
    .description(
      'A JSON Schema (draft-07): of a pipeline, a step manifest, a config or sluice.yaml.',
    )
    .addArgument(new Argument('[document]').choices(SCHEMAS).default('pipeline' as const))
    .addHelpText('after', examples('sluice schema', 'sluice schema step > step.schema.json'))
    .action(document => {
      const { terminal, finish } = invocation();
      terminal.out(schemaText(document));
      finish(0);
    });
};

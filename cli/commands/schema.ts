/** `sluice schema`: the JSON Schemas that editors complete and check YAML with. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Argument } from '@commander-js/extra-typings';
import { type Define, examples } from '../command.ts';
import { installation } from '../project.ts';

export const SCHEMAS = ['pipeline', 'step', 'config', 'settings'] as const;

export const schemaText = (name: (typeof SCHEMAS)[number]): string =>
  readFileSync(join(installation(), 'schema', `${name}.schema.json`), 'utf8');

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

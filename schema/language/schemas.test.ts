import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path/posix';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { CONFIG_SCHEMA } from './config.ts';
import { LIBRARY_STEPS, PIPELINE_SCHEMA } from './pipeline.ts';
import { SETTINGS_SCHEMA } from './settings.ts';
import { STEP_SCHEMA } from './step.ts';

const schemas = {
  pipeline: PIPELINE_SCHEMA,
  step: STEP_SCHEMA,
  config: CONFIG_SCHEMA,
  settings: SETTINGS_SCHEMA,
};

for (const [name, schema] of Object.entries(schemas)) {
  const file = new URL(`../${name}.schema.json`, import.meta.url);

  test(`${name}.schema.json is what the source says (UPDATE=1 writes it)`, () => {
    if (process.env['UPDATE'] === '1') writeFileSync(file, `${JSON.stringify(schema, null, 2)}\n`);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(schema);
  });

  test(`${name}.schema.json is draft-07, with a description for every key`, () => {
    new Ajv({
      allErrors: true,
      strict: true,
      // What editors say instead of a pattern.
      keywords: ['patternErrorMessage'],
      strictTypes: false,
      // The first word of a command is a program, and any number may follow.
      strictTuples: false,
      strictRequired: false,
      allowUnionTypes: true,
    }).compile(schema);
    for (const [key, property] of Object.entries(schema['properties'] ?? {}))
      expect(property, key).toHaveProperty('description');
  });
}

test('editors are offered exactly the steps that the library has', () => {
  const cwd = new URL('../../steps', import.meta.url);
  const folders = globSync('*/step.yaml', { cwd }).map(dirname);
  expect([...LIBRARY_STEPS].sort()).toEqual(folders.sort());
});

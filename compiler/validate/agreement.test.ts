/**
 * The readers and the published JSON Schemas are two tellings of one language. Whatever a reader
 * refuses the schema refuses, but for what a schema cannot say; those codes are listed. That it
 * refuses nothing else is asked of the whole compiler, in ../agreement.test.ts.
 */
import { globSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { CONFIG_SCHEMA } from '../../schema/language/config.ts';
import { PIPELINE_SCHEMA } from '../../schema/language/pipeline.ts';
import { SETTINGS_SCHEMA } from '../../schema/language/settings.ts';
import { STEP_SCHEMA } from '../../schema/language/step.ts';
import { casesOf } from '../../test/harness/cases.ts';
import { parseConfig } from '../config.ts';
import { parseManifest } from '../manifest.ts';
import { parsePipeline } from '../pipeline.ts';
import { parseSettings } from '../settings.ts';
import { slipped } from '../testing/slips.ts';

/** Relations between values, and exactness: beyond a schema. */
const UNSAYABLE = new Set([
  'unknown-in-manifest',
  'empty-range',
  'bad-pattern',
  'number-not-exact',
  'number-not-finite',
  // `state` beside `like`, where the input that is meant is no dataset.
  'misplaced-key',
]);

type Parse = (
  file: string,
  bytes: Uint8Array,
) => { readonly problems: readonly { readonly kind: string }[] };

const languages: readonly {
  name: string;
  schema: object;
  read: Parse;
  seeds: readonly string[];
}[] = [
  {
    name: 'pipeline',
    schema: PIPELINE_SCHEMA,
    read: parsePipeline,
    seeds: [
      readFileSync(new URL('../../pipelines/digits.yaml', import.meta.url), 'utf8'),
      readFileSync(new URL('./every-key.pipeline.yaml', import.meta.url), 'utf8'),
    ],
  },
  {
    name: 'step',
    schema: STEP_SCHEMA,
    read: parseManifest,
    seeds: [
      ...globSync('*/step.yaml', { cwd: new URL('../../steps', import.meta.url) }).map(path =>
        readFileSync(new URL(`../../steps/${path}`, import.meta.url), 'utf8'),
      ),
      readFileSync(new URL('./every-key.step.yaml', import.meta.url), 'utf8'),
    ],
  },
  {
    name: 'config',
    schema: CONFIG_SCHEMA,
    read: parseConfig,
    seeds: [
      'description: x\nparams: { a: 1, b: [x] }\nsteps: { train: { with: { a: 1 }, resources: { cpus: 2 }, retries: 1 } }',
    ],
  },
  {
    name: 'settings',
    schema: SETTINGS_SCHEMA,
    read: (file, bytes) => parseSettings(file, bytes, undefined),
    seeds: [
      'executor: docker\nparallel: 4\npools: { a: 2 }\nlimits: { instances: 5, file: 16MiB }\nprofiles: { ci: { executor: process, pools: { a: 1 } } }',
    ],
  },
];

describe.each(languages)('$name', ({ schema, read, seeds }) => {
  const validate = new Ajv({ allErrors: false, strict: false }).compile(schema);
  const verdicts = (tree: unknown) => {
    const source = JSON.stringify(tree);
    const codes = read('x.yaml', Buffer.from(source)).problems.map(problem => problem.kind);
    return { source, codes, schema: validate(JSON.parse(source)), errors: validate.errors };
  };

  test('both accept what ships', () => {
    for (const seed of seeds) {
      const found = verdicts(parse(seed));
      expect(found.codes, seed).toEqual([]);
      expect(found.schema, `${seed}\n${JSON.stringify(found.errors)}`).toBe(true);
    }
  });

  test('what a reader refuses after one or two slips, the schema refuses', () => {
    const trees = seeds.map(seed => parse(seed));
    fc.assert(
      fc.property(slipped(trees, 2), ({ tree, slips }) => {
        const { codes, schema: accepts } = verdicts(tree);
        if (codes.every(code => UNSAYABLE.has(code))) return;
        expect(accepts, `${codes.join()}: ${JSON.stringify(slips)}`).toBe(false);
      }),
      { numRuns: casesOf(40) },
    );
  });
});

// Found by the property above, once in a thousand rounds.
test.each([
  ['step', 'wrong-shape', { step: 's', version: '1.0.0', run: ['', 'main.ts'] }],
  ['pipeline', 'wrong-shape', { sluice: 1, steps: { s: { run: ['', 'main.ts'] } } }],
  [
    'pipeline',
    'empty-range',
    {
      sluice: 1,
      params: { a: { type: 'int', default: 1, enum: [] } },
      steps: { s: { run: 'date' } },
    },
  ],
])('where nothing stands in a list, both refuse it: %s, %s', (language, code, tree) => {
  const { schema = {}, read } = languages.find(({ name }) => name === language) ?? {};
  expect(new Ajv({ strict: false }).compile(schema)(tree)).toBe(false);
  const { problems } = read?.('x.yaml', Buffer.from(JSON.stringify(tree))) ?? { problems: [] };
  expect(problems.map(({ kind }) => kind)).toEqual([code]);
});

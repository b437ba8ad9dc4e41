/**
 * The readers and the published JSON Schemas are two tellings of one language. Whatever one accepts
 * the other accepts, but for what a schema cannot say; those codes are listed.
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
import { parseConfig } from '../config.ts';
import { parseManifest } from '../manifest.ts';
import { parsePipeline } from '../pipeline.ts';
import { parseSettings } from '../settings.ts';

/** Relations between values, and exactness: beyond a schema. */
const UNSAYABLE = new Set([
  'unknown-in-manifest',
  'empty-range',
  'bad-pattern',
  'bad-image',
  'constraint-mismatch',
  'number-not-exact',
  'number-not-finite',
  'expression-not-allowed',
  'bad-quantity',
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

type Tree = unknown;

/** What an author's slip may put in the place of a value. */
const scalars = fc.constantFrom<Tree>(
  null,
  true,
  false,
  0,
  1,
  -1,
  2.5,
  101,
  '',
  'x',
  'Bad_Name',
  '2h',
  '0s',
  '8GiB',
  '8Gi',
  '${{ params.a }}',
  'dataset/table',
  'dataset@split',
  'model/onnx',
  'labelled',
  'train',
  'pure',
  'effect',
  'source',
  'receipt',
  'int',
  'a b',
  '1.0.0',
  '../x',
  '/x',
  [],
  {},
  [1],
  ['x'],
  { x: 1 },
  { run: 'x' },
  { max: 1 },
  { image: 'x' },
  { type: 'file' },
  { like: 'a' },
  { default: 1 },
  { required: true, type: 'int' },
);
const keys = fc.constantFrom(
  'x',
  'Bad',
  'in',
  'steps',
  'uses',
  'run',
  'with',
  'type',
  'state',
  'kind',
  'probe',
  'check',
  'default',
  'required',
  'SLUICE_X',
  'include',
  'constructor',
  '__proto__',
  'toString',
);

/** One slip somewhere: a value replaced, a key added, taken away or renamed. */
function slip(
  tree: Tree,
  path: readonly number[],
  change: 'replace' | 'add' | 'drop' | 'rename',
  key: string,
  value: Tree,
): Tree {
  const [step, ...rest] = path;
  if (typeof tree !== 'object' || tree === null) return value;
  const entries: [string, Tree][] = Object.entries(tree);
  const rebuild = (changed: readonly (readonly [string, Tree])[]): Tree =>
    Array.isArray(tree) ? changed.map(entry => entry[1]) : Object.fromEntries(changed);
  if (step === undefined || entries.length === 0) {
    if (change === 'replace') return value;
    if (change === 'add') return rebuild([...entries, [key, value]]);
    if (change === 'drop') return rebuild(entries.slice(1));
    return rebuild(entries.map(([name, inner], i) => [i === 0 ? key : name, inner]));
  }
  const at = step % entries.length;
  return rebuild(
    entries.map(([name, inner], i) => [
      name,
      i === at ? slip(inner, rest, change, key, value) : inner,
    ]),
  );
}

describe.each(languages)('$name', ({ schema, read, seeds }) => {
  const validate = new Ajv({ allErrors: false, strict: false }).compile(schema);
  const verdicts = (tree: Tree) => {
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

  test('both agree on documents with one or two slips', () => {
    const trees = seeds.map(seed => parse(seed));
    const change = fc.record({
      path: fc.array(fc.nat(40), { maxLength: 6 }),
      change: fc.constantFrom(
        'replace' as const,
        'add' as const,
        'drop' as const,
        'rename' as const,
      ),
      key: keys,
      value: scalars,
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...trees),
        fc.array(change, { minLength: 1, maxLength: 2 }),
        (tree, slips) => {
          const broken = slips.reduce(
            (now: Tree, s) => slip(now, s.path, s.change, s.key, s.value),
            tree,
          );
          const found = verdicts(broken);
          if (found.codes.length > 0 && found.codes.every(code => UNSAYABLE.has(code))) return;
          const why = `readers say ${found.codes.join() || 'nothing'}: ${JSON.stringify(slips)}`;
          expect(found.schema, why).toBe(found.codes.length === 0);
        },
      ),
      { numRuns: Number(process.env['FUZZ'] ?? 200) },
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

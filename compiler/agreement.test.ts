/**
 * What the compiler refuses for the sake of one value alone, whatever else there is, the schemas
 * refuse, and what it accepts they accept. The readers are held to that in validate/; here are the
 * phases behind them, which see steps, files and values as well.
 */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { CONFIG_SCHEMA } from '../schema/language/config.ts';
import { PIPELINE_SCHEMA } from '../schema/language/pipeline.ts';
import { SETTINGS_SCHEMA } from '../schema/language/settings.ts';
import { STEP_SCHEMA } from '../schema/language/step.ts';
import { casesOf } from '../test/harness/cases.ts';
import { type CompileRequest, compile } from './compile.ts';
import { LIMITS } from './limits.ts';
import { memoryFiles } from './memory-files.ts';
import { library, standard } from './testing/compile-text.ts';
import { slipped } from './testing/slips.ts';
import { writtenSize } from './units.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

/** What every key of the language needs around it. */
const WORLD = {
  'sluice.yaml': 'pools: { licence: 1 }',
  'pipeline.yaml': read('validate/every-key.pipeline.yaml'),
  'steps/label/step.yaml': `step: label
version: 1.0.0
run: label
params: { names: { type: list, default: [] }, depth: { type: map, default: {} }, seed: 0 }
in:
  data: dataset/table
  extra: { type: dataset, many: true, optional: true }
  files: { type: file, many: true, optional: true }
out: { data: dataset/table@labelled }`,
  'steps/every-key/step.yaml': read('validate/every-key.step.yaml'),
  'steps/sdk/index.ts': '',
  'data/a.csv': '',
  'train.py': '',
  'src/net.py': '',
  Dockerfile: '',
  'small.yaml': `sluice: 1
params: { a: 1, b: [x] }
steps:
  make: { run: make, out: { d: dataset@refined } }
  train: { uses: ./steps/every-key, in: { data: make.d } }`,
};

type Language = {
  readonly schema: object;
  readonly file: string;
  readonly seed: string;
  readonly request: Partial<CompileRequest>;
};

const small = { pipeline: 'small.yaml' };
const languages: Readonly<Record<string, Language>> = {
  pipeline: {
    schema: PIPELINE_SCHEMA,
    file: 'pipeline.yaml',
    seed: WORLD['pipeline.yaml'],
    request: { params: [{ name: 'source', text: 'data/a.csv' }] },
  },
  step: {
    schema: STEP_SCHEMA,
    file: 'steps/every-key/step.yaml',
    seed: WORLD['steps/every-key/step.yaml'],
    request: small,
  },
  config: {
    schema: CONFIG_SCHEMA,
    file: 'configs/fast.yaml',
    seed: `params: { a: 2, b: [y] }
steps:
  train:
    with: { n: 1 }
    container: { image: a, build: ./Dockerfile, user: 1000, entrypoint: [sh, -c], capabilities: [SYS_PTRACE] }
    resources: { cpus: 2, memory: 1GiB }
    retries: { max: 1, on: [oom], backoff: 1s }
    timeout: 1h
    pool: licence`,
    request: { ...small, configs: ['fast'] },
  },
  settings: {
    schema: SETTINGS_SCHEMA,
    file: 'sluice.yaml',
    seed: 'parallel: 4\npools: { licence: 2 }\nlimits: { file: 16MiB }\nprofiles: { ci: { executor: docker } }',
    request: { ...small, profile: 'ci' },
  },
};

/** Beyond a schema: other names, other values, files, what an expression says, how exact a number is. */
const BEYOND = new Set(
  `cycle role-mismatch state-mismatch type-mismatch type-of-port not-many no-such-instance
   duplicate-instance not-a-matrix which-instance which-output unknown-axis unknown-exclude-axis unknown-exclude-value
   unknown-step unknown-output unknown-input unknown-param unknown-pool unknown-profile
   unknown-config-step unknown-library-step unknown-in-manifest unavailable-in-manifest missing-input
   missing-param uses-not-found uses-no-manifest pipeline-uses-itself
   path-not-found path-kind glob-matches-nothing output-collision output-overlap
   output-overwrites-input outputs-of-instance config-with-run profile-without-settings
   param-type param-choice param-range param-pattern param-exactness empty-range bad-pattern
   number-not-exact matrix-too-large misplaced-key
   unclosed-expression unexpected-token stray-character malformed-number unknown-name unknown-member
   unavailable-name unreadable-result matrix-result expression-type expression-fails axis-not-a-list`.split(
    /\s+/,
  ),
);

describe.each(Object.entries(languages))('%s', (_, { schema, file, seed, request }) => {
  const validate = new Ajv({ strict: false }).compile(schema);
  const verdicts = async (tree: unknown) => {
    const source = JSON.stringify(tree);
    const files = memoryFiles({ files: { ...WORLD, [file]: source }, library });
    const { diagnostics } = await compile({ ...standard, ...request }, files);
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    // A value that is computed may be anything.
    const computed = ({ at }: (typeof errors)[number]) =>
      at !== undefined && source.slice(at.start, at.end).includes('${{');
    const codes = errors.map(({ code }) => code);
    return {
      codes,
      sayable: errors.filter(one => !BEYOND.has(one.code) && !computed(one)).map(e => e.code),
      schema: validate(JSON.parse(source)),
      errors: validate.errors,
    };
  };

  test('both accept every key', async () => {
    const found = await verdicts(parse(seed));
    expect(found.codes).toEqual([]);
    expect(found.errors).toBeNull();
  });

  test('both agree on a slip', async () => {
    await fc.assert(
      fc.asyncProperty(slipped([parse(seed)], 1), async ({ tree, slips }) => {
        const { codes, sayable, schema: accepts } = await verdicts(tree);
        if (codes.length > 0 && sayable.length === 0) return;
        const why = `the compiler says ${codes.join() || 'nothing'}: ${JSON.stringify(slips)}`;
        expect(accepts, why).toBe(codes.length === 0);
      }),
      { numRuns: casesOf(25) },
    );
  });
});

test('the limits that an editor names are those in force', () => {
  expect(SETTINGS_SCHEMA).toHaveProperty(
    'properties.limits.properties.instances.default',
    LIMITS.instances,
  );
  const file = 'properties.limits.properties.file.default';
  expect(SETTINGS_SCHEMA).toHaveProperty(file, writtenSize(LIMITS.fileBytes));
});

/** One value each; with the rest of the smallest pipeline around it the compiler refuses it. */
const make = (more: object) => ({ sluice: 1, steps: { make: { run: 'make', ...more } } });
const output = (more: object) => make({ out: { o: { type: 'file', ...more } } });
const param = (value: unknown) => ({ ...make({}), params: { a: value } });
const many = (name: string, count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${name}${i}`, [i]]));

const validatePipeline = new Ajv({ strict: false }).compile(PIPELINE_SCHEMA);

test.each<[what: string, tree: object]>([
  ['a matrix without axes', make({ matrix: {} })],
  ['a matrix that only leaves out', make({ matrix: { exclude: [{ i: 1 }] } })],
  ['an axis without values', make({ matrix: { i: [] } })],
  ['too many axes', make({ matrix: many('a', 17) })],
  ['too many inputs', make({ in: many('a', 2001) })],
  ['no path', output({ path: '' })],
  ['a path among the inputs', output({ path: './in/x' })],
  ['no place', output({ to: '' })],
  ['a place of git', output({ to: 'a/.Git/x' })],
  ['a place of Sluice', output({ to: './.sluice/x' })],
  ['a place outside', output({ to: '../x' })],
  ['a place at home', output({ to: '$HOME/x' })],
  ['no file', make({ files: [''] })],
  ['a file outside', make({ files: ['./../x'] })],
  ['no input', make({ in: { d: '' } })],
  ['the whole project', make({ in: { d: './' } })],
  ['an input that is neither', make({ in: { d: 'data/raw.csv' } })],
  ['instances that are not said', make({ in: { d: 'make[].o' } })],
  ['an image in capitals', make({ container: 'Img:Tag' })],
  ['no version', { sluice: 1, steps: { a: { uses: 'ingest@' } } }],
  ['a version that is none', { sluice: 1, steps: { a: { uses: 'ingest@latest' } } }],
  ['a source without probe', make({ kind: 'source' })],
  ['a reserved need', make({ needs: ['params'] })],
  ['no memory', make({ resources: { memory: '0GiB' } })],
  ['a bound of a text', param({ type: 'string', default: 'x', min: 1 })],
  ['a pattern of a number', param({ default: 1, pattern: 'x' })],
  ['a default of another type', param({ type: 'int', default: 'x' })],
  ['a bound without its unit', param({ type: 'size', default: '1GiB', max: '8' })],
  ['an expression as a default', param(['${{ 1 }}'])],
  ['an output that is a path', { ...make({}), outputs: { o: './x' } }],
])('both refuse %s', async (_, tree) => {
  expect(validatePipeline(tree)).toBe(false);
  const files = memoryFiles({ files: { 'pipeline.yaml': JSON.stringify(tree) }, library });
  const { diagnostics } = await compile(standard, files);
  expect(diagnostics.map(({ code }) => code)).toHaveLength(1);
});

/**
 * Whatever the text, the compiler answers: a Plan, or diagnostics with places, never an exception.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import type { Json } from '../schema/canonical-json.ts';
import { casesOf } from '../test/harness/cases.ts';
import { answers, timeoutMs, WORDS } from './fuzzing.ts';

const RUNS = casesOf(25);
const TIMEOUT_MS = timeoutMs(RUNS);
const FIXTURES = join(import.meta.dirname, 'fixtures');
const LIBRARY = join(FIXTURES, '_library');
const library = Object.fromEntries(
  readdirSync(LIBRARY).map(name => [name, readFileSync(join(LIBRARY, name, 'step.yaml'), 'utf8')]),
);
const seeds = readdirSync(FIXTURES)
  .filter(name => name.startsWith('ok-'))
  .map(name => readFileSync(join(FIXTURES, name, 'pipeline.yaml'), 'utf8'));

const rest = {
  'data/raw.csv': 'a,b\n',
  'src/stats.py': '',
  'sluice.yaml': 'pools: { licence: 1 }\n',
  'pipelines/prep.yaml':
    'sluice: 1\nparams: { seed: 1 }\nsteps: { a: { run: x, out: { x: file, m: metrics } } }\noutputs: { clean: a.x, numbers: a.m }\n',
};

async function compiles(text: string | Uint8Array): Promise<void> {
  await answers({ files: { ...rest, 'pipeline.yaml': text }, library });
}

const edits = fc.array(
  fc.tuple(fc.noBias(fc.nat(9_999)), fc.nat(12), fc.constantFrom('', ...WORDS)),
  { minLength: 1, maxLength: 4 },
);

const mutated = fc.tuple(fc.constantFrom(...seeds), edits).map(([seed, changes]) =>
  changes.reduce((text, [where, removed, added]) => {
    const at = Math.floor((where / 10_000) * text.length);
    return text.slice(0, at) + added + text.slice(at + removed);
  }, seed),
);

const name = fc.constantFrom('a', 'b', 'c', 'd', 'train', 'x-y', 'constructor', '__proto__', 'in');
const port = fc.constantFrom('o', 'p', 'data', 'train', 'model', 'metrics');
const reference = fc
  .tuple(name, fc.constantFrom('', '[*]', '[i=1]', '[i=${{ matrix.i }}]'), port)
  .map(([step, selector, of]) => `${step}${selector}.${of}`);
const text = fc.oneof(
  fc.constantFrom('x', '${{ params.p }}', '${{ matrix.i }}', '${{ in.data }} > ${{ out.o }}'),
  fc.tuple(name, port).map(([step, of]) => `\${{ ${step}.${of}.f > 1 }}`),
  fc.string({ maxLength: 8 }),
);
const value = fc.oneof(text, fc.integer(), fc.double(), fc.boolean(), fc.constant(null));
const record = <T>(keys: fc.Arbitrary<string>, values: fc.Arbitrary<T>) =>
  fc.array(fc.tuple(keys, values), { maxLength: 3 }).map(entries => Object.fromEntries(entries));

/** Steps of a plausible shape, wired at random: most go wrong late, in link and plan. */
const step = fc.record(
  {
    run: text,
    in: record(port, fc.oneof(reference, name, fc.constant('./data/raw.csv'))),
    out: record(port, fc.constantFrom('file', 'metrics', 'value', 'model/onnx', 'dataset@split')),
    matrix: record(fc.constantFrom('i', 'j'), fc.array(value, { maxLength: 3 })),
    needs: fc.array(name, { maxLength: 2 }),
    if: fc.oneof(text, fc.boolean()),
    env: record(fc.constantFrom('A', 'B'), text),
    retries: fc.nat(3),
  },
  { requiredKeys: ['run'] },
);
const libraryStep = fc.record(
  {
    uses: fc.constantFrom('ingest', 'split', 'train', 'eval', 'choose', './pipelines/prep.yaml'),
    in: record(fc.constantFrom('data', 'train', 'model', 'source'), reference),
    with: record(fc.constantFrom('label', 'parts', 'epochs', 'seed', 'rate'), value),
  },
  { requiredKeys: ['uses'] },
);
const generated = fc
  .record({
    sluice: fc.constant(1),
    params: fc.constant({ p: 1 }),
    steps: record(name, fc.oneof(step, libraryStep)),
    outputs: record(name, reference),
  })
  .map(pipeline => JSON.stringify(pipeline));

/** Repeated, to be drawn more often. */
const same = <T>(value: T, times: number): T[] => Array.from({ length: times }, () => value);

/** Pipelines that are right but for a few places, so that every phase has its work. */
const nearlyRight = fc
  .array(
    fc.record({
      from: fc.nat(5),
      also: fc.nat(5),
      axes: fc.constantFrom<Json>(
        ...same(null, 6),
        { i: [1, 2] },
        { i: '${{ range(params.p) }}', j: ['a', 'b'] },
        { i: [1, 1] },
      ),
      port: fc.constantFrom('f', 'm', 'm', 'v'),
      gather: fc.constantFrom(
        ...same('', 6),
        '[*]',
        '[*]',
        '[i=1]',
        '[i=${{ matrix.i }}]',
        '[i=1,j=a]',
      ),
      to: fc.constantFrom(...same(null, 12), 'out.txt', 'a/b', 'a', 'r/${{ matrix.i }}'),
      condition: fc.constantFrom(...same(true, 6), false, '${{ params.p > 1 }}', 'result'),
      nested: fc.nat(6),
    }),
    { minLength: 1, maxLength: 7 },
  )
  .map(specs => {
    const steps = specs.map((spec, at) => {
      // Always an earlier step, but not always one with such a port.
      const source = `s${at - 1 - (spec.from % Math.max(1, at))}`;
      const other = `s${at - 1 - (spec.also % (at + 1))}`;
      if (spec.nested === 0) return { uses: './pipelines/prep.yaml', with: { seed: at } };
      return {
        run: 'x ${{ params.p }} ${{ out.f }}',
        ...(at > 0 && { in: { one: `${source}${spec.gather}.${spec.port}` } }),
        out: {
          f: { type: 'file', ...(spec.to !== null && { to: spec.to }) },
          m: 'metrics',
          v: 'value',
        },
        ...(spec.axes !== null && { matrix: spec.axes }),
        if: spec.condition === 'result' ? `\${{ ${other}.m.x > 1 }}` : spec.condition,
      };
    });
    const named = Object.fromEntries(steps.map((one, at) => [`s${at}`, one]));
    return JSON.stringify({ sluice: 1, params: { p: 2 }, steps: named, outputs: { o: 's0.m' } });
  });

describe('the compiler answers', () => {
  test(
    'for edited pipelines',
    async () => {
      await fc.assert(fc.asyncProperty(mutated, compiles), { numRuns: RUNS });
    },
    TIMEOUT_MS,
  );
  test(
    'for generated pipelines',
    async () => {
      await fc.assert(fc.asyncProperty(generated, compiles), { numRuns: RUNS });
    },
    TIMEOUT_MS,
  );
  test(
    'for pipelines that are nearly right',
    async () => {
      await fc.assert(fc.asyncProperty(nearlyRight, compiles), { numRuns: RUNS });
    },
    TIMEOUT_MS,
  );
  test(
    'for any bytes',
    async () => {
      await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), compiles), {
        numRuns: RUNS,
      });
    },
    TIMEOUT_MS,
  );
});

/** Which mistakes come with a repair: only those of which no other one can have been meant. */
import { expect, test } from 'vitest';
import { compile } from './compile.ts';
import { memoryFiles } from './memory-files.ts';

const LIBRARY = {
  train:
    'step: train\nversion: 1.0.0\ndescription: x\nparams: { epochs: { type: int, default: 1 }, mode: { type: string, default: fast, enum: [fast, careful] } }\nrun: [train]\n',
};

async function repairsOf(text: string): Promise<readonly string[]> {
  const files = {
    'pipeline.yaml': text.startsWith('sluice:') ? text : `sluice: 1\n${text}\n`,
    'data/2023.csv': 'x',
    'data/2025.csv': 'x',
    'inner.yaml': 'sluice: 1\nparams: { n: 1 }\nsteps: { s: { run: "echo ${{ params.n }}" } }\n',
  };
  const { diagnostics } = await compile(
    {
      pipeline: 'pipeline.yaml',
      configs: [],
      params: [],
      environment: {},
      git: () => ({ commit: '', branch: '', dirty: false }),
    },
    memoryFiles({ files, library: LIBRARY }),
  );
  expect(diagnostics.length).toBeGreaterThan(0);
  return diagnostics.flatMap(({ fixes }) => fixes.map(({ title }) => title));
}

test.each([
  ['steps: { a: { rum: x } }', 'write `run`'],
  ['stpes: { a: { run: x } }', 'write `steps`'],
  ['steps: { a: { run: x, network: bridg } }', 'write `bridge`'],
  ['steps: { a: { run: x, out: { o: metrcis } } }', 'write `metrics`'],
  ['steps: { a: { run: "echo ${{ parms.x }}" } }\nparams: { x: 1 }', 'write `params`'],
  ['steps: { a: { run: "echo ${{ git.comit }}" } }', 'write `commit`'],
  ['steps: { a: { run: "echo ${{ bsename(params.x) }}" } }\nparams: { x: y }', 'write `basename`'],
  ['steps: { a: { uses: train, with: { epochs: "5" } } }', 'write `5`'],
])('a misspelt word of the language is repaired: %s', async (text, title) => {
  expect(await repairsOf(text)).toContain(title);
});

test.each([
  'steps: { a: { run: x, in: { d: ./data/2024.csv } } }',
  'steps: { a: { run: x, files: [data/2024.csv] } }',
  'steps: { a: { run: x, files: ["dat/*.csv"] } }',
  'steps: { model-a: { run: x, out: { x: file } }, b: { run: x, in: { d: model-c.x } } }',
  'steps: { a: { run: x, out: { xy: file } }, b: { run: x, in: { d: a.xz } } }',
  'params: { rate-a: 1 }\nsteps: { a: { run: "echo ${{ params.rate-c }}" } }',
  'params: { lr: 1, lr1: 1 }\nsteps: { a: { run: "echo ${{ params.lr2 }}" } }',
  'steps: { a: { run: x, needs: [b] }, b: { run: x, needs: [aa] } }',
  'steps: { a: { uses: train, with: { mode: fastt } } }',
  'steps: { a: { uses: trian } }',
  'sluice: 2\nsteps: { a: { run: x } }',
])('a name that somebody has given is only suggested: %s', async text => {
  expect(await repairsOf(text)).toEqual([]);
});

test.each([
  'steps: { a: { uses: train, with: { epochs: "${{ matrix.i }}" }, matrix: { i: ["5", "6"] } } }',
  'params: { n: 4 }\nsteps: { a: { uses: train, with: { epochs: "${{ params.n }}0" } } }',
  'params: { n: "3" }\nsteps: { a: { uses: ./inner.yaml, with: { n: "${{ params.n }}" } } }',
  'params: { n: "3" }\nsteps: { a: { run: x, resources: { cpus: "${{ params.n }}" } } }',
])('a value does not take the place of the expression that gives it: %s', async text => {
  expect(await repairsOf(text)).toEqual([]);
});

test('of two words that are as near none is a repair', async () => {
  expect(await repairsOf('steps: { a: { run: x, ib: { d: ./data/2023.csv } } }')).toEqual([]);
});

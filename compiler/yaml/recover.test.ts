/** Several slips in the structure of one file, and what each of them leaves to be said. */
import { expect, test } from 'vitest';
import { codes, compileText } from '../testing/compile-text.ts';

const PIPELINE = `params:
  lr: 0.1
  size: { type: int, default: 4 }
steps:
  get:
    run: curl -o \${{ out.data }} example.org
    out: { data: file }
  prep:
    run: [python, prep.py, "\${{ in.raw }}"]
    in: { raw: get.data }
    out:
      table: dataset/table
  train:
    run: |
      python train.py --lr \${{ params.lr }}
      echo "done"
    in: { data: prep.table }
    matrix: { fold: [1, 2] }
    out: { model: model/onnx, scores: metrics }
  show:
    run: cat \${{ in.all }}
    in: { all: "train[*].scores" }
    if: \${{ params.size > 1 }}
    needs: [train]
outputs:
  table: prep.table
`;

test('the pipeline that is broken below is a good one', async () => {
  expect(codes(await compileText(PIPELINE))).toEqual([]);
});

test.each([
  ['a quote that is never closed', 'lr: 0.1', 'lr: "0.1'],
  ['a brace that is never closed', '{ data: file }', '{ data: file'],
  ['a bracket too many', 'needs: [train]', 'needs: [train]]'],
  ['a bracket that is never closed', 'needs: [train]', 'needs: [train'],
  ['a second colon', 'table: dataset/table', 'table: dataset: table'],
  ['a name without a colon', 'train:\n    run', 'train\n    run'],
  ['a key without a colon', 'run: cat', 'run cat'],
  ['a key without a space', 'out:\n', 'out:\n   - a\n'],
  ['a key too deep', '    matrix:', '      matrix:'],
  ['a key too far out', '    matrix:', '   matrix:'],
  ['a key in the first column', '    matrix:', 'matrix:'],
  ['the first key of a step in the first column', '    run: cat', 'run: cat'],
  ['the last key of a step in the first column', '    needs:', 'needs:'],
  ['a step too deep', '  show:', '   show:'],
  ['the first step too deep', '  get:\n', '    get:\n'],
  ['the first parameter in the first column', '  lr:', 'lr:'],
  ['a tab', '    in: { raw', '\tin: { raw'],
  ['a comma too few', 'file }', 'file other: file }'],
  ['a line break in a list', '[python, prep.py, "', '[python,\nprep.py, "'],
  ['two lines run together', '0.1\n  size', '0.1  size'],
  ['text of a command in the first column', '      echo "done"', 'echo done'],
  ['a list that goes on in the first column', '[1, 2]', '[1,\n2, 3'],
  ['braces that go on farther out', '{ fold: [1, 2] }', '{\n  fold: [1, 2]\n    }'],
  ['a line break too few', 'needs: [train]\noutputs', 'needs: [train]outputs'],
  ['a bracket too many in a list', 'needs: [train]', 'needs: [a, train[]'],
  [
    'an opening quote too few, and texts behind it',
    'prep.py, "${{ in.raw }}"',
    '${{ in.raw }}", "${{ in.raw }}"',
  ],
  ['an opening quote too few', '"${{ in.raw }}"', '${{ in.raw }}"'],
  ['a closing quote too few', '"${{ in.raw }}"', '"${{ in.raw }}'],
])('one mistake is one diagnostic: %s', async (_, good, bad) => {
  const broken = PIPELINE.replace(good, () => bad);
  expect(broken).not.toBe(PIPELINE);
  const found = codes(await compileText(broken));
  expect(found).toEqual([found[0]]);
});

test('slips in different entries are all found, and so is what is wrong between them', async () => {
  const broken = PIPELINE.replace('lr: 0.1', 'lr: "0.1')
    .replace('{ data: file }', '{ data: file')
    .replace('in: { raw: get.data }', 'in: { raw: gte.data }')
    .replace('needs: [train]', 'needs: [train]]');
  const { diagnostics } = await compileText(broken);
  expect(diagnostics.map(({ code, at }) => `${code} ${at?.line}`)).toEqual([
    'yaml-syntax 3',
    'yaml-syntax 8',
    'yaml-syntax 25',
    'unknown-step 11',
  ]);
  expect(diagnostics.at(-1)?.help).toBe('did you mean `get`?');
});

test('an anchor that is lost with its entry is not missed', async () => {
  const found = await compileText(
    'steps:\n  a:\n    run: x: y\n    env: &shared { A: 1 }\n  b:\n    run: x\n    env: *shared\n',
  );
  expect(codes(found)).toEqual(['yaml-syntax']);
});

test('what merges an anchor that is lost, or was never there, lacks nothing for certain', async () => {
  const steps = (run: string, alias: string) =>
    `steps:\n  a: &base\n    run: ${run}\n    out: { x: file }\n  b: { <<: *${alias} }\n  c:\n    <<: *${alias}\n    oot: {}\n  d: { run: x, in: { x: b.x, y: c.x } }\n`;
  expect(codes(await compileText(steps('"x', 'base')))).toEqual(['yaml-syntax', 'unknown-key']);
  expect(codes(await compileText(steps('x', 'bsae')))).toEqual([
    'unknown-alias',
    'unknown-alias',
    'unknown-key',
  ]);
});

test('of steps that cannot be read nobody says that they make nothing', async () => {
  const missing = 'steps:\n  a:\n    uses: ingest: 1\n  b: { uses: train }\n';
  const { diagnostics } = await compileText(missing);
  expect(diagnostics.map(({ help }) => help)).not.toContain(expect.stringContaining('no step'));
  expect(diagnostics.at(-1)).toMatchObject({ code: 'missing-input' });
  expect(diagnostics.at(-1)?.help).toBe('wire one: `in: { train: step.port }`');
});

test('a config with a slip still says the rest', async () => {
  const config = 'params:\n  lr: "0.2\n  siez: 3\nsteps:\n  show: { timeout: 1h }\n';
  const request = { configs: ['c'] };
  const found = await compileText(PIPELINE, request, { 'configs/c.yaml': config });
  expect(codes(found)).toEqual(['yaml-syntax', 'unknown-param']);
});

test('of a step manifest with a slip all slips are said, and nothing of who uses it', async () => {
  const manifest =
    'step: s\nversion: 1.0.0\nin:\n  a: file: x\n  b: file\nparams:\n  c: { type: int\nrun: [x]\n';
  const found = await compileText(
    'steps:\n  a: { uses: ./s, in: { z: ./s }, with: { y: 1 } }\n',
    {},
    { 's/step.yaml': manifest },
  );
  expect(codes(found)).toEqual(['yaml-syntax', 'yaml-syntax']);
});
